import FoundationEssentials
import JSON

/// Maximum size of a JSON text: the safetensors format's limit for headers.
let maximumJSONBytes = 100_000_000

extension Document {
    /// Decodes the text, or a part of it, as JSON.
    ///
    /// Errors name the field.
    ///
    /// Duplicate keys in an object are an error.
    func decodeJSON<Value: Decodable>(
        _ type: Value.Type, in range: Range<Int>? = nil
    ) throws(CheckpointError) -> Value {
        let text = bytes[range ?? 0..<bytes.count]
        try checkJSONSize(text.count)
        if let name = try parse(text).firstRepeatedName {
            throw CheckpointError(path, "has `\(name)` twice in one object: which is meant?")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(text))
        } catch let error as DecodingError {
            throw CheckpointError(path, Self.problem(error))
        } catch {
            throw CheckpointError(path, "is not valid JSON: \(error)")
        }
    }

    /// - Throws: If `count` bytes of JSON, by default the whole text, exceed the limit.
    func checkJSONSize(_ count: Int? = nil) throws(CheckpointError) {
        let count = count ?? bytes.count
        guard count <= maximumJSONBytes else {
            throw CheckpointError(path, "holds \(count) bytes of JSON; the limit is \(maximumJSONBytes)")
        }
    }

    /// The text as JSON.
    func json() throws(CheckpointError) -> JSONValue {
        try checkJSONSize()
        return try parse(bytes[0..<bytes.count])
    }

    private func parse(_ text: Slice<UnsafeRawBufferPointer>) throws(CheckpointError) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: text))
        } catch {
            throw CheckpointError(path, "is not valid JSON: \(error)")
        }
    }

    private static func problem(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            return "`\(name(context.codingPath + [key]))` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "`\(name(context.codingPath))`: \(context.debugDescription)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // The decoder does not report the place.
            return "has a number that does not fit its field"
        case .dataCorrupted(let context):
            return "`\(name(context.codingPath))`: \(context.debugDescription)"
        @unknown default:
            return "is not valid JSON: \(error)"
        }
    }

    private static func name(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "the top level" : path.map(\.stringValue).joined(separator: ".")
    }
}
