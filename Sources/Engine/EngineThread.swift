public import ExpertRouting
import Glibc
public import Threads
public import Transformer

/// Why an engine does not take a request now.
public enum EngineRefusal: Error, Hashable {
    case queueFull(limit: Int)
    case shuttingDown
}

/// The only thread that touches a `BatchEngine`, and its only clock.
public final class EngineThread: Sendable {
    public let model: Model
    public let options: EngineOptions
    private let mailbox: Mailbox
    private let hasEnded = Locked(false)

    /// What requests are checked against.
    public var limits: EngineLimits {
        EngineLimits(contextLength: options.contextLength, vocabularySize: model.config.vocabularySize)
    }

    /// Starts the thread.
    ///
    /// `workers`, which several engines may share, help with the loops of a step. `observer` hears of every step, on
    /// that thread, with the time the step took. `onDelivery` is called on the thread of the streams' `onEvent` when news has
    /// been told to several of them: what is dear and can be done for all at once has its place there.
    ///
    /// - Throws: `UnsuitableRule` where a step cannot hold a routing group of `rule`.
    public init(
        model: Model, options: EngineOptions, rule: RoutingRule,
        workers: WorkerPool = WorkerPool(threadCount: 1),
        observer: @escaping @Sendable (Step, _ elapsed: Duration) -> Void = { _, _ in },
        onDelivery: @escaping @Sendable () -> Void = {}
    ) throws(UnsuitableRule) {
        try options.check(rule)
        self.model = model
        self.options = options
        let mailbox = Mailbox(rule: rule, maximumQueued: options.sizes.maximumQueued)
        self.mailbox = mailbox
        let hasEnded = hasEnded
        startThread(.patient) {
            let engine = BatchEngine(model: model, options: options, workers: workers)
            run(
                engine, pace: options.sizes.pace, workers: workers, mailbox: mailbox,
                outbox: Outbox(onDelivery: onDelivery), observer: observer)
            hasEnded.withLock { $0 = true }
            hasEnded.signal()
        }
    }

    /// Queues a request; its events arrive in `stream`, the last one is `.finished`.
    public func submit(
        _ request: GenerationRequest, to stream: TokenStream
    ) throws(EngineRefusal) -> SequenceID {
        try mailbox.submit(request, to: stream)
    }

    /// Sequences submitted and not yet in a batch.
    public var queued: Int { mailbox.queued }

    /// Ends a sequence before the next step; an id that has ended is ignored.
    public func cancel(_ id: SequenceID) {
        mailbox.cancel(id)
    }

    /// The rule for requests submitted from now on; those in flight finish under the rule they came with.
    public var rule: RoutingRule { mailbox.rule }

    /// Changes the rule for requests submitted from now on.
    public func adopt(_ rule: RoutingRule) throws(UnsuitableRule) {
        try options.check(rule)
        mailbox.rule = rule
    }

    /// Accepts no more, cancels what runs or waits, and returns when the thread has ended.
    public func stop() {
        mailbox.close()
        hasEnded.wait {
            $0
        } then: { _ in
        }
    }
}

/// For how long at most a worker leaves its processor to those who bring a step's news out.
private let longestRest = Duration.milliseconds(3)

/// The engine thread's life: take what came, step, send the news, keep the pace.
private func run(
    _ engine: consuming BatchEngine, pace: Pace, workers: WorkerPool, mailbox: Mailbox, outbox: Outbox,
    observer: (Step, Duration) -> Void
) {
    var streams: [SequenceID: TokenStream] = [:]
    var sampled: [SequenceID: ContinuousClock.Instant] = [:]
    // An empty step tells the observer how large the engine is.
    observer(engine.step(), .zero)
    while true {
        let delivery = mailbox.collect(mayWait: engine.isIdle)
        for command in delivery.commands {
            switch command {
            case .submit(let id, let request, let rule, let stream):
                streams[id] = stream
                engine.submit(request, as: id, under: rule)
            case .cancel(let id):
                if let ending = engine.cancel(id) { outbox.send(streams.parcels(of: [ending])) }
            }
        }
        if delivery.isClosed { break }
        // Idle now means that what ran was cancelled: an empty step tells the observer so.
        let start = ContinuousClock.now
        sampled.removeAll(keepingCapacity: true)
        let step = engine.step { id, _ in sampled[id] = .now }
        mailbox.update(waiting: step.waiting)
        observer(step, ContinuousClock.now - start)
        if !step.emissions.isEmpty {
            workers.rest(for: longestRest)
            outbox.send(streams.parcels(of: step.emissions, sampled: sampled))
        }
        if step.sequenceCount > 0 {
            keep(pace, since: start, tokens: step.promptTokens + step.generatedTokens)
        }
    }
    for id in streams.keys {
        if let ending = engine.cancel(id) { outbox.send(streams.parcels(of: [ending])) }
    }
    outbox.finish()
}

extension [SequenceID: TokenStream] {
    /// Addresses news to their sequences' streams, and forgets each stream with its last event.
    ///
    /// `sampled`: when a token of each sequence was.
    fileprivate mutating func parcels(
        of emissions: [Step.Emission], sampled: [SequenceID: ContinuousClock.Instant] = [:]
    ) -> [Outbox.Parcel] {
        emissions.compactMap { emission in
            let stream = self[emission.id]
            var time: ContinuousClock.Instant?
            switch emission.event {
            case .token: time = sampled[emission.id]
            case .finished: self[emission.id] = nil
            case .prompt, .embedding: break
            }
            return stream.map {
                Outbox.Parcel(stream: $0, event: TimedEvent(event: emission.event, sampled: time))
            }
        }
    }
}

/// Sleeps for what is left of the least time a step takes.
private func keep(_ pace: Pace, since start: ContinuousClock.Instant, tokens: Int) {
    let rest = pace.perStep + pace.perToken * tokens - (ContinuousClock.now - start)
    guard rest > .zero else { return }
    let (seconds, attoseconds) = rest.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0 && errno == EINTR { time = left }
}
