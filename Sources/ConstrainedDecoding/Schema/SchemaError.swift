/// Why a schema cannot be enforced, and the place at fault.
public struct SchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A JSON pointer into the schema, such as `#/properties/age/minimum`.
    public var path: String
    public var reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "\(path): \(reason)" }
}

/// Limits on the cost of a schema.
public enum SchemaLimits {
    /// Maximum nesting of the schema.
    public static let schemaDepth = 64
    /// Maximum values in the schema.
    public static let schemaValues = 50_000
    /// Maximum alternatives that `anyOf`, `oneOf` and `allOf` leave at one place.
    public static let alternatives = 256
    /// Maximum values visited while references and combinations are resolved.
    public static let work = 5_000_000
    /// Maximum nesting of the output.
    public static let outputDepth = 64
    /// Maximum states of the whole automaton.
    public static let states = 131_072
    /// Maximum states of one `pattern`, before its lengths are counted.
    public static let patternStates = 8_192
    /// Digits of an unbounded integer; they fit in 64 bits.
    public static let integerDigits = 18
    /// Digits of an unbounded number, without the exponent: a double's precision.
    public static let numberDigits = 17
    /// Digits of a bounded number: any two of them are different doubles.
    public static let boundedNumberDigits = 15
}
