import Engine
import OpenAI
import Transformer

/// One choice of a completion as it grows: tokens in, text and log-probabilities out.
struct ChoiceProgress {
    /// A token that has been reported, with the text it stands for.
    struct ReportedToken {
        let text: String
        let bytes: [UInt8]
        let logprob: Float
        let top: [(text: String, bytes: [UInt8], logprob: Float)]
        /// Where its text begins, in characters from the prompt's start.
        let offset: Int
    }

    /// What a token added that the client may see.
    struct News {
        var text = ""
        var tokens: [ReportedToken] = []
        /// A stop string was found: the rest is not wanted.
        var isStopped = false
    }

    private let tokenizer: Tokenizer
    private var assembler: TextAssembler
    private var matcher: StopMatcher
    private var heldTokens: [ReportedToken] = []
    private var offset: Int
    private(set) var tokenCount = 0
    /// `stop` or `length`, once the choice has ended.
    private(set) var finishReason: String?
    private(set) var summary = GenerationSummary()
    private(set) var isCancelled = false

    init(_ tokenizer: Tokenizer, stop: [String], promptLength: Int) {
        self.tokenizer = tokenizer
        assembler = TextAssembler(tokenizer)
        matcher = StopMatcher(stop)
        offset = promptLength
    }

    mutating func take(_ token: SampledToken) -> News {
        guard finishReason == nil else { return News() }
        tokenCount += 1
        let (text, isStopped) = matcher.append(assembler.append(token.token))
        if let logprob = token.logprob { report(token, logprob) }
        var news = News(text: text, isStopped: isStopped)
        if !text.isEmpty || isStopped {
            news.tokens = heldTokens
            heldTokens = []
        }
        if isStopped { finishReason = "stop" }
        return news
    }

    /// The sequence has ended in the engine; returns what was held back.
    mutating func end(_ reason: FinishReason, _ summary: GenerationSummary) -> News {
        self.summary = summary
        isCancelled = reason == .cancelled && finishReason == nil
        guard finishReason == nil, !isCancelled else { return News() }
        finishReason = reason == .length ? "length" : "stop"
        let (text, isStopped) = matcher.append(assembler.finish())
        let rest = isStopped ? text : text + matcher.finish()
        defer { heldTokens = [] }
        return News(text: rest, tokens: heldTokens)
    }

    private mutating func report(_ token: SampledToken, _ logprob: Float) {
        let bytes = tokenizer.bytes(of: token.token)
        let text = String(decoding: bytes, as: UTF8.self)
        heldTokens.append(
            ReportedToken(
                text: text, bytes: bytes, logprob: logprob,
                top: token.top.map {
                    let bytes = tokenizer.bytes(of: $0.token)
                    return (String(decoding: bytes, as: UTF8.self), bytes, $0.logprob)
                }, offset: offset))
        offset += text.unicodeScalars.count
    }
}

extension ChatLogprobs {
    init(_ tokens: [ChoiceProgress.ReportedToken]) {
        self.init(
            content: tokens.map { token in
                ChatLogprob(
                    .init(token: token.text, logprob: token.logprob, bytes: token.bytes),
                    top: token.top.map { .init(token: $0.text, logprob: $0.logprob, bytes: $0.bytes) })
            })
    }
}

extension CompletionLogprobs {
    init(_ tokens: [ChoiceProgress.ReportedToken]) {
        self.init()
        for token in tokens {
            append(
                token: token.text, logprob: token.logprob,
                // The chosen token is among them, likely or not.
                top: Dictionary(
                    [(token.text, token.logprob)] + token.top.map { ($0.text, $0.logprob) },
                    uniquingKeysWith: max),
                offset: token.offset)
        }
    }
}
