public import ExpertRouting
import Glibc
public import Threads
public import Transformer

/// Why an engine refuses a request.
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
    /// Several engines may share `workers`. `readers` get the engine's records.
    ///
    /// - Throws: `UnsuitableRule` if a step cannot hold a routing group of `rule`.
    public init(
        model: Model, options: EngineOptions, rule: RoutingRule,
        workers: WorkerPool = WorkerPool(threadCount: 1), readers: EngineReaders = EngineReaders()
    ) throws(UnsuitableRule) {
        try options.check(rule)
        self.model = model
        self.options = options
        let mailbox = Mailbox(rule: rule, maximumQueued: options.sizes.maximumQueued)
        self.mailbox = mailbox
        let hasEnded = hasEnded
        startThread(.patient) {
            let engine = BatchEngine(
                model: model, options: options, workers: workers, details: readers.details)
            run(engine, pace: options.sizes.pace, mailbox: mailbox, readers: readers)
            hasEnded.withLock { $0 = true }
            hasEnded.signal()
        }
    }

    /// The occupancy before the first request.
    public var emptyOccupancy: EngineOccupancy {
        EngineOccupancy(totalBlocks: options.blockCount(for: model.config))
    }

    /// Queues a request.
    ///
    /// `receive` gets its events; the last one is `.finished`.
    public func submit(
        _ request: GenerationRequest, receive: @escaping EventReceiver
    ) throws(EngineRefusal) -> SequenceID {
        try mailbox.submit(request, receive: receive)
    }

    /// Sequences submitted and not yet in a batch.
    public var queued: Int { mailbox.queued }

    /// Ends a sequence before the next step; an id that has ended is ignored.
    public func cancel(_ id: SequenceID) {
        mailbox.cancel(id)
    }

    /// The rule for new requests.
    ///
    /// Requests in flight keep the rule they came with.
    public var rule: RoutingRule { mailbox.rule }

    /// Changes the rule for new requests.
    public func adopt(_ rule: RoutingRule) throws(UnsuitableRule) {
        try options.check(rule)
        mailbox.rule = rule
    }

    /// Refuses new requests, cancels running and waiting ones, and returns when the thread has ended.
    public func stop() {
        mailbox.close()
        hasEnded.wait {
            $0
        } then: { _ in
        }
    }
}

/// The engine thread's loop: apply commands, run a step, pass the record on, keep the pace.
private func run(
    _ engine: consuming BatchEngine, pace: Pace, mailbox: Mailbox, readers: EngineReaders
) {
    let outbox = Outbox(readers)
    while true {
        let delivery = mailbox.collect(mayWait: engine.isIdle)
        let endings = delivery.commands.compactMap { engine.apply($0) }
        if delivery.isClosed {
            let left = engine.sequenceIDs.map { EngineCommand.cancel($0) }
            let record = EngineRecord(
                commands: delivery.commands + left, endings: endings + left.compactMap { engine.apply($0) },
                step: nil, elapsed: .zero, occupancy: engine.occupancy)
            outbox.send(Outbox.Item(record: record, receivers: delivery.receivers, sampled: []))
            break
        }
        let start = ContinuousClock.now
        var sampled: [(id: SequenceID, time: ContinuousClock.Instant)] = []
        let step = engine.step { id, _ in sampled.append((id, .now)) }
        let record = EngineRecord(
            commands: delivery.commands, endings: endings, step: step, elapsed: .now - start,
            occupancy: engine.occupancy)
        mailbox.update(waiting: record.occupancy.waiting)
        guard step != nil || !delivery.commands.isEmpty else { continue }
        if step?.emissions.isEmpty == false { readers.window?.open() }
        outbox.send(Outbox.Item(record: record, receivers: delivery.receivers, sampled: sampled))
        if let step { keep(pace, since: start, tokens: step.promptTokens + step.generatedTokens) }
    }
    outbox.finish()
}

/// Sleeps until the minimum duration of the step is over.
private func keep(_ pace: Pace, since start: ContinuousClock.Instant, tokens: Int) {
    let rest = pace.perStep + pace.perToken * tokens - (ContinuousClock.now - start)
    guard rest > .zero else { return }
    let (seconds, attoseconds) = rest.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0 && errno == EINTR { time = left }
}
