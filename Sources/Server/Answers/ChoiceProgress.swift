import Engine
import OpenAI
import Tokenizers
import Transformer

/// One choice of a completion while it is generated: turns tokens into text and log-probabilities.
struct ChoiceProgress {
    /// A token as the answer reports it.
    struct ReportedToken {
        let text: String
        let bytes: [UInt8]
        /// `nil` for the first token of a prompt.
        let logprob: Float?
        let top: [(text: String, bytes: [UInt8], logprob: Float)]
        /// Where its text begins, in characters from the start of the prompt.
        let offset: Int
    }

    /// The part of a choice that is new since the last delta.
    struct Delta {
        var text = ""
        var tokens: [ReportedToken] = []
        var ids: [TokenID] = []
        /// A stop string was found: the sequence can be cancelled.
        var isStopped = false

        var isEmpty: Bool { text.isEmpty && tokens.isEmpty }
    }

    let prompt: AdmittedRequest.Prompt
    private let output: AdmittedRequest.OutputOptions
    private let tokenizer: Tokenizer
    private var assembler: TextAssembler
    private var matcher: StopMatcher
    private var held = Delta()
    private var offset: Int
    private(set) var tokenCount = 0
    /// Sum of the log-probabilities of the tokens that have one.
    private(set) var logprobSum: Double = 0
    /// The prompt's tokens but the first, with log-probabilities, if the request asks for them.
    private(set) var promptTokens: [SampledToken] = []
    /// The usage so far.
    var usage: Usage {
        Usage(promptTokens: prompt.tokens.count, completionTokens: tokenCount, cachedTokens: nil)
    }
    /// `stop` or `length`, once the choice has ended.
    private(set) var finishReason: String?
    private(set) var summary = GenerationSummary()
    private(set) var isCancelled = false

    init(
        _ tokenizer: Tokenizer, stop: [String], prompt: AdmittedRequest.Prompt,
        output: AdmittedRequest.OutputOptions
    ) {
        self.tokenizer = tokenizer
        self.prompt = prompt
        self.output = output
        assembler = TextAssembler(tokenizer)
        matcher = StopMatcher(stop, includesStop: output.includesStop)
        offset = output.echoes ? 0 : prompt.text.unicodeScalars.count
    }

    /// Returns what comes before the first generated token: with `echo`, the prompt.
    mutating func begin() -> Delta {
        guard output.echoes else { return Delta() }
        var delta = Delta(text: prompt.text)
        if output.reportsTokens, let first = prompt.tokens.first {
            delta.tokens = [reported(SampledToken(token: first))]
        }
        return delta
    }

    /// Takes the log-probabilities of the prompt's next tokens.
    mutating func take(prompt tokens: [SampledToken]) -> Delta {
        promptTokens += tokens
        return Delta(tokens: output.echoes && output.reportsTokens ? tokens.map { reported($0) } : [])
    }

    mutating func take(_ token: SampledToken) -> Delta {
        guard finishReason == nil else { return Delta() }
        tokenCount += 1
        logprobSum += Double(token.logprob ?? 0)
        let (text, isStopped) = matcher.append(assembler.append(token.token))
        held.ids.append(token.token)
        if output.reportsTokens { held.tokens.append(reported(token)) }
        var delta = Delta(text: text, isStopped: isStopped)
        if !text.isEmpty || isStopped { release(into: &delta) }
        if isStopped { finishReason = "stop" }
        return delta
    }

    /// The sequence has ended; returns the text that was held back.
    mutating func end(_ reason: FinishReason, _ summary: GenerationSummary) -> Delta {
        self.summary = summary
        isCancelled = reason == .cancelled && finishReason == nil
        guard finishReason == nil, !isCancelled else { return Delta() }
        finishReason = reason == .length ? "length" : "stop"
        let (text, isStopped) = matcher.append(assembler.finish())
        var delta = Delta(text: isStopped ? text : text + matcher.finish())
        release(into: &delta)
        return delta
    }

    private mutating func release(into delta: inout Delta) {
        delta.tokens = held.tokens
        delta.ids = held.ids
        held = Delta()
    }

    private mutating func reported(_ token: SampledToken) -> ReportedToken {
        let (text, bytes) = spelling(of: token.token)
        defer { offset += String(decoding: bytes, as: UTF8.self).unicodeScalars.count }
        return ReportedToken(
            text: text, bytes: bytes, logprob: token.logprob.map(\.reportable),
            top: token.top.map {
                let (text, bytes) = spelling(of: $0.token)
                return (text, bytes, $0.logprob.reportable)
            }, offset: offset)
    }

    private func spelling(of token: TokenID) -> (text: String, bytes: [UInt8]) {
        let bytes = tokenizer.bytes(of: token)
        return (output.namesTokensByID ? "token_id:\(token)" : String(decoding: bytes, as: UTF8.self), bytes)
    }
}

extension Float {
    /// At least -9999, as in OpenAI's API: JSON has no infinity.
    var reportable: Float { max(self, -9999) }
}

extension ChatLogprobs {
    init(_ tokens: [ChoiceProgress.ReportedToken]) {
        self.init(
            content: tokens.map { token in
                ChatLogprob(
                    .init(token: token.text, logprob: token.logprob ?? 0, bytes: token.bytes),
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
                // OpenAI's API lists the chosen token too, even if it is not among the likeliest.
                top: token.logprob.map { logprob in
                    Dictionary(
                        [(token.text, logprob)] + token.top.map { ($0.text, $0.logprob) },
                        uniquingKeysWith: max)
                },
                offset: token.offset)
        }
    }
}
