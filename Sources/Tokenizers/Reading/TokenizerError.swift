/// Why a `tokenizer.json` cannot be used: the file, and what is wrong in it.
public struct TokenizerError: Error, Equatable, CustomStringConvertible {
    /// The file at fault.
    public let path: String
    /// What is wrong and what to do, one sentence.
    public let problem: String

    init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}
