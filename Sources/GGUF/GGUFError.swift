/// Why a GGUF file cannot be used.
public struct GGUFError: Error, Hashable, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    /// Byte offset of the fault in the file; `nil` if it is not in one place.
    public let offset: Int?
    /// What is wrong and what to do, in one sentence.
    public let problem: String

    public init(_ path: String, at offset: Int? = nil, _ problem: String) {
        self.path = path
        self.offset = offset
        self.problem = problem
    }

    public var description: String { "\(path): \(place)\(problem)" }

    /// `byte 24: `, or nothing.
    public var place: String { offset.map { "byte \($0): " } ?? "" }
}
