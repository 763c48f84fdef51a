/// Cuts a template into text and the tokens of its tags, as Jinja does with `trim_blocks` and `lstrip_blocks`.
struct Lexer {
    let source: [Unicode.Scalar]
    var position = 0
    private(set) var tokens: [Token] = []
    private var line = 1
    private var lineOfPosition = 0
    /// The closing brackets still expected within a tag.
    private var awaited: [Unicode.Scalar] = []
    /// Whether the last tag removed the newline after it.
    private var startsLine = true

    /// The tokens of `template`; the last one is `.end`.
    static func tokens(of template: String) throws(TemplateError) -> [Token] {
        var lexer = Lexer(template)
        try lexer.run()
        return lexer.tokens
    }

    private init(_ template: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in template.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            if let last = scalars.last, last == "\r" { scalars[scalars.count - 1] = "\n" }
            scalars.append(scalar)
        }
        if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
        // A newline at the end of the file is not part of the template.
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    /// The line of `position`.
    ///
    /// Positions must be queried in ascending order.
    mutating func currentLine() -> Int {
        while lineOfPosition < position {
            if source[lineOfPosition] == "\n" { line += 1 }
            lineOfPosition += 1
        }
        return line
    }

    mutating func fail(_ message: String) -> TemplateError {
        position = min(position, source.count)
        return TemplateError(.syntax, line: currentLine(), message)
    }

    mutating func append(_ kind: Token.Kind) {
        tokens.append(Token(kind: kind, line: currentLine()))
    }

    /// Whether `text` is at `place`.
    func comes(_ text: StaticString, at place: Int) -> Bool {
        var place = place
        for offset in 0..<text.utf8CodeUnitCount {
            guard place < source.count, source[place].value == UInt32(text.utf8Start[offset]) else {
                return false
            }
            place += 1
        }
        return true
    }

    func comes(_ text: StaticString) -> Bool { comes(text, at: position) }

    func afterSpace(_ place: Int) -> Int {
        source[place...].firstIndex { !$0.isPythonSpace } ?? source.count
    }

    private mutating func run() throws(TemplateError) {
        while position < source.count {
            guard let begin = nextTag() else {
                appendData(source[position...])
                position = source.count
                break
            }
            let isVariable = source[begin + 1] == "{"
            let sign = begin + 2 < source.count ? source[begin + 2] : " "
            appendData(source[position..<begin], before: sign, stripsLine: !isVariable)
            position = begin
            let isSigned = sign == "-" || sign == "+"
            switch source[begin + 1] {
            case "#":
                try comment(from: begin + (isSigned ? 3 : 2))
            case "%":
                if let content = rawContent(at: begin) {
                    try raw(from: content)
                } else {
                    append(.blockBegin)
                    position = begin + (isSigned ? 3 : 2)
                    try tag()
                }
            default:
                append(.variableBegin)
                position = begin + (isSigned ? 3 : 2)
                try tag()
            }
        }
        position = source.count
        append(.end)
    }

    private func nextTag() -> Int? {
        var place = position
        while place + 1 < source.count {
            if source[place] == "{", ["{", "%", "#"].contains(source[place + 1]) { return place }
            place += 1
        }
        return nil
    }

