/// Translates an Oniguruma pattern, as tokenizers use them, to PCRE2.
///
/// Most of the syntax is the same. Where the same syntax means something else, the meaning is spelled out. Syntax
/// without a counterpart, or without use for a tokenizer, is refused.
struct OnigurumaPattern {
    struct Problem: Error {
        let description: String
    }

    private let input: [Unicode.Scalar]
    private var position = 0
    private var output: [UInt8] = []
    /// Offset of the last atom in the output, if a quantifier may follow it.
    private var atom: Int?
    /// Offsets of the open groups.
    private var groups: [Int] = []

    /// The equivalent PCRE2 pattern.
    static func translate(_ pattern: String) throws(Problem) -> String {
        var translation = OnigurumaPattern(pattern)
        try translation.run()
        return String(decoding: translation.output, as: UTF8.self)
    }

    private init(_ pattern: String) {
        input = Array(pattern.unicodeScalars)
    }

    private var current: Unicode.Scalar? { position < input.count ? input[position] : nil }

    private func problem(_ text: String) -> Problem {
        Problem(description: "\(text) at character \(position)")
    }

    private mutating func skip(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard input[position...].starts(with: scalars) else { return false }
        position += scalars.count
        return true
    }

    private mutating func run() throws(Problem) {
        while let scalar = current {
            switch scalar {
            case "(": try openGroup()
            case ")":
                guard let start = groups.popLast() else { throw problem("has an unmatched `)`") }
                position += 1
                emit(")")
                atom = start
            case "[": try append { parser throws(Problem) in try parser.characterClass().pattern }
            case "\\": try append { parser throws(Problem) in try parser.escape() }
            case "*", "+", "?": try quantify(by: String(scalar))
            case "{": try openBrace()
            case "|", "^", "$":
                position += 1
                emit(String(scalar))
                atom = nil
            case ".":
                try append { parser throws(Problem) in
                    parser.position += 1
                    return "."
                }
            default:
                try append { parser throws(Problem) in
                    parser.position += 1
                    return CharacterClass.literal(scalar)
                }
            }
        }
        guard groups.isEmpty else { throw problem("has an unmatched `(`") }
    }

    private mutating func append(
        _ read: (inout OnigurumaPattern) throws(Problem) -> String
    ) throws(Problem) {
        let text = try read(&self)
        atom = output.count
        emit(text)
    }

    private mutating func emit(_ text: String) {
        output += Array(text.utf8)
    }
}

// MARK: Groups and quantifiers

extension OnigurumaPattern {
    private static let groupKinds = ["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"]

    private mutating func openGroup() throws(Problem) {
        let start = output.count
        for kind in Self.groupKinds where skip(kind) {
            groups.append(start)
            emit(kind)
            atom = nil
            return
        }
        if skip("(?#") {
            while let scalar = current, scalar != ")" { position += scalar == "\\" ? 2 : 1 }
            position += 1
            return
        }
        if skip("(?") {
            let options = try self.options()
            if skip(":") {
                groups.append(start)
                emit("(?\(options):")
            } else if skip(")"), start == 0 {
                emit("(?\(options))")
            } else {
                // In the middle of a branch, the scope of Oniguruma's options differs around `|`.
                throw problem("has a kind of group that is not supported")
            }
            atom = nil
            return
        }
        position += 1
        groups.append(start)
        emit("(")
        atom = nil
    }

    private mutating func options() throws(Problem) -> String {
        var options = ""
        while let scalar = current, scalar != ":", scalar != ")" {
            switch scalar {
            case "i", "-": options.unicodeScalars.append(scalar)
            case "m": options += "s"  // `.` matches a newline
            default: throw problem("has a kind of group that is not supported")
            }
            position += 1
        }
        return options
    }

    private mutating func quantify(by quantifier: String) throws(Problem) {
        guard atom != nil else { throw problem("has nothing to repeat") }
        position += 1
        emit(quantifier)
        if skip("?") { emit("?") } else if skip("+") { emit("+") }
        atom = nil
    }

    private mutating func openBrace() throws(Problem) {
        guard let interval = interval() else {
            try append { parser throws(Problem) in
                parser.position += 1
                return "\\{"
            }
            return
        }
        guard let start = atom else { throw problem("has nothing to repeat") }
        let isFixed = !interval.contains(",")
        emit(interval)
        if skip("+") {
            // Repeats the repeat. In PCRE2 this syntax would be possessive.
            output.insert(contentsOf: "(?:".utf8, at: start)
            emit(")+")
        } else if skip("?") {
            // A fixed count cannot be lazy: in Oniguruma it becomes optional instead.
            if isFixed { output.insert(contentsOf: "(?:".utf8, at: start) }
            emit(isFixed ? ")?" : "?")
        }
        atom = nil
    }

    /// Consumes `{n}`, `{n,}`, `{n,m}` or `{,m}`.
    private mutating func interval() -> String? {
        guard let end = input[position...].firstIndex(of: "}") else { return nil }
        let bounds = input[position + 1..<end].split(separator: ",", omittingEmptySubsequences: false)
        guard bounds.count <= 2, bounds.contains(where: { !$0.isEmpty }),
            bounds.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } })
        else { return nil }
        position = end + 1
        let texts = bounds.map { bound in bound.map(String.init).joined() }
        return "{" + (texts[0].isEmpty ? "0" : texts[0]) + (texts.count > 1 ? "," + texts[1] : "") + "}"
    }
}

