/// A set of characters in a pattern.
///
/// Oniguruma can nest and intersect sets, PCRE2 cannot.
struct CharacterClass {
    enum Item {
        case scalar(Unicode.Scalar)
        /// An item that PCRE2 allows between brackets.
        case text(String)
        indirect case nested(CharacterClass)
    }

    let isNegated: Bool
    /// The class is the intersection of these unions (`[a-z&&[^x]]`).
    let operands: [[Item]]

    /// A PCRE2 pattern that matches one character of the set.
    var pattern: String {
        if operands.count == 1, let text = Self.text(operands[0]) {
            return (isNegated ? "[^" : "[") + text + "]"
        }
        var parts = operands.map(Self.union)
        let last = parts.removeLast()
        let all = parts.map { "(?=\($0))" }.joined() + last
        return isNegated ? "(?:(?!\(all))(?s:.))" : "(?:\(all))"
    }

    private static func union(_ items: [Item]) -> String {
        if let text = text(items) { return "[" + text + "]" }
        let alternatives = items.map { item in
            if case .nested(let nested) = item { return nested.pattern }
            return "[" + (text([item]) ?? "") + "]"
        }
        return "(?:" + alternatives.joined(separator: "|") + ")"
    }

    /// The items between one pair of brackets, if they can be written that way.
    private static func text(_ items: [Item]) -> String? {
        var result = ""
        for item in items {
            switch item {
            case .scalar(let scalar): result += literal(scalar)
            case .text(let text): result += text
            case .nested(let nested):
                guard !nested.isNegated, nested.operands.count == 1, let text = text(nested.operands[0])
                else { return nil }
                result += text
            }
        }
        return result
    }

    /// Escapes a character, for use inside and outside of brackets.
    static func literal(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": String(scalar)
        default: "\\x{" + String(scalar.value, radix: 16) + "}"
        }
    }

    /// White_Space.
    ///
    /// PCRE2 includes U+180E, Oniguruma does not.
    static let space =
        #"\x09-\x0d\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"#

    /// Alphabetic, mark, decimal number or connector.
    ///
    /// Oniguruma adds ² ³ ¹ ¼ ½ ¾.
    static let wordItems = #"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{b2}\x{b3}\x{b9}\x{bc}-\x{be}"#
    static let word = "[" + wordItems + "]"

    private static let categories: Set = [
        "c", "cc", "cf", "cn", "co", "cs", "l", "ll", "lm", "lo", "lt", "lu", "m", "mc", "me", "mn", "n",
        "nd", "nl", "no", "p", "pc", "pd", "pe", "pf", "pi", "po", "ps", "s", "sc", "sk", "sm", "so", "z",
        "zl", "zp", "zs",
    ]
    private static let longNames = [
        "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt",
        "modifierletter": "Lm", "otherletter": "Lo", "mark": "M", "nonspacingmark": "Mn", "number": "N",
        "decimalnumber": "Nd", "punctuation": "P", "punct": "P", "symbol": "S", "separator": "Z",
        "spaceseparator": "Zs", "other": "C", "control": "Cc", "alpha": "Alphabetic",
        "alphabetic": "Alphabetic", "uppercase": "Uppercase", "lowercase": "Lowercase", "any": "Any",
        "whitespace": "White_Space", "ideographic": "Ideographic", "emoji": "Emoji",
    ]

    /// PCRE2's name of a property.
    ///
    /// A name that is no general category is taken as a script.
    ///
    /// In Oniguruma a character has one script. PCRE2 also counts the scripts that share it, unless told otherwise.
    static func propertyName(_ name: String) -> String {
        let folded = name.lowercased()
        if categories.contains(folded) { return folded.prefix(1).uppercased() + folded.dropFirst() }
        return longNames[folded] ?? "sc:" + name
    }
}
