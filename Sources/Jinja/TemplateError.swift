/// Why a template cannot be parsed, or a conversation cannot be rendered with it.
public struct TemplateError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The template is not in the dialect, or asks for what is not supported.
        case syntax
        /// An operation failed on the values it was given.
        case evaluation
        /// The template refused the conversation by calling `raise_exception`.
        case raised
        /// The template took more steps, depth or text than it may.
        case limit
    }

    public let kind: Kind
    /// The line of the template, from 1; 0 where no single line is at fault.
    public let line: Int
    /// What was wrong; of `raise_exception`, its message as the template wrote it.
    public let message: String

    public var description: String { line > 0 ? "line \(line): \(message)" : message }

    init(_ kind: Kind, line: Int = 0, _ message: String) {
        self.kind = kind
        self.line = line
        self.message = message
    }

    /// The error at `line`, unless it has a line already.
    func located(at line: Int) -> TemplateError {
        self.line > 0 ? self : TemplateError(kind, line: line, message)
    }

    /// An operation that failed; its line is added where the expression is known.
    static func evaluation(_ message: String) -> TemplateError {
        TemplateError(.evaluation, message)
    }
}
