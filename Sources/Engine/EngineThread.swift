public import ExpertRouting
public import Transformer

/// Sizes of an engine.
public struct EngineOptions: Sendable, Hashable {
    /// Prompt + completion tokens one sequence may have.
    public var contextLength: Int
    /// Tokens per step, at most.
    public var stepTokens: Int = 512
    /// Sequences per step, at most.
    public var maximumRunning: Int = 64
    /// Sequences waiting, at most; beyond it `submit` refuses.
    public var maximumQueued: Int = 1024
    /// KV blocks of 16 tokens; `nil`: enough for `maximumRunning` full contexts, up to 256 MiB.
    public var cacheBlocks: Int? = nil
    public var pace: Pace = Pace()
    public init(contextLength: Int) { self.contextLength = contextLength }
}

/// The least time a step takes.
public struct Pace: Sendable, Hashable {
    public var perStep: Duration = .zero
    public var perToken: Duration = .zero
    public init(perStep: Duration = .zero, perToken: Duration = .zero) {
        self.perStep = perStep
        self.perToken = perToken
    }
}

public struct SequenceID: Sendable, Hashable {
    public let rawValue: UInt64
}

public enum EngineRefusal: Error, Hashable {
    case queueFull(limit: Int)
    case shuttingDown
}

/// The only thread that touches a `BatchEngine`, and its only clock.
public final class EngineThread: Sendable {
    public let model: Model
    public let options: EngineOptions
    public var limits: EngineLimits { fatalError("stub") }

    /// `observer` hears of every step, on the engine thread.
    public init(
        name: String, model: Model, options: EngineOptions, rule: RoutingRule,
        observer: @escaping @Sendable (Step, _ elapsed: Duration) -> Void = { _, _ in }
    ) { fatalError("stub") }

    /// Queues a request; its events arrive in `stream`, the last one is `.finished`.
    public func submit(_ request: GenerationRequest, to stream: TokenStream) throws(EngineRefusal) -> SequenceID { fatalError("stub") }
    /// Ends a sequence at the next step (`.finished(.cancelled, …)`); unknown or ended ids are ignored.
    public func cancel(_ id: SequenceID) { fatalError("stub") }

    /// The rule for requests submitted from now on. Those in flight finish under the rule they came with.
    public var rule: RoutingRule {
        get { fatalError("stub") }
        set { fatalError("stub") }
    }
    /// Stops accepting, cancels what runs, and returns when the thread has ended.
    public func stop() { fatalError("stub") }
}
