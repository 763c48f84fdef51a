/// Why a `tokenizer.json` cannot be used.
public struct TokenizerError: Error, Equatable, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    /// What is wrong and what to do, in one sentence.
    public let problem: String

    init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}
