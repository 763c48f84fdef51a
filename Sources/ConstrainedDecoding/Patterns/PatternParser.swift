/// Why a `pattern` cannot be enforced.
struct InvalidPattern: Error, Equatable {
    var reason: String
}

/// A parsed regular expression.
indirect enum Pattern: Equatable {
    case characters(CharacterSet)
    case sequence([Pattern])
    case choice([Pattern])
    case repeated(Pattern, minimum: Int, maximum: Int?)
    case start
    case end
}

/// Parses the subset of ECMA-262 regular expressions that a finite automaton can match.
struct PatternParser {
    private static let maximumDepth = 64
    private static let maximumRepeats = 8_192
    private static let maximumLength = 4_096

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0

    private init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    static func parse(_ text: String) throws(InvalidPattern) -> Pattern {
        var parser = PatternParser(text)
        guard parser.scalars.count <= maximumLength else {
            throw InvalidPattern(reason: "the pattern is longer than \(maximumLength) characters")
        }
        let pattern = try parser.choice()
        guard parser.next == nil else { throw InvalidPattern(reason: "a ) without its (") }
        return pattern
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take() throws(InvalidPattern) -> Unicode.Scalar {
        guard let scalar = next else { throw InvalidPattern(reason: "the pattern ends in the middle") }
        index += 1
        return scalar
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func choice() throws(InvalidPattern) -> Pattern {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw InvalidPattern(reason: "groups nested too deeply") }
        var branches = [try sequence()]
        while skip("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(InvalidPattern) -> Pattern {
        var parts: [Pattern] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            parts.append(try repeated(try atom()))
        }
        return .sequence(parts)
    }

    private mutating func repeated(_ atom: Pattern) throws(InvalidPattern) -> Pattern {
        let counts: (Int, Int?)
        switch next {
        case "?": counts = (0, 1)
        case "*": counts = (0, nil)
        case "+": counts = (1, nil)
        case "{": return try counted(atom)
        default: return atom
        }
        index += 1
        return try quantified(atom, counts.0, counts.1)
    }

    private mutating func counted(_ atom: Pattern) throws(InvalidPattern) -> Pattern {
        index += 1
        let minimum = try number()
        var maximum: Int? = minimum
        if skip(",") { maximum = next == "}" ? nil : try number() }
        guard skip("}"), minimum <= maximum ?? minimum else {
            throw InvalidPattern(reason: "a { that starts no count, such as {2,5}")
        }
        return try quantified(atom, minimum, maximum)
    }

    private mutating func quantified(
        _ atom: Pattern, _ minimum: Int, _ maximum: Int?
    ) throws(InvalidPattern) -> Pattern {
        guard atom != .start, atom != .end else {
            throw InvalidPattern(reason: "an anchor cannot be repeated")
        }
        // A lazy quantifier matches the same set of strings.
        _ = skip("?")
        if let next, "?*+{".unicodeScalars.contains(next) {
            throw InvalidPattern(reason: "\(next) after a quantifier")
        }
        return .repeated(atom, minimum: minimum, maximum: maximum)
    }

    private mutating func number() throws(InvalidPattern) -> Int {
        var value = 0
        var digits = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            index += 1
            digits += 1
            value = value * 10 + Int(scalar.value - 0x30)
            guard value <= Self.maximumRepeats else {
                throw InvalidPattern(reason: "a count above \(Self.maximumRepeats)")
            }
        }
        guard digits > 0 else { throw InvalidPattern(reason: "a { that starts no count, such as {2,5}") }
        return value
    }

    private mutating func atom() throws(InvalidPattern) -> Pattern {
        let scalar = try take()
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .characters(.lineEnds.inverted)
        case "(": return try group()
        case "[": return .characters(try characterClass())
        case "\\": return .characters(try escape(inClass: false))
        case "?", "*", "+", "{": throw InvalidPattern(reason: "\(scalar) with nothing to repeat")
        default: return .characters(CharacterSet([scalar.value...scalar.value]))
        }
    }

    private mutating func group() throws(InvalidPattern) -> Pattern {
        if skip("?") {
            let kind = try take()
            let isNamed = kind == "<" && next != "=" && next != "!"
            guard kind == ":" || isNamed else {
                throw InvalidPattern(reason: "(?\(kind) is not supported: no automaton can look around")
            }
            if isNamed { while try take() != ">" {} }
        }
        let inner = try choice()
        guard skip(")") else { throw InvalidPattern(reason: "a ( without its )") }
        return inner
    }

    private mutating func characterClass() throws(InvalidPattern) -> CharacterSet {
        let isInverted = skip("^")
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            var scalar = try take()
            if scalar == "]" { break }
            var low = CharacterSet([scalar.value...scalar.value])
            if scalar == "\\" { low = try escape(inClass: true) }
            let isRange = next == "-" && index + 1 < scalars.count && scalars[index + 1] != "]"
            guard isRange else {
                ranges += low.ranges
                continue
            }
            index += 1
            scalar = try take()
            var high = CharacterSet([scalar.value...scalar.value])
            if scalar == "\\" { high = try escape(inClass: true) }
            guard let first = low.single, let last = high.single, first <= last else {
                throw InvalidPattern(
                    reason: "a range in [ ] that does not go from one character to a later one")
            }
            ranges.append(first...last)
        }
        let set = CharacterSet(ranges)
        return isInverted ? set.inverted : set
    }

    private mutating func escape(inClass: Bool) throws(InvalidPattern) -> CharacterSet {
        let scalar = try take()
        switch scalar {
        case "d": return .digits
        case "D": return CharacterSet.digits.inverted
        case "w": return .word
        case "W": return CharacterSet.word.inverted
        case "s": return .space
        case "S": return CharacterSet.anySpace.inverted
        case "t": return CharacterSet([0x09...0x09])
        case "n": return CharacterSet([0x0A...0x0A])
        case "v": return CharacterSet([0x0B...0x0B])
        case "f": return CharacterSet([0x0C...0x0C])
        case "r": return CharacterSet([0x0D...0x0D])
        case "x": return try hexadecimal(digits: 2)
        case "u": return try skip("{") ? hexadecimal(digits: nil) : hexadecimal(digits: 4)
        case "b" where inClass: return CharacterSet([0x08...0x08])
        case "0"..."9", "a"..."z", "A"..."Z":
            throw InvalidPattern(reason: "\\\(scalar) is not supported")
        default: return CharacterSet([scalar.value...scalar.value])
        }
    }

    /// The character written in `count` hexadecimal digits, or in digits up to a closing brace.
    private mutating func hexadecimal(digits: Int?) throws(InvalidPattern) -> CharacterSet {
        var value: UInt32 = 0
        var count = 0
        while count < digits ?? 7 {
            let scalar = try take()
            if digits == nil, scalar == "}" { break }
            guard let digit = Character(scalar).hexDigitValue, scalar.isASCII else {
                throw InvalidPattern(reason: "\(scalar) is not a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            count += 1
        }
        guard count > 0, count < 7, Unicode.Scalar(value) != nil else {
            throw InvalidPattern(reason: "an escape that is not a Unicode character")
        }
        return CharacterSet([value...value])
    }
}

extension CharacterSet {
    static let digits = CharacterSet([0x30...0x39])
    static let word = CharacterSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let lineEnds = CharacterSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    // Validators disagree about white space beyond ASCII. `\s` is what all of them accept, `\S` what none of them calls
    // white space.
    static let space = CharacterSet([0x09...0x0D, 0x20...0x20])
    static let anySpace = space.union(
        CharacterSet([
            0x1C...0x1F, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
            0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
        ]))

    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}
