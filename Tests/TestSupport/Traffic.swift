public import Engine
public import ExpertRouting
public import Threads
public import Tokenizers
public import Transformer

/// A request and the step before which it comes.
public struct Arrival: Sendable {
    public var step: Int
    public var request: GenerationRequest
    /// Where it is another one than that of the run.
    public var rule: RoutingRule?

    public init(step: Int = 0, _ request: GenerationRequest, under rule: RoutingRule? = nil) {
        self.step = step
        self.request = request
        self.rule = rule
    }
}

/// All that an engine said of one request: what the contracts compare.
public struct Transcript: Sendable, Equatable {
    public var tokens: [TokenID] = []
    /// The bits of every logit a token was chosen from, by token.
    public var logits: [[UInt32]] = []
    public var sampled: [SampledToken] = []
    public var finish: FinishReason?
    public var summary = GenerationSummary()

    /// The first token whose logits differ from another transcript's in any bit.
    public func firstDifference(from other: Transcript) -> Int? {
        if let index = zip(logits, other.logits).enumerated().first(where: { $1.0 != $1.1 })?.offset {
            return index
        }
        return logits.count == other.logits.count ? nil : min(logits.count, other.logits.count)
    }

    /// Bitwise the same response.
    public func isSameResponse(as other: Transcript) -> Bool {
        logits == other.logits && tokens == other.tokens && finish == other.finish
    }
}

/// Runs arrivals through a fresh engine to their ends; transcripts are in the order of `arrivals`.
public func run(
    _ arrivals: [Arrival], on model: Model, options: EngineOptions = .small, rule: RoutingRule = .default,
    workers: WorkerPool = WorkerPool(threadCount: 1)
) -> [Transcript] {
    var transcripts = [Transcript](repeating: Transcript(), count: arrivals.count)
    var engine = BatchEngine(model: model, options: options, workers: workers)
    var pending = Array(arrivals.indices).sorted { (arrivals[$0].step, $0) < (arrivals[$1].step, $1) }
    var number = 0
    while !engine.isIdle || !pending.isEmpty {
        while let next = pending.first, arrivals[next].step <= number {
            engine.apply(
                .submit(
                    SequenceID(rawValue: UInt64(next)), arrivals[next].request, arrivals[next].rule ?? rule))
            pending.removeFirst()
        }
        let step = engine.step { id, logits in
            transcripts[Int(id.rawValue)].logits.append(logits.map(\.bitPattern))
        }
        for emission in step?.emissions ?? [] {
            transcripts[Int(emission.id.rawValue)].record(emission.event)
        }
        number += 1
    }
    return transcripts
}

extension Transcript {
    fileprivate mutating func record(_ event: GenerationEvent) {
        switch event {
        case .prompt, .embedding: break
        case .token(let token):
            tokens.append(token.token)
            sampled.append(token)
        case .finished(let reason, let summary):
            finish = reason
            self.summary = summary
        }
    }
}

extension EngineOptions {
    /// An engine small enough to make several in a test.
    public static var small: EngineOptions {
        var options = EngineOptions(contextLength: 512)
        options.sizes.maximumRunning = 16
        return options
    }
}

extension GenerationRequest {
    /// A request of which a test says only what matters to it.
    public static func make(
        prompt: [TokenID] = Prompts.story, maximumTokens: Int = 24,
        sampling: Sampling = Sampling(temperature: 0),
        stopTokens: Set<TokenID> = [], isolation: Isolation = .crossSequence, topLogprobs: Int? = nil,
        constraint: TokenConstraint? = nil,
        limits: EngineLimits = EngineLimits(contextLength: 512, vocabularySize: 2048)
    ) throws -> GenerationRequest {
        try GenerationRequest(
            prompt: prompt, maximumTokens: maximumTokens, sampling: sampling, stopTokens: stopTokens,
            isolation: isolation, report: GenerationRequest.Report(topLogprobs: topLogprobs),
            constraint: constraint, limits: limits)
    }
}

/// Prompts as token ids: the engine knows no text.
public enum Prompts {
    /// A prompt of ordinary length.
    public static let story: [TokenID] = random(count: 48, seed: 7)

    /// Ids that mean nothing in particular, the same in every run.
    public static func random(count: Int, seed: UInt64, vocabulary: Int = 2048) -> [TokenID] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in TokenID(Int.random(in: 3..<vocabulary, using: &generator)) }
    }
}

/// Strangers' traffic: requests of varied length that come at varied steps.
public func strangers(
    _ count: Int, seed: UInt64, isolation: Isolation = .crossSequence, within steps: Int = 30
) throws -> [Arrival] {
    var generator = SplitMix64(seed: seed)
    return try (0..<count).map { index in
        Arrival(
            step: Int.random(in: 0..<max(1, steps), using: &generator),
            try .make(
                prompt: Prompts.random(
                    count: Int.random(in: 5..<90, using: &generator), seed: seed &* 1_000 &+ UInt64(index)),
                maximumTokens: Int.random(in: 5..<40, using: &generator), isolation: isolation))
    }
}
