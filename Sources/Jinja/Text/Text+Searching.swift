extension Text {
    /// The first place of `pattern` at or after `start`.
    ///
    /// - Complexity: Linear for all texts, because templates and requests may be hostile.
    func firstIndex(of pattern: Text, from start: Int = 0) -> Int? {
        guard start <= count else { return nil }
        guard let first = pattern.letters.first else { return start }
        guard pattern.count > 1 else { return letters[start...].firstIndex(of: first) }
        let fallback = Self.fallbacks(of: pattern.letters)
        var matched = 0
        for index in start..<count {
            while matched > 0, letters[index] != pattern.letters[matched] { matched = fallback[matched - 1] }
            if letters[index] == pattern.letters[matched] { matched += 1 }
            if matched == pattern.count { return index - matched + 1 }
        }
        return nil
    }

    /// For each prefix, the length of its longest proper prefix that is also a suffix (Knuth–Morris–Pratt).
    private static func fallbacks(of pattern: [Letter]) -> [Int] {
        var fallbacks = [0]
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = fallbacks[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            fallbacks.append(length)
        }
        return fallbacks
    }

    func lastIndex(of pattern: Text) -> Int? {
        reversed.firstIndex(of: pattern.reversed).map { count - $0 - pattern.count }
    }

    var reversed: Text { Text(letters.reversed()) }

    /// Strips leading and trailing letters in `characters`, or white space if it is `nil`.
    func stripped(_ characters: Text? = nil, left: Bool = true, right: Bool = true) -> Text {
        let set = characters.map { Set($0.letters) }
        func drops(_ letter: Letter) -> Bool { set?.contains(letter) ?? letter.scalar.isPythonSpace }
        var rest = letters[...]
        if left { rest = rest.drop(while: drops) }
        if right, let last = rest.lastIndex(where: { !drops($0) }) {
            rest = rest[...last]
        } else if right {
            rest = []
        }
        return rest.count == count ? self : Text(rest)
    }

    /// Replaces the first `limit` occurrences of `old`, or all if it is negative.
    func replacing(_ old: Text, with new: Text, limit: Int) throws(TemplateError) -> Text {
        var result: [Letter] = []
        var position = 0
        var replaced = 0
        while limit < 0 || replaced < limit, let found = firstIndex(of: old, from: position) {
            result += letters[position..<found]
            result += new.letters
            try Self.check(count: result.count)
            replaced += 1
            position = found + old.count
            // An empty pattern matches before every letter and at the end.
            guard old.isEmpty else { continue }
            guard found < count else { return Text(result) }
            result.append(letters[found])
            position += 1
        }
        return replaced == 0 ? self : Text(result + letters[position...])
    }

    /// `str.split` with a separator; at most `limit` cuts unless it is negative.
    func split(by separator: Text, limit: Int) -> [Text] {
        var parts: [Text] = []
        var position = 0
        while limit < 0 || parts.count < limit, let found = firstIndex(of: separator, from: position) {
            parts.append(Text(letters[position..<found]))
            position = found + separator.count
        }
        return parts + [Text(letters[position...])]
    }

    /// `str.split` without a separator: cuts at runs of white space, and strips both ends.
    func splitAtSpace(limit: Int) -> [Text] {
        var parts: [Text] = []
        var rest = letters[...].drop { $0.scalar.isPythonSpace }
        while !rest.isEmpty {
            guard limit < 0 || parts.count < limit else {
                return parts + [Text(rest)]
            }
            let word = rest.prefix { !$0.scalar.isPythonSpace }
            parts.append(Text(word))
            rest = rest[word.endIndex...].drop { $0.scalar.isPythonSpace }
        }
        return parts
    }

    /// `str.splitlines`.
    func lines(keepingEnds: Bool = false) -> [Text] {
        var lines: [Text] = []
        var start = 0
        var index = 0
        while index < count {
            let scalar = letters[index].scalar
            index += 1
            guard scalar.isPythonLineEnd else { continue }
            let contentEnd = index - 1
            if scalar == "\r", index < count, letters[index].scalar == "\n" { index += 1 }
            lines.append(Text(letters[start..<(keepingEnds ? index : contentEnd)]))
            start = index
        }
        if start < count { lines.append(Text(letters[start...])) }
        return lines
    }

    static func join(_ texts: [Text], separator: Text) throws(TemplateError) -> Text {
        try check(count: texts.reduce(separator.count * texts.count) { $0 + $1.count })
        return Text(Array(texts.map(\.letters).joined(separator: separator.letters)))
    }
}
