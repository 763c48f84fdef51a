import ExpertRouting
import Numerics
public import Threads
public import Transformer

/// Continuous batching over one model: sequences join and leave between steps.
///
/// A value: no thread, no clock, no IO. The same commands applied between the same steps give bitwise the same
/// logits.
public struct BatchEngine: ~Copyable {
    private var runner: ModelRunner
    private var scheduler: Scheduler
    private var sampler: Sampler
    private let clock: PhaseClock?
    private let prefixes: PrefixPolicy?
    private let details: StepDetail
    /// Number of the next step that computes a token.
    private var stepNumber = 0
    /// Preemptions since the last step that computed a token.
    private var preemptions = 0

    /// An engine with nothing to do.
    ///
    /// `workers` run the loops of a step in parallel; their number changes no bit. `clock` measures the phases of a step.
    /// `details` selects what steps record besides counts.
    ///
    /// - Precondition: a step has room for a routing group of every rule submitted: see `EngineOptions.check(_:)`.
    public init(
        model: Model, options: EngineOptions, workers: WorkerPool = WorkerPool(threadCount: 1),
        clock: PhaseClock? = nil, details: StepDetail = []
    ) {
        self.clock = clock
        self.details = details
        let blocks = options.blockCount(for: model.config)
        runner = ModelRunner(
            model: model, stepTokens: options.sizes.stepTokens, sequences: options.sizes.maximumRunning,
            contextLength: options.contextLength, blocks: blocks, workers: workers, clock: clock)
        runner.recordsFates = details.contains(.fates)
        sampler = Sampler(kernels: model.kernels)
        // If a row's bits depend on the batch, a cached block may differ from one computed now.
        let isInvariant = model.numerics == .invariant || model.numerics == .fast
        prefixes =
            options.sizes.cachesPrefixes && isInvariant
            ? PrefixPolicy(isSparse: model.config.experts != nil) : nil
        scheduler = Scheduler(
            stepTokens: options.sizes.stepTokens, maximumRunning: options.sizes.maximumRunning, blocks: blocks
        )
    }

    /// Whether no sequence is running or waiting.
    public var isIdle: Bool { scheduler.isIdle }

    /// How full the engine is.
    public var occupancy: EngineOccupancy {
        var occupancy = EngineOccupancy(totalBlocks: scheduler.blocks.total)
        occupancy.running = scheduler.running.count
        occupancy.waiting = scheduler.waiting.count
        occupancy.freeBlocks = scheduler.blocks.freeCount
        return occupancy
    }

    /// The sequences that have not ended, in no particular order.
    public var sequenceIDs: [SequenceID] { (scheduler.running + scheduler.waiting).map(\.id) }

    /// Queues a request, or cancels a sequence and frees its blocks.
    ///
    /// A queued request joins the batch as soon as there is room.
    ///
    /// - Returns: The ending of a cancelled sequence; `nil` if it has already ended.
    @discardableResult
    public mutating func apply(_ command: EngineCommand) -> Step.Emission? {
        switch command {
        case .submit(let id, let request, let rule):
            scheduler.enqueue(
                LiveSequence(
                    id: id, request: request, rule: rule,
                    domain: prefixes?.domain(of: request, under: rule)))
            return nil
        case .cancel(let id):
            return scheduler.remove(id).map {
                Step.Emission(id: id, event: .finished(.cancelled, $0.summary))
            }
        }
    }

