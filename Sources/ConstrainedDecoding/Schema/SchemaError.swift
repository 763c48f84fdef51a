/// Why a schema cannot be enforced, and where in it the reason stands.
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

/// What a schema may cost, whoever wrote it.
public enum SchemaLimits {
    /// Values within values, in the schema.
    public static let schemaDepth = 64
    /// Values in the schema, all together.
    public static let schemaValues = 50_000
    /// Ways that `anyOf`, `oneOf` and `allOf` leave open at one place.
    public static let alternatives = 256
    /// Values looked at while references and combinations are resolved.
    public static let work = 5_000_000
    /// Values within values, in the output.
    public static let outputDepth = 64
    /// States of the whole automaton.
    public static let states = 131_072
    /// States of the automaton of one `pattern`, before its lengths are counted.
    public static let patternStates = 8_192
    /// Digits of an unbounded integer; they fit in 64 bits.
    public static let integerDigits = 18
    /// Digits of an unbounded number, before its exponent; what a double can tell apart.
    public static let numberDigits = 17
    /// Digits of a bounded number: of two different ones the doubles differ, too.
    public static let boundedNumberDigits = 15
}
