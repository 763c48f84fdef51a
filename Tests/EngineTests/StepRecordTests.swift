import Engine
import ExpertRouting
import TestSupport
import Testing
import Tokenizers
import Transformer

@Suite struct `What a step records` {
    private static let rule = RoutingRule(groupSize: 32, capacity: CapacityRule(factor: 1))

    /// Runs requests that all come before the first step.
    private static func steps(
        of requests: [GenerationRequest], details: StepDetail = [], options: EngineOptions = .small,
        rule: RoutingRule = rule, inspect: (SequenceID, UnsafeBufferPointer<Float>) -> Void = { _, _ in }
    ) throws -> [Step] {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: options, details: details)
        for (index, request) in requests.enumerated() {
            engine.apply(.submit(SequenceID(rawValue: UInt64(index)), request, rule))
        }
        var steps: [Step] = []
        while !engine.isIdle {
            if let step = engine.step(inspect: inspect) { steps.append(step) }
        }
        return steps
    }

    private static func crowd(
        _ count: Int = 6, isolation: Isolation = .crossSequence
    ) throws -> [GenerationRequest] {
        try (0..<count).map {
            try .make(
                prompt: Prompts.random(count: 40 + $0, seed: UInt64($0)), maximumTokens: 8,
                isolation: isolation)
        }
    }

    @Test func `only steps that compute a token are numbered`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        #expect(engine.step() == nil)
        let id = SequenceID(rawValue: 0)
        engine.apply(.submit(id, try .make(maximumTokens: 5), .default))
        #expect(engine.step()?.number == 0)
        engine.apply(.cancel(id))
        #expect(engine.step() == nil)
        engine.apply(.submit(SequenceID(rawValue: 1), try .make(maximumTokens: 5), .default))
        #expect(engine.step()?.number == 1)
    }

    @Test func `details that no reader chose are empty`() throws {
        for step in try Self.steps(of: try Self.crowd()) {
            #expect(step.shares.isEmpty && step.fates.isEmpty && step.logitHashes.isEmpty)
        }
    }

    @Test func `shares cover every token of a sequence once in each pass`() throws {
        var options = EngineOptions.small
        options.sizes.stepTokens = 80
        options.sizes.cacheBlocks = 33
        options.sizes.cachesPrefixes = false
        let requests = try (0..<9).map {
            try GenerationRequest.make(
                prompt: Prompts.random(count: 60, seed: UInt64($0)), maximumTokens: 30,
                isolation: .perSequence)
        }
        let steps = try Self.steps(of: requests, details: [.shares], options: options)
        #expect(steps.reduce(0) { $0 + $1.preemptions } > 0)
        #expect(steps.allSatisfy { $0.shares.count == $0.sequenceCount && $0.rules == [Self.rule] })
        for step in steps {
            #expect(
                step.shares.reduce(0) { $0 + $1.positions.count } == step.promptTokens + step.generatedTokens)
        }
        let shares = steps.flatMap(\.shares)
        #expect(Set(shares.map(\.pass)).count > 1)
        for (id, ofOne) in Dictionary(grouping: shares, by: \.id) {
            for pass in 0...(ofOne.map(\.pass).max() ?? 0) {
                // A pass begins at the first position and leaves none out.
                let ranges = ofOne.filter { $0.pass == pass }.map(\.positions)
                #expect(ranges.first?.lowerBound == 0, "sequence \(id.rawValue), pass \(pass)")
                #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            }
            // The last token is never computed: nothing comes after it.
            #expect(ofOne.last?.positions.upperBound == 60 + 30 - 1)
        }
    }

    @Test(arguments: OverflowPolicy.allCases)
    func `every assignment that its expert did not compute has a fate that names the holders`(
        overflow: OverflowPolicy
    ) throws {
        var rule = Self.rule
        rule.overflow = overflow
        let requests = try Self.crowd() + Self.crowd(2, isolation: .perSequence)
        let steps = try Self.steps(of: requests, details: [.fates], rule: rule)
        let fates = steps.flatMap(\.fates)
        #expect(!fates.isEmpty)
        for step in steps {
            #expect(step.fates.count { $0.outcome == .lost } == step.droppedAssignments)
        }
        #expect(fates.contains { $0.outcome != .lost } == (overflow == .reroute))
        #expect(fates.contains { $0.isShared } && fates.contains { !$0.isShared })
        for fate in fates {
            #expect((0..<6).contains(fate.layer))
            #expect(!fate.holders.isEmpty && !fate.holders.contains(fate.token))
            #expect(Set(fate.holders).count == fate.holders.count)
            if !fate.isShared { #expect(fate.holders.allSatisfy { $0.id == fate.token.id }) }
            if case .rerouted(let expert) = fate.outcome { #expect(expert != fate.chosenExpert) }
        }
        #expect(fates.contains { fate in fate.holders.contains { $0.id != fate.token.id } })
    }

    @Test func `a hash of logits tells two rows apart, and is the same for the same row`() throws {
        var bits: [[UInt32]] = []
        let steps = try Self.steps(of: try Self.crowd(), details: [.logitHashes]) { _, logits in
            bits.append(logits.map(\.bitPattern))
        }
        let hashes = steps.flatMap(\.logitHashes)
        #expect(hashes.count == bits.count)
        #expect(Set(hashes.map(\.hash)).count == Set(bits).count)
        #expect(
            try Self.steps(of: try Self.crowd(), details: [.logitHashes]).flatMap(\.logitHashes) == hashes)
        #expect(hashes.first?.position == 40)
    }

    @Test func `recording changes no bit`() throws {
        func bits(_ details: StepDetail) throws -> [[UInt32]] {
            var bits: [[UInt32]] = []
            _ = try Self.steps(of: try Self.crowd(), details: details) { _, logits in
                bits.append(logits.map(\.bitPattern))
            }
            return bits
        }
        #expect(try bits([]) == bits([.shares, .fates, .logitHashes]))
    }
}
