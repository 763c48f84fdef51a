public import JSON

/// Why a request body is refused: the `message`, `param` and `code` of the error.
public struct InvalidField: Error, Sendable, Hashable {
    public let message: String
    public let param: String?
    public let code: String?

    public init(_ message: String, param: String? = nil, code: String? = nil) {
        self.message = message
        self.param = param
        self.code = code
    }
}

/// Reads typed fields of a request's JSON object.
///
/// A null field counts as absent.
public struct RequestFields {
    private let values: [String: JSONValue]
    /// Place of the object in the body, such as `tools[0].function`; empty for the body itself.
    private let place: String

    /// - Throws: If the body is no JSON object, or contains a field that is not in `known`.
    public init(body: [UInt8], known: Set<String>) throws(InvalidField) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: body)
        } catch {
            throw InvalidField(
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The Jostle API expects a JSON payload, but what was sent was not valid JSON: \(error).)"
            )
        }
        guard case .object(let members) = value else {
            throw InvalidField(
                "The body of your request must be a JSON object, but it is of type \(value.kind).")
        }
        self.init(members, at: "")
        try refuse(besides: known)
    }

    private func refuse(besides known: Set<String>) throws(InvalidField) {
        guard let stranger = values.keys.filter({ !known.contains($0) }).min() else { return }
        throw InvalidField(
            "Unrecognized request argument supplied: \(path(stranger))", param: path(stranger),
            code: "unknown_parameter")
    }

    /// - Throws: If the value at `place` is no object.
    init(_ value: JSONValue, at place: String) throws(InvalidField) {
        guard case .object(let members) = value else {
            throw InvalidField(
                "Invalid type for '\(place)': expected an object, but got \(value.kind) instead.",
                param: place, code: "invalid_type")
        }
        self.init(members, at: place)
    }

    private init(_ members: [JSONValue.Member], at place: String) {
        values = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        self.place = place
    }

    /// The field's value, unless it is absent or null.
    public subscript(name: String) -> JSONValue? {
        guard let value = values[name], value != .null else { return nil }
        return value
    }

    /// Place of a field in the body.
    func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    private func wrongType(_ name: String, _ value: JSONValue, _ wanted: String) -> InvalidField {
        InvalidField(
            "Invalid type for '\(path(name))': expected \(wanted), but got \(value.kind) instead.",
            param: path(name), code: "invalid_type")
    }

    func missing(_ name: String) -> InvalidField {
        InvalidField(
            "Missing required parameter: '\(path(name))'.", param: path(name),
            code: "missing_required_parameter")
    }

    /// A value outside of those that the API defines.
    func unknown(_ name: String, _ value: String, supported: [String]) -> InvalidField {
        let names = supported.map { "'\($0)'" }.joined(separator: ", ")
        return InvalidField(
            "Invalid value: '\(value)'. Supported values are: \(names).", param: path(name),
            code: "invalid_value")
    }

    public func string(_ name: String) throws(InvalidField) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let string) = value else { throw wrongType(name, value, "a string") }
        return string
    }

    /// The model's name.
    public func model() throws(InvalidField) -> String {
        guard let model = try string("model") else {
            throw InvalidField("you must provide a model parameter", param: "model")
        }
        return model
    }

    /// The request's time limit in seconds.
    func timeout() throws(InvalidField) -> Double? { try number("timeout", in: 0.001...86_400) }

    /// A string that is a raw value of the type.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Choice.Type
    ) throws(InvalidField) -> Choice? {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw unknown(name, text, supported: Choice.allCases.map(\.rawValue))
        }
        return choice
    }

    public func bool(_ name: String) throws(InvalidField) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let bool) = value else { throw wrongType(name, value, "a boolean") }
        return bool
    }

    public func integer(_ name: String, in range: ClosedRange<Int>? = nil) throws(InvalidField) -> Int? {
        guard let value = self[name] else { return nil }
        let integer: Int
        switch value {
        case .integer(let value): integer = value
        case .number(let value) where value == value.rounded() && abs(value) < 1e15: integer = Int(value)
        default: throw wrongType(name, value, "an integer")
        }
        if let range, !range.contains(integer) {
            throw outOfRange(
                name, "\(integer)", "\(range.lowerBound)",
                range.upperBound == .max ? nil : "\(range.upperBound)")
        }
        return integer
    }

    /// Integers, each written as an integer.
    func integers(_ name: String) throws(InvalidField) -> [Int]? {
        guard let values = try array(name) else { return nil }
        var integers: [Int] = []
        for value in values {
            guard case .integer(let integer) = value else {
                throw wrongType(name, value, "an array of integers")
            }
            integers.append(integer)
        }
        return integers
    }

    public func number(_ name: String, in range: ClosedRange<Double>) throws(InvalidField) -> Double? {
        guard let value = self[name] else { return nil }
        let number: Double
        switch value {
        case .integer(let value): number = Double(value)
        case .number(let value): number = value
        default: throw wrongType(name, value, "a number")
        }
        guard range.contains(number) else {
            throw outOfRange(name, "\(number)", "\(range.lowerBound)", "\(range.upperBound)")
        }
        return number
    }

    /// An array of at most `limit` values.
    public func array(_ name: String, limit: Int = .max) throws(InvalidField) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard case .array(let array) = value else { throw wrongType(name, value, "an array") }
        guard array.count <= limit else {
            throw InvalidField(
                "Invalid '\(path(name))': array too long. Expected an array with maximum length \(limit), but got an array with length \(array.count) instead.",
                param: path(name), code: "array_above_max_length")
        }
        return array
    }

    /// An object whose fields are read in turn.
    ///
    /// Fields not in `known`, if given, are refused.
    func object(_ name: String, known: Set<String>? = nil) throws(InvalidField) -> RequestFields? {
        guard let value = self[name] else { return nil }
        let object = try RequestFields(value, at: path(name))
        if let known { try object.refuse(besides: known) }
        return object
    }

    /// An array of objects.
    func objects(_ name: String) throws(InvalidField) -> [RequestFields]? {
        guard let values = try array(name) else { return nil }
        var objects: [RequestFields] = []
        for (index, value) in values.enumerated() {
            objects.append(try RequestFields(value, at: "\(path(name))[\(index)]"))
        }
        return objects
    }

    /// The members of an object, in order.
    public func members(_ name: String) throws(InvalidField) -> [JSONValue.Member]? {
        guard let value = self[name] else { return nil }
        guard case .object(let members) = value else { throw wrongType(name, value, "an object") }
        return members
    }

    /// A string, or an array of at most `limit` strings.
    public func strings(_ name: String, limit: Int) throws(InvalidField) -> [String] {
        guard let value = self[name] else { return [] }
        if case .string(let string) = value { return [string] }
        var found: [String] = []
        for value in try array(name, limit: limit) ?? [] {
            guard case .string(let string) = value else {
                throw wrongType(name, value, "an array of strings")
            }
            found.append(string)
        }
        return found
    }

    /// Refuses an API field that is not supported, unless it has its default value.
    public func refuse(_ name: String, unless harmless: JSONValue...) throws(InvalidField) {
        guard let value = self[name], !harmless.contains(value) else { return }
        throw InvalidField(
            "Unsupported parameter: '\(path(name))' is not supported by this server.", param: path(name),
            code: "unsupported_parameter")
    }

    private func outOfRange(_ name: String, _ value: String, _ low: String, _ high: String?) -> InvalidField {
        let bounds = high.map { "between \(low) and \($0)" } ?? "\(low) or more"
        return InvalidField(
            "Invalid '\(path(name))': expected a value \(bounds), but got \(value) instead.",
            param: path(name),
            code: "invalid_value")
    }
}
