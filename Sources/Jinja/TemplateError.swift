/// Why a template cannot be parsed or rendered.
public struct TemplateError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Invalid or unsupported syntax.
        case syntax
        /// An operation failed on its values.
        case evaluation
        /// The template refused the conversation with `raise_exception`.
        case raised
        /// A limit on steps, nesting or text was exceeded.
        case limit
    }

    public let kind: Kind
    /// The line in the template, from 1; 0 if no single line is at fault.
    public let line: Int
    /// What was wrong.
    ///
    /// For `raise_exception`, the template's own message.
    public let message: String

    public var description: String { line > 0 ? "line \(line): \(message)" : message }

    init(_ kind: Kind, line: Int = 0, _ message: String) {
        self.kind = kind
        self.line = line
        self.message = message
    }

    /// The error with this line, unless it already has one.
    func located(at line: Int) -> TemplateError {
        self.line > 0 ? self : TemplateError(kind, line: line, message)
    }

    /// A failed operation.
    ///
    /// Its line is added where the expression is known.
    static func evaluation(_ message: String) -> TemplateError {
        TemplateError(.evaluation, message)
    }
}
