/// Names, numbers and strings.
extension Lexer {
    /// Reads a name, number or string at `position`, if there is one.
    mutating func literal() throws(TemplateError) -> Bool {
        let scalar = source[position]
        if scalar == "'" || scalar == "\"" {
            try string(quotedBy: scalar)
        } else if isDigit(position) {
            try number()
        } else if scalar == "_" || scalar.properties.isXIDStart {
            let start = position
            while position < source.count, source[position].properties.isXIDContinue { position += 1 }
            let name = text(start..<position)
            position = start
            append(.name(name))
            position += name.unicodeScalars.count
        } else {
            return false
        }
        return true
    }

    private func isDigit(_ place: Int) -> Bool {
        place < source.count && ("0"..."9").contains(source[place])
    }

    private func text(_ range: Range<Int>) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: source[range])
        return String(scalars)
    }

    /// The end of the digits at `place`, which may contain single underscores.
    private func afterDigits(_ place: Int) -> Int {
        var place = place
        while isDigit(place) || (comes("_", at: place) && isDigit(place + 1)) { place += 1 }
        return place
    }

    private mutating func number() throws(TemplateError) {
        let start = position
        if source[position] == "0", let radix = radix(), let integer = prefixed(radix) {
            append(.integer(integer))
            position = afterPrefixed(radix)
            return
        }
        var end = afterDigits(position)
        // In `a.0.1` each number is an index.
        let canBeFloat = start == 0 || source[start - 1] != "."
        var isFloat = false
        if canBeFloat, comes(".", at: end), isDigit(end + 1) {
            end = afterDigits(end + 1)
            isFloat = true
        }
        if canBeFloat, comes("e", at: end) || comes("E", at: end) {
            let digits = comes("+", at: end + 1) || comes("-", at: end + 1) ? end + 2 : end + 1
            if isDigit(digits) {
                end = afterDigits(digits)
                isFloat = true
            }
        }
        let digits = text(start..<end).filter { $0 != "_" }
        if isFloat {
            append(.float(Double(digits) ?? .infinity))
        } else {
            guard let integer = Int(digits) else { throw fail("the number \(digits) is too large") }
            guard integer == 0 || source[start] != "0" else {
                throw fail("a number begins with 0")
            }
            append(.integer(integer))
        }
        position = end
    }

    private func radix() -> Int? {
        guard position + 1 < source.count else { return nil }
        switch source[position + 1] {
        case "x", "X": return 16
        case "o", "O": return 8
        case "b", "B": return 2
        default: return nil
        }
    }

    private func afterPrefixed(_ radix: Int) -> Int {
        let digits = source[(position + 2)...].prefix {
            $0 == "_" || Int(String($0), radix: radix) != nil
        }
        return digits.endIndex
    }

    private func prefixed(_ radix: Int) -> Int? {
        Int(text((position + 2)..<afterPrefixed(radix)).filter { $0 != "_" }, radix: radix)
    }

    private mutating func string(quotedBy quote: Unicode.Scalar) throws(TemplateError) {
        let start = position
        var result = String.UnicodeScalarView()
        position += 1
        while position < source.count {
            let scalar = source[position]
            position += 1
            if scalar == quote {
                let end = position
                position = start
                append(.string(String(result)))
                position = end
                return
            }
            if scalar == "\\" {
                try escape(into: &result)
            } else {
                result.append(scalar)
            }
        }
        position = start
        throw fail("the string has no end")
    }

    private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{07}", "b": "\u{08}",
        "f": "\u{0C}", "v": "\u{0B}",
    ]

    /// The scalar of a Python escape; an unknown escape stays as written.
    private mutating func escape(into result: inout String.UnicodeScalarView) throws(TemplateError) {
        guard position < source.count else { return }
        let scalar = source[position]
        position += 1
        if let simple = Self.simpleEscapes[scalar] {
            result.append(simple)
            return
        }
        switch scalar {
        case "\n": break
        case "x": result.append(try hexadecimal(digits: 2))
        case "u": result.append(try hexadecimal(digits: 4))
        case "U": result.append(try hexadecimal(digits: 8))
        case "0"..."7":
            position -= 1
            let digits = source[position...].prefix(3).prefix { ("0"..."7").contains($0) }
            position += digits.count
            let value = digits.reduce(UInt32(0)) { $0 * 8 + $1.value - 48 }
            result.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        case "N": throw fail("names of characters (\\N) are not supported")
        default:
            result.append("\\")
            result.append(scalar)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(TemplateError) -> Unicode.Scalar {
        let end = position + digits
        guard end <= source.count, let value = UInt32(text(position..<end), radix: 16),
            let scalar = Unicode.Scalar(value)
        else {
            throw fail("an escape in a string needs \(digits) hexadecimal digits of a character")
        }
        position = end
        return scalar
    }
}
