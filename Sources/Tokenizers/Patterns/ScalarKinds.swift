/// Kinds of characters, each in the Unicode version that the `tokenizers` library uses for it.
enum ScalarKinds {
    /// Any numeric category; newest version.
    static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// White_Space, which no longer changes.
    static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }

    /// Punctuation of Unicode 8, and ASCII symbols.
    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x21...0x7E).contains(scalar.value) && !isWordASCII(scalar) }
        switch scalar.value {
        case 0x166D, 0x111C9: return true  // They were, then.
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return isAssigned(scalar, in: (8, 0))
        default: return false
        }
    }

    private static func isWordASCII(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "a"..."z", "A"..."Z": true
        default: false
        }
    }

    /// `\w` of Rust's regular expressions; Unicode 16.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isWordASCII(scalar) || scalar == "_" }
        guard isAssigned(scalar, in: (16, 0)) else { return false }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || isMark(scalar) || properties.isJoinControl
        }
    }

    /// Combining marks of Unicode 9.
    static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x80, 0x111C9: false
        case 0x1CF2, 0x1CF3: true  // They were, then.
        default: isMark(scalar) && isAssigned(scalar, in: (9, 0))
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isAssigned(_ scalar: Unicode.Scalar, in version: (Int, Int)) -> Bool {
        scalar.properties.age.map { $0 <= version } ?? false
    }
}