    /// Runs one forward pass over the batch and samples the next token of each sequence whose tokens are all computed.
    ///
    /// `inspect` gets the logits of each such sequence before its token is chosen.
    ///
    /// - Returns: `nil` if there was no token to compute.
    public mutating func step(
        inspect: (SequenceID, UnsafeBufferPointer<Float>) -> Void = { _, _ in }
    ) -> Step? {
        clock?.enter(.scheduling)
        defer { clock?.enter(nil) }
        let (shares, preemptions) = scheduler.schedule()
        self.preemptions += preemptions
        guard !shares.isEmpty else { return nil }
        var step = Step(number: stepNumber)
        stepNumber += 1
        step.preemptions = self.preemptions
        self.preemptions = 0
        (step.prefixQueries, step.prefixHits) = scheduler.prefixes
        let batch = StepBatch(
            number: step.number,
            chunks: shares.map { scheduler.running[$0.index].chunk(length: $0.length) })
        let plans = runner.forward(batch)
        clock?.enter(.scheduling)
        count(batch, plans, shares: shares, in: &step)
        record(batch, plans, shares: shares, in: &step)
        clock?.enter(.sampling)
        let endings = sample(shares, in: &step, inspect: inspect)
        report(shares, in: &step)
        finish(endings, in: &step)
        return step
    }

    /// Counts the batch and attributes every dropped assignment to its sequence.
    private mutating func count(
        _ batch: StepBatch, _ plans: [RoutingPlan], shares: [Scheduler.Share], in step: inout Step
    ) {
        step.sequenceCount = shares.count
        step.rules = batch.rules
        var owners: [Int] = []
        for (share, chunk) in zip(shares, batch.chunks) {
            let prompt = min(chunk.tokens.count, max(0, chunk.promptCount - chunk.firstPosition))
            step.promptTokens += prompt
            step.generatedTokens += chunk.tokens.count - prompt
            owners.append(contentsOf: repeatElement(share.index, count: chunk.tokens.count))
        }
        step.expertPasses = runner.expertPasses
        for plan in plans {
            step.assignments += plan.kept.count + plan.dropped.count
            step.droppedAssignments += plan.dropped.count
            for lost in plan.dropped {
                scheduler.update(owners[lost.token]) { $0.summary.droppedAssignments += 1 }
            }
        }
        step.mixedGroups = (plans.first?.groups ?? []).count { group in
            guard case .shared = group.kind, let first = group.tokens.first else { return false }
            return group.tokens.contains { owners[$0] != owners[first] }
        }
        guard shares.count > 1 else { return }
        for share in shares { scheduler.update(share.index) { $0.summary.sharedSteps += 1 } }
    }

    /// Records shares and fates, if `details` selects them.
    private func record(
        _ batch: StepBatch, _ plans: [RoutingPlan], shares: [Scheduler.Share], in step: inout Step
    ) {
        if details.contains(.shares) {
            step.shares = zip(shares, batch.chunks).map { share, chunk in
                let sequence = scheduler.running[share.index]
                return Step.Share(
                    id: sequence.id,
                    positions: chunk.firstPosition..<chunk.firstPosition + chunk.tokens.count,
                    pass: sequence.summary.preemptions, rule: batch.rules.firstIndex(of: chunk.rule) ?? 0)
            }
        }
        guard details.contains(.fates) else { return }
        let ids = shares.map { scheduler.running[$0.index].id }
        func place(_ token: Int) -> Step.TokenPlace {
            let token = batch.tokens[token]
            return Step.TokenPlace(id: ids[token.sequence], position: token.position)
        }
        for (plan, layer) in zip(plans, runner.sparseLayers) {
            for fate in plan.fates {
                step.fates.append(
                    Step.AssignmentFate(
                        layer: layer, token: place(fate.token), choice: fate.choice,
                        chosenExpert: fate.chosenExpert, outcome: fate.outcome,
                        isShared: plan.groups[fate.group].kind == .shared, holders: fate.holders.map(place)))
            }
        }
    }

