/// One form that a value may take.
///
/// A place is a list of alternative shapes.
///
/// References, `anyOf` and `allOf` are already resolved. Shapes refer to places by index into `JSONSchema.places`, so
/// that a schema can contain itself.
enum ValueShape: Hashable, Sendable {
    case null
    case bool(Bool)
    case string(StringShape)
    case number(NumberShape)
    case object(ObjectShape)
    case array(ArrayShape)
    /// One of these strings, in UTF-8: `String` would treat canonically equivalent texts as equal.
    case strings([[UInt8]])
    /// One of these numbers, as written.
    case numbers([String])

    static let freeString = ValueShape.string(StringShape())
    static let freeNumber = ValueShape.number(NumberShape())
}

struct StringShape: Hashable, Sendable {
    var minimumLength = 0
    var maximumLength: Int?
    /// Regular expressions that must all match.
    var patterns: [String] = []

    var isFree: Bool { self == StringShape() }
}

struct NumberShape: Hashable, Sendable {
    struct Bound: Hashable, Sendable {
        var value: Decimal
        var isExclusive: Bool
    }

    var isInteger = false
    var lower: Bound?
    var upper: Bound?
    var multiple = 1

    var isFree: Bool { self == NumberShape() }
}

struct ObjectShape: Hashable, Sendable {
    struct Property: Hashable, Sendable {
        var name: [UInt8]
        var place: Int
        var isRequired: Bool
    }

    /// In output order.
    var properties: [Property] = []
    /// The place of values of other keys; `nil` if other keys are not allowed.
    var additional: Int?
}

struct ArrayShape: Hashable, Sendable {
    /// The places of the first items, one by one.
    var prefix: [Int] = []
    /// The place of all further items; `nil` if there may be none.
    var rest: Int?
    var minimum = 0
    var maximum: Int?
}
