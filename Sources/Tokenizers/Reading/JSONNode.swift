import JSON

/// A JSON value that knows its place in the file, for error messages.
struct JSONNode {
    let value: JSONValue
    /// Path from the top, such as `model.vocab`; empty at the top.
    let path: String
    /// The file's path.
    let file: String

    /// Parses the text of the file at `path`.
    static func top(_ text: UnsafeRawBufferPointer, of path: String) throws(TokenizerError) -> JSONNode {
        do throws(JSONSyntaxError) {
            return JSONNode(value: try JSONValue(parsing: text), path: "", file: path)
        } catch {
            throw TokenizerError(path, "is not valid JSON: \(error)")
        }
    }

    func error(_ problem: String) -> TokenizerError {
        TokenizerError(file, "`\(path.isEmpty ? "the top level" : path)` \(problem)")
    }

    /// `wanted`: what was expected, such as `a string`.
    private func wrong(_ wanted: String) -> TokenizerError {
        error("is \(value.inWords); it must be \(wanted)")
    }

    /// A member of an object; `nil` if it is missing or null.
    func optional(_ key: String) throws(TokenizerError) -> JSONNode? {
        guard case .object(let items) = value else { throw wrong("an object") }
        guard let item = items[key], item != .null else { return nil }
        return child(key, item)
    }

    func required(_ key: String) throws(TokenizerError) -> JSONNode {
        guard let node = try optional(key) else {
            throw TokenizerError(file, "`\(child(key, .null).path)` is missing")
        }
        return node
    }

    private func child(_ key: String, _ value: JSONValue) -> JSONNode {
        JSONNode(value: value, path: path.isEmpty ? key : path + "." + key, file: file)
    }

    func text() throws(TokenizerError) -> String {
        guard case .string(let text) = value else { throw wrong("a string") }
        return text
    }

    /// A string of one Unicode scalar.
    func scalar() throws(TokenizerError) -> Unicode.Scalar {
        let scalars = try text().unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { throw error("must be one character") }
        return scalar
    }

    func flag() throws(TokenizerError) -> Bool {
        guard case .bool(let flag) = value else { throw wrong("true or false") }
        return flag
    }

    func number() throws(TokenizerError) -> Double {
        switch value {
        case .integer(let integer): return Double(integer)
        case .number(let number): return number
        default: throw wrong("a number")
        }
    }

    func integer(in range: Range<Int>) throws(TokenizerError) -> Int {
        guard let integer = Int(exactly: try number()), range.contains(integer)
        else { throw wrong("a whole number in \(range.lowerBound) ..< \(range.upperBound)") }
        return integer
    }

    func elements() throws(TokenizerError) -> [JSONNode] {
        guard case .array(let values) = value else { throw wrong("an array") }
        return values.enumerated().map { child(String($0.offset), $0.element) }
    }

    func items() throws(TokenizerError) -> [(key: String, node: JSONNode)] {
        guard case .object(let items) = value else { throw wrong("an object") }
        return items.map { ($0.name, child($0.name, $0.value)) }
    }

    func flag(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
        try optional(key)?.flag() ?? fallback
    }

    /// The error for a stage of an unsupported kind.
    func unsupported(_ type: String, supported: [String]) -> TokenizerError {
        error("is \(type), which is not supported; supported are \(supported.joined(separator: ", "))")
    }
}

extension JSONValue {
    /// The kind of JSON value, in words.
    var inWords: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