    /// Advances each sequence.
    ///
    /// Where all tokens are computed, samples the next one, which may end the sequence.
    private mutating func sample(
        _ shares: [Scheduler.Share], in step: inout Step,
        inspect: (SequenceID, UnsafeBufferPointer<Float>) -> Void
    ) -> [(id: SequenceID, reason: FinishReason, summary: GenerationSummary)] {
        var row = 0
        var ended: [(SequenceID, FinishReason, GenerationSummary)] = []
        for share in shares {
            let isDue = scheduler.update(share.index) { $0.advance(by: share.length) }
            scheduler.publish(share.index)
            guard isDue else { continue }
            let id = scheduler.running[share.index].id
            guard scheduler.running[share.index].request.maximumTokens > 0 else {
                ended.append((id, .length, scheduler.running[share.index].summary))
                continue
            }
            let logits = runner.logits(row)
            if details.contains(.logitHashes) {
                step.logitHashes.append(
                    Step.LogitsHash(
                        id: id, position: scheduler.running[share.index].tokens.count,
                        hash: runner.logitsHash(row)))
            }
            row += 1
            inspect(id, logits)
            let sampled = sampler.sample(logits, for: scheduler.running[share.index])
            let finish = scheduler.update(share.index) { $0.append(sampled.token) }
            if finish != .stop { step.emissions.append(.init(id: id, event: .token(sampled))) }
            if let finish { ended.append((id, finish, scheduler.running[share.index].summary)) }
        }
        return ended
    }

    /// Reports log-probabilities and embeddings of the prompt tokens that this step computed.
    ///
    /// Runs last because it reuses the memory of the logits. Its events come first because the prompt does.
    private mutating func report(_ shares: [Scheduler.Share], in step: inout Step) {
        var row = 0
        var reports: [Step.Emission] = []
        for share in shares {
            defer { row += share.length }
            guard scheduler.running[share.index].request.report.isOnPrompt else { continue }
            let sequence = scheduler.running[share.index]
            let computed = sequence.computedCount - share.length..<sequence.computedCount
            let end = sequence.request.prompt.count
            let positions = computed.clamped(to: min(sequence.reportedCount, end)..<end)
            guard !positions.isEmpty else { continue }
            let offset = row - computed.lowerBound
            let rows = positions.lowerBound + offset..<positions.upperBound + offset
            if let top = sequence.request.report.promptLogprobs {
                let prompt = sequence.request.prompt
                var tokens: [SampledToken] = []
                for (row, position) in zip(rows, positions) where position + 1 < prompt.count {
                    tokens.append(
                        sampler.likelihood(
                            of: prompt[position + 1], in: runner.logits(afterRow: row), topLogprobs: top))
                }
                if !tokens.isEmpty { reports.append(.init(id: sequence.id, event: .prompt(tokens))) }
            }
            if sequence.request.report.wantsEmbedding {
                reports += embed(share.index, rows: rows, isLast: positions.upperBound == end)
            }
            scheduler.update(share.index) { $0.reportedCount = positions.upperBound }
        }
        if !reports.isEmpty { step.emissions = reports + step.emissions }
    }

    /// Adds rows to a sequence's sum of hidden states; returns the mean when the prompt is complete.
    private mutating func embed(_ index: Int, rows: Range<Int>, isLast: Bool) -> [Step.Emission] {
        var sum = scheduler.running[index].hiddenSum
        for row in rows {
            let hidden = runner.lastHidden(row)
            if sum.isEmpty { sum = [Float](repeating: 0, count: hidden.count) }
            for (component, value) in hidden.enumerated() { sum[component] += value }
        }
        scheduler.update(index) { $0.hiddenSum = sum }
        guard isLast else { return [] }
        let sequence = scheduler.running[index]
        let count = Float(sequence.request.prompt.count)
        return [Step.Emission(id: sequence.id, event: .embedding(sum.map { $0 / count }))]
    }

    private mutating func finish(
        _ endings: [(id: SequenceID, reason: FinishReason, summary: GenerationSummary)],
        in step: inout Step
    ) {
        for (id, reason, summary) in endings {
            step.emissions.append(.init(id: id, event: .finished(reason, summary)))
            _ = scheduler.remove(id)
        }
    }
}
