/// Why a checkpoint cannot be served: what was wrong and where.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
    /// The file at fault.
    public let path: String
    /// What is wrong and what to do, one sentence.
    public let problem: String

    public init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}