// MARK: Escapes and classes

extension OnigurumaPattern {
    /// An escape outside of a class.
    private mutating func escape() throws(Problem) -> String {
        for (letter, text) in [("A", "\\A"), ("z", "\\z"), ("Z", "\\Z")] where skip("\\" + letter) {
            return text
        }
        let word = CharacterClass.word
        if skip("\\b") { return "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))" }
        if skip("\\B") { return "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word)))" }
        switch try escapedItem() {
        case .scalar(let scalar): return CharacterClass.literal(scalar)
        case .text(let text): return "[" + text + "]"
        case .nested(let nested): return nested.pattern
        }
    }

    /// An escape for one character or a set of characters.
    private mutating func escapedItem() throws(Problem) -> CharacterClass.Item {
        position += 1
        guard let letter = current else { throw problem("ends in a backslash") }
        position += 1
        switch letter {
        case "s": return .text(CharacterClass.space)
        case "S": return .nested(CharacterClass(isNegated: true, operands: [[.text(CharacterClass.space)]]))
        case "w": return .text(CharacterClass.wordItems)
        case "W":
            return .nested(CharacterClass(isNegated: true, operands: [[.text(CharacterClass.wordItems)]]))
        case "h": return .text("0-9A-Fa-f")
        case "H": return .nested(CharacterClass(isNegated: true, operands: [[.text("0-9A-Fa-f")]]))
        case "d": return .text("\\d")
        case "D": return .text("\\D")
        case "p", "P": return try property(isNegated: letter == "P")
        case "n": return .scalar("\n")
        case "r": return .scalar("\r")
        case "t": return .scalar("\t")
        case "f": return .scalar("\u{C}")
        case "v": return .scalar("\u{B}")
        case "a": return .scalar("\u{7}")
        case "e": return .scalar("\u{1B}")
        case "x", "u": return .scalar(try hexadecimal(letter))
        case "a"..."z", "A"..."Z", "0"..."9":
            position -= 1
            throw problem("has the escape `\\\(letter)`, which is not supported,")
        default: return .scalar(letter)
        }
    }

    private mutating func hexadecimal(_ letter: Unicode.Scalar) throws(Problem) -> Unicode.Scalar {
        var digits = ""
        let isBraced = letter == "x" && skip("{")
        let most = isBraced ? 8 : letter == "x" ? 2 : 4
        while digits.count < most, let scalar = current, scalar.properties.isASCIIHexDigit {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        // In Oniguruma, a bare \x80 is a byte of UTF-8, not a character.
        guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value),
            !isBraced || skip("}"), letter == "u" ? digits.count == 4 : isBraced || value < 0x80
        else { throw problem("has a malformed escape") }
        return scalar
    }

    private mutating func property(isNegated: Bool) throws(Problem) -> CharacterClass.Item {
        guard skip("{"), let end = input[position...].firstIndex(of: "}") else {
            throw problem("has a property without a name")
        }
        var isNegated = isNegated
        if skip("^") { isNegated.toggle() }
        let name = input[position..<end].filter { $0 != " " && $0 != "_" && $0 != "-" }.map(String.init)
            .joined()
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            throw problem("has a property without a name")
        }
        position = end + 1
        return .text((isNegated ? "\\P{" : "\\p{") + CharacterClass.propertyName(name) + "}")
    }

    /// `[…]`, from its opening bracket.
    private mutating func characterClass() throws(Problem) -> CharacterClass {
        position += 1
        let isNegated = skip("^")
        var operands: [[CharacterClass.Item]] = [[]]
        if skip("]") { operands = [[.scalar("]")]] }
        while !skip("]") {
            guard let scalar = current else { throw problem("has an unmatched `[`") }
            if skip("&&") {
                operands.append([])
                continue
            }
            let item: CharacterClass.Item
            if scalar == "[" {
                item = try bracket()
            } else {
                item = try member()
            }
            operands[operands.count - 1].append(item)
        }
        guard operands.allSatisfy({ !$0.isEmpty }) else { throw problem("has an empty class") }
        return CharacterClass(isNegated: isNegated, operands: operands)
    }

    /// `[:space:]`, or a nested class.
    private mutating func bracket() throws(Problem) -> CharacterClass.Item {
        if skip("[:space:]") { return .text(CharacterClass.space) }
        if skip("[:digit:]") { return .text("\\d") }
        if skip("[:word:]") { return .text(CharacterClass.wordItems) }
        guard !input[position...].starts(with: ["[", ":"]) else {
            throw problem("has a named class that is not supported")
        }
        return .nested(try characterClass())
    }

    /// A character, an escape or a range.
    private mutating func member() throws(Problem) -> CharacterClass.Item {
        let first = try single()
        guard case .scalar(let lower) = first, current == "-", position + 1 < input.count,
            !["]", "["].contains(input[position + 1])
        else { return first }
        position += 1
        guard case .scalar(let upper) = try single(), lower <= upper else {
            throw problem("has a malformed range")
        }
        return .text(CharacterClass.literal(lower) + "-" + CharacterClass.literal(upper))
    }

    private mutating func single() throws(Problem) -> CharacterClass.Item {
        if skip("\\b") { return .scalar("\u{8}") }
        guard let scalar = current, scalar != "\\" else { return try escapedItem() }
        position += 1
        return .scalar(scalar)
    }
}
