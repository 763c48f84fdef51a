import Numerics
import Threads

/// Records which tensors a decoder requests, and which of them are missing or malformed.
///
/// Every request succeeds, so that one pass finds all problems. The matrices must not be read, and the vectors are
/// empty.
final class WeightSurvey: WeightSource {
    /// What was recorded.
    struct Findings {
        /// Names of the requested tensors.
        fileprivate(set) var asked: Set<String> = []
        /// Numbers in the vectors.
        ///
        /// Vectors stay in memory.
        fileprivate(set) var vectorNumbers = 0
        fileprivate(set) var problems: [CheckpointError] = []
    }

    /// The survey ends after this many problems: a checkpoint of another kind lacks every tensor.
    static let maximumProblems = 20

    private let weights: any WeightStore
    private let state = Locked(Findings())

    init(of weights: any WeightStore) {
        self.weights = weights
    }

    var findings: Findings { state.withLock { $0 } }

    func contains(_ name: String) -> Bool { weights.contains(name) }

    func element(of name: String, shape: [Int]) throws(CheckpointError) -> WeightMatrix.Element {
        try weights.element(of: name, shape: shape)
    }

    func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        do throws(CheckpointError) {
            let element = try weights.element(of: name, shape: [outputs, inputs])
            state.withLock { _ = $0.asked.insert(name) }
            return WeightMatrix(base: nowhere, element: element, outputs: outputs, inputs: inputs)
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
            _ = try weights.element(of: name, shape: [count])
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
        weights.problem(at: place, columns: columns, holds: what, because: because)
    }

    private func take(_ problem: CheckpointError) throws(CheckpointError) {
        let isLast = state.withLock { findings in
            findings.problems.append(problem)
            return findings.problems.count == Self.maximumProblems
        }
        if isLast { throw problem }
    }
}

/// An address that no process can have, so that an accidental read fails.
private nonisolated(unsafe) let nowhere: UnsafeRawPointer = {
    guard let address = UnsafeRawPointer(bitPattern: UInt(1) << 55) else {
        preconditionFailure("that is not nil")
    }
    return address
}()
