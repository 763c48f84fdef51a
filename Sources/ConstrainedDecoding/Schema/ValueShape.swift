/// One way in which a value may look; a place of a schema is a list of these, any of which will do.
///
/// References, `anyOf` and `allOf` are gone at this level. Places are named by their index in `JSONSchema.places`,
/// which is what lets a schema contain itself.
enum ValueShape: Hashable, Sendable {
    case null
    case bool(Bool)
    case string(StringShape)
    case number(NumberShape)
    case object(ObjectShape)
    case array(ArrayShape)
    /// One of these strings, in UTF-8: `String` would take different code points for the same text.
    case strings([[UInt8]])
    /// One of these numbers, as written.
    case numbers([String])

    static let freeString = ValueShape.string(StringShape())
    static let freeNumber = ValueShape.number(NumberShape())
}

struct StringShape: Hashable, Sendable {
    var minimumLength = 0
    var maximumLength: Int?
    /// Regular expressions, all of which match.
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

    /// In the order in which they are written.
    var properties: [Property] = []
    /// What values of other keys look like; `nil` where there are no other keys.
    var additional: Int?
}

struct ArrayShape: Hashable, Sendable {
    /// What the first items look like, one by one.
    var prefix: [Int] = []
    /// What the others look like; `nil` where there are no others.
    var rest: Int?
    var minimum = 0
    var maximum: Int?
}
