/// A part of a JSON file that knows where it stands, for errors that say so.
struct JSONNode {
    let value: JSONValue
    /// From the top, as in `model.vocab`; empty at the top.
    let path: String
    /// The file's path.
    let file: String

    /// Reads a file.
    static func contents(of path: String) throws(CheckpointError) -> JSONNode {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= MappedFile.maximumJSONBytes else {
            throw CheckpointError(
                path, "holds \(file.bytes.count) bytes of JSON; the limit is \(MappedFile.maximumJSONBytes)")
        }
        do throws(JSONSyntaxError) {
            return JSONNode(value: try JSONParser.parse(file.bytes), path: "", file: path)
        } catch {
            throw CheckpointError(path, "is not valid JSON: it \(error.problem) at byte \(error.offset)")
        }
    }

    func error(_ problem: String) -> CheckpointError {
        CheckpointError(file, "`\(path.isEmpty ? "the top level" : path)` \(problem)")
    }

    /// `wanted`: what would have been right, as in `a string`.
    private func wrong(_ wanted: String) -> CheckpointError {
        error("is \(value.kind); it must be \(wanted)")
    }

    /// The element of an object; `nil` where it is missing or null.
    func optional(_ key: String) throws(CheckpointError) -> JSONNode? {
        guard case .object(let items) = value else { throw wrong("an object") }
        // As elsewhere: of two equal keys, the last counts.
        guard let item = items.last(where: { $0.key == key }) else { return nil }
        if case .null = item.value { return nil }
        return child(key, item.value)
    }

    func required(_ key: String) throws(CheckpointError) -> JSONNode {
        guard let node = try optional(key) else {
            throw CheckpointError(file, "`\(child(key, .null).path)` is missing")
        }
        return node
    }

    private func child(_ key: String, _ value: JSONValue) -> JSONNode {
        JSONNode(value: value, path: path.isEmpty ? key : path + "." + key, file: file)
    }

    func text() throws(CheckpointError) -> String {
        guard case .text(let text) = value else { throw wrong("a string") }
        return text
    }

    /// A string of one Unicode scalar.
    func scalar() throws(CheckpointError) -> Unicode.Scalar {
        let scalars = try text().unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { throw error("must be one character") }
        return scalar
    }

    func flag() throws(CheckpointError) -> Bool {
        guard case .flag(let flag) = value else { throw wrong("true or false") }
        return flag
    }

    func number() throws(CheckpointError) -> Double {
        guard case .number(let number) = value else { throw wrong("a number") }
        return number
    }

    func integer(in range: Range<Int>) throws(CheckpointError) -> Int {
        guard case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer)
        else { throw wrong("a whole number in \(range.lowerBound) ..< \(range.upperBound)") }
        return integer
    }

    func elements() throws(CheckpointError) -> [JSONNode] {
        guard case .list(let values) = value else { throw wrong("an array") }
        return values.enumerated().map { child(String($0.offset), $0.element) }
    }

    func items() throws(CheckpointError) -> [(key: String, node: JSONNode)] {
        guard case .object(let items) = value else { throw wrong("an object") }
        return items.map { ($0.key, child($0.key, $0.value)) }
    }

    func flag(_ key: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        try optional(key)?.flag() ?? fallback
    }

    /// The error for a stage of a kind that is not supported.
    func unsupported(_ type: String, supported: [String]) -> CheckpointError {
        error("is \(type), which is not supported; supported are \(supported.joined(separator: ", "))")
    }
}
