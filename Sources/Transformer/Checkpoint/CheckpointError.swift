/// Why a checkpoint cannot be served.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
    /// The path of the file at fault.
    public let path: String
    /// What is wrong and what to do, in one sentence.
    public let problem: String

    public init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}
