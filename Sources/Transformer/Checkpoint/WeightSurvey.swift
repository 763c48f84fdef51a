import Numerics
import Threads

/// Takes down which tensors a decoder asks of a checkpoint, and which of them it does not have as they must be.
///
/// It answers every question, so that one go over a decoder finds all that is missing. Its matrices must not be read,
/// and its vectors are empty.
final class WeightSurvey: WeightSource {
    /// What has been taken down.
    struct Findings {
        /// Names of the tensors asked for.
        fileprivate(set) var asked: Set<String> = []
        /// Numbers in the vectors, all of which stay in memory.
        fileprivate(set) var vectorNumbers = 0
        fileprivate(set) var problems: [CheckpointError] = []
    }

    /// After so many problems the survey is over: a checkpoint of another kind lacks every tensor.
    static let maximumProblems = 20

    private let checkpoint: Checkpoint
    private let state = Locked(Findings())

    init(of checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
    }

    var findings: Findings { state.withLock { $0 } }

    func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        do throws(CheckpointError) {
            let matrix = try checkpoint.matrix(name, outputs: outputs, inputs: inputs)
            state.withLock { _ = $0.asked.insert(name) }
            return matrix
        } catch {
            try take(error)
            return WeightMatrix(base: nowhere, element: .bfloat16, outputs: outputs, inputs: inputs)
        }
    }

    func table(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        try matrix(name, outputs: outputs, inputs: inputs)
    }

    func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        do throws(CheckpointError) {
            try checkpoint.check(name, shape: [count])
            state.withLock {
                $0.asked.insert(name)
                $0.vectorNumbers += count
            }
        } catch {
            try take(error)
        }
        return []
    }

    func release(_ matrices: [WeightMatrix]) {}

    func problem(
        at place: UnsafeRawPointer, columns: Int, holds what: String, because: String
    ) -> CheckpointError {
        checkpoint.problem(at: place, columns: columns, holds: what, because: because)
    }

    private func take(_ problem: CheckpointError) throws(CheckpointError) {
        let isLast = state.withLock { findings in
            findings.problems.append(problem)
            return findings.problems.count == Self.maximumProblems
        }
        if isLast { throw problem }
    }
}

/// An address that no process has: what is not there cannot be read by mistake.
private nonisolated(unsafe) let nowhere: UnsafeRawPointer = {
    guard let address = UnsafeRawPointer(bitPattern: UInt(1) << 55) else {
        preconditionFailure("that is not nil")
    }
    return address
}()