    private mutating func appendData(_ text: ArraySlice<Unicode.Scalar>) {
        guard !text.isEmpty else { return }
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text)
        append(.data(String(string)))
    }

    /// The text before a tag, without the white space that the tag strips.
    private mutating func appendData(
        _ text: ArraySlice<Unicode.Scalar>, before sign: Unicode.Scalar, stripsLine: Bool
    ) {
        var kept = text
        if sign == "-" {
            while let last = kept.last, last.isPythonSpace { kept.removeLast() }
        } else if sign != "+", stripsLine {
            let newline = text.lastIndex(of: "\n")
            let lineStart = newline.map { $0 + 1 } ?? text.startIndex
            if newline != nil || startsLine, text[lineStart...].allSatisfy(\.isPythonSpace) {
                kept = text[..<lineStart]
            }
        }
        appendData(kept)
    }

    /// Moves past the end of a tag at `position`, and what it strips, if there is one.
    private mutating func skipEnd(_ end: StaticString, swallowsNewline: Bool) -> Bool {
        let length = end.utf8CodeUnitCount
        let before = position
        if comes("-"), comes(end, at: position + 1) {
            position = afterSpace(position + 1 + length)
        } else if swallowsNewline, comes("+"), comes(end, at: position + 1) {
            position += 1 + length
        } else if comes(end) {
            position += length
            if swallowsNewline, comes("\n") { position += 1 }
        } else {
            return false
        }
        startsLine = position > before && source[position - 1] == "\n"
        return true
    }

    private mutating func comment(from start: Int) throws(TemplateError) {
        let begin = position
        position = start
        while position < source.count {
            if skipEnd("#}", swallowsNewline: true) { return }
            position += 1
        }
        position = begin
        throw fail("the comment has no end")
    }

    /// The start of a raw block's content, if the tag at `begin` opens one.
    private func rawContent(at begin: Int) -> Int? {
        var place = begin + 2
        if comes("-", at: place) || comes("+", at: place) { place += 1 }
        place = afterSpace(min(place, source.count))
        guard comes("raw", at: place) else { return nil }
        place = afterSpace(place + 3)
        if comes("-%}", at: place) { return afterSpace(place + 3) }
        return comes("%}", at: place) ? place + 2 : nil
    }

    private mutating func raw(from content: Int) throws(TemplateError) {
        let begin = position
        startsLine = source[content - 1] == "\n"
        position = content
        while position < source.count {
            let (start, sign) = (position, position + 2 < source.count ? source[position + 2] : " ")
            guard comes("{%") else {
                position += 1
                continue
            }
            position = afterSpace(min(start + (sign == "-" || sign == "+" ? 3 : 2), source.count))
            guard comes("endraw") else {
                position = start + 1
                continue
            }
            position = afterSpace(position + 6)
            guard skipEnd("%}", swallowsNewline: true) else {
                position = start + 1
                continue
            }
            let (end, endsLine) = (position, startsLine)
            position = content
            startsLine = source[content - 1] == "\n"
            appendData(source[content..<start], before: sign, stripsLine: true)
            (position, startsLine) = (end, endsLine)
            return
        }
        position = begin
        throw fail("the raw block has no end")
    }

    /// The tokens of one tag, including its end.
    private mutating func tag() throws(TemplateError) {
        let begin = position
        let isBlock = tokens.last?.kind == .blockBegin
        awaited = []
        while position < source.count {
            if awaited.isEmpty {
                let endLine = currentLine()
                if isBlock, skipEnd("%}", swallowsNewline: true) {
                    tokens.append(Token(kind: .blockEnd, line: endLine))
                    return
                }
                if !isBlock, skipEnd("}}", swallowsNewline: false) {
                    tokens.append(Token(kind: .variableEnd, line: endLine))
                    return
                }
            }
            if source[position].isPythonSpace {
                position += 1
            } else if try !literal() {
                try symbol()
            }
        }
        position = begin
        throw fail("the tag has no end")
    }

    private static let pairs: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]
    private static let symbols = ["//", "**", "==", "!=", ">=", "<="]

    private mutating func symbol() throws(TemplateError) {
        let scalar = source[position]
        if position + 1 < source.count {
            let pair = String(scalar) + String(source[position + 1])
            if Self.symbols.contains(pair) {
                append(.symbol(pair))
                position += 2
                return
            }
        }
        guard "+-/*%~[](){}><=.:|,;".unicodeScalars.contains(scalar) else {
            throw fail("unexpected character '\(scalar)'")
        }
        if let closing = Self.pairs[scalar] {
            awaited.append(closing)
        } else if scalar == ")" || scalar == "]" || scalar == "}" {
            guard let expected = awaited.popLast() else { throw fail("unexpected '\(scalar)'") }
            guard expected == scalar else { throw fail("unexpected '\(scalar)', expected '\(expected)'") }
        }
        append(.symbol(String(scalar)))
        position += 1
    }
}
