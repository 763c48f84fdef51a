/// The methods of values: `value.name(arguments)`.
extension Interpreter {
    func call(_ method: Method, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch method.receiver {
        case .text(let text): return try callText(method.name, text, arguments)
        case .mapping(let mapping): return try call(method.name, mapping, arguments)
        case .loop(let loop): return try call(method.name, of: loop, arguments)
        default: return try call(method.name, sequence: method.receiver, arguments)
        }
    }

    private func call(
        _ name: String, _ mapping: Mapping, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        if name == "get" {
            try arguments.refuseNamed(in: name)
            let bound = try arguments.bind(["key", "default"], required: 1, in: name)
            guard let key = bound[0], Key(key) != nil else { throw .evaluation("unhashable key") }
            return mapping[key] ?? bound[1] ?? .none
        }
        _ = try arguments.bind([], in: name)
        try spend(mapping.keys.count / Text.lettersPerStep)
        switch name {
        case "keys": return .view(View(kind: .keys, items: try Items(mapping.keys)))
        case "values": return .view(View(kind: .values, items: try Items(mapping.values)))
        case "items": return .view(View(kind: .items, items: try Items(try tuples(mapping.pairs))))
        default: return .mapping(mapping)
        }
    }

    private func call(
        _ name: String, sequence: Value, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        try arguments.refuseNamed(in: name)
        if name == "copy" {
            _ = try arguments.bind([], in: name)
            return sequence
        }
        let wanted = try arguments.bind(["value"], required: 1, in: name)[0] ?? .none
        var count = 0
        for (index, value) in try values(of: sequence).enumerated() where try equal(value, wanted) {
            if name == "index" { return .integer(index) }
            count += 1
        }
        guard name == "count" else { throw .evaluation("the value is not in the \(sequence.typeName)") }
        return .integer(count)
    }

    // MARK: Text

    static let textMethods: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "replace",
        "upper",
        "lower", "title", "capitalize", "swapcase", "casefold", "find", "rfind", "index", "rindex", "count",
        "join",
        "format", "partition", "rpartition", "removeprefix", "removesuffix", "isdigit", "isdecimal",
        "isnumeric",
        "isalpha", "isalnum", "isspace", "isupper", "islower", "ljust", "rjust", "center", "zfill",
    ]

    func callText(_ name: String, _ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        try spend(text.count / Text.lettersPerStep)
        if name == "format" { return try made(try text.formatted(arguments, with: self)) }
        if let result = try cut(name, text, arguments) { return result }
        if let result = try find(name, text, arguments) { return result }
        if let result = try change(name, text, arguments) { return result }
        _ = try arguments.bind([], in: name)
        switch name {
        case "isdigit": return .bool(text.isNonEmpty(allSatisfying: \.isPythonDigit))
        case "isdecimal":
            return .bool(text.isNonEmpty { $0.properties.numericType == .decimal })
        case "isnumeric": return .bool(text.isNonEmpty(allSatisfying: \.isPythonNumeric))
        case "isalpha": return .bool(text.isNonEmpty(allSatisfying: \.isPythonAlphabetic))
        case "isalnum":
            return .bool(text.isNonEmpty { $0.isPythonAlphabetic || $0.isPythonNumeric })
        case "isspace": return .bool(text.isNonEmpty(allSatisfying: \.isPythonSpace))
        case "isupper": return .bool(text.isUppercase)
        case "islower": return .bool(text.isLowercase)
        default: throw .evaluation("'str' object has no method '\(name)'")
        }
    }

    private func text(_ value: Value?, in name: String) throws(TemplateError) -> Text {
        guard case .text(let text)? = value else {
            if case .undefined(let message)? = value { throw .evaluation(message) }
            throw .evaluation("\(name)() needs a string, not '\(value?.typeName ?? "nothing")'")
        }
        return text
    }

    private func list(_ texts: [Text]) throws(TemplateError) -> Value {
        .list(try made(texts.map(Value.text)))
    }

    private func cut(_ name: String, _ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value? {
        switch name {
        case "split", "rsplit":
            let bound = try arguments.bind(["sep", "maxsplit"], in: name)
            let limit = try integer(bound[1] ?? .integer(-1), in: name)
            let separator = try strippedLetters(bound[0])
            guard separator?.isEmpty != true else { throw .evaluation("empty separator") }
            func cut(_ text: Text, _ separator: Text?) -> [Text] {
                separator.map { text.split(by: $0, limit: limit) } ?? text.splitAtSpace(limit: limit)
            }
            guard name == "rsplit" else { return try list(cut(text, separator)) }
            return try list(cut(text.reversed, separator?.reversed).reversed().map(\.reversed))
        case "splitlines":
            let keeps = try arguments.bind(["keepends"], in: name)[0]?.isTrue ?? false
            return try list(text.lines(keepingEnds: keeps))
        case "partition", "rpartition":
            try arguments.refuseNamed(in: name)
            let separator = try self.text(
                try arguments.bind(["sep"], required: 1, in: name)[0], in: name)
            guard !separator.isEmpty else { throw .evaluation("empty separator") }
            let isFirst = name == "partition"
            guard let place = isFirst ? text.firstIndex(of: separator) : text.lastIndex(of: separator) else {
                let parts = isFirst ? [text, Text(""), Text("")] : [Text(""), Text(""), text]
                return .tuple(try Items(parts.map(Value.text)))
            }
            let parts = [
                text.letters[..<place], text.letters[place..<(place + separator.count)],
                text.letters[(place + separator.count)...],
            ]
            return .tuple(try Items(parts.map { .text(Text($0)) }))
        default: return nil
        }
    }

    private func find(_ name: String, _ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value? {
        switch name {
        case "startswith", "endswith":
            try arguments.refuseNamed(in: name)
            let bound = try arguments.bind(["affix", "start", "end"], required: 1, in: name)
            var affixes = [bound[0] ?? .none]
            if case .tuple(let items) = affixes[0] { affixes = items.values }
            let part = try self.part(of: text, bound[1], bound[2], in: name).text
            for affix in affixes {
                let affix = try self.text(affix, in: name)
                if name == "startswith" ? part.hasPrefix(affix) : part.hasSuffix(affix) { return .bool(true) }
            }
            return .bool(false)
        case "find", "rfind", "index", "rindex", "count":
            try arguments.refuseNamed(in: name)
            let bound = try arguments.bind(["sub", "start", "end"], required: 1, in: name)
            let wanted = try self.text(bound[0], in: name)
            let (part, offset) = try self.part(of: text, bound[1], bound[2], in: name)
            if name == "count" {
                return .integer(
                    wanted.isEmpty ? part.count + 1 : part.split(by: wanted, limit: -1).count - 1)
            }
            let place = name.hasPrefix("r") ? part.lastIndex(of: wanted) : part.firstIndex(of: wanted)
            guard place != nil || name.hasSuffix("find") else { throw .evaluation("substring not found") }
            return .integer(place.map { $0 + offset } ?? -1)
        default: return nil
        }
    }

    /// The part of a text from `start` to `end`, and its offset.
    private func part(
        of text: Text, _ start: Value?, _ end: Value?, in name: String
    ) throws(TemplateError) -> (text: Text, offset: Int) {
        func place(_ value: Value?, _ fallback: Int) throws(TemplateError) -> Int {
            guard let value, value.isNotNone else { return fallback }
            let index = try integer(value, in: name)
            return min(max(index < 0 ? index + text.count : index, 0), text.count)
        }
        let from = try place(start, 0)
        let to = max(from, try place(end, text.count))
        return (from == 0 && to == text.count ? text : Text(text.letters[from..<to]), from)
    }

    private func change(_ name: String, _ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value?
    {
        func plain(_ changed: Text) throws(TemplateError) -> Value {
            _ = try arguments.bind([], in: name)
            return try made(changed)
        }
        switch name {
        case "strip", "lstrip", "rstrip":
            try arguments.refuseNamed(in: name)
            let letters = try strippedLetters(try arguments.bind(["chars"], in: name)[0])
            return try made(text.stripped(letters, left: name != "rstrip", right: name != "lstrip"))
        case "upper": return try plain(text.uppercased)
        case "lower", "casefold": return try plain(text.lowercased)
        case "title": return try plain(text.titlecased)
        case "capitalize": return try plain(text.capitalized)
        case "swapcase": return try plain(text.caseSwapped)
        case "replace":
            let bound = try arguments.bind(["old", "new", "count"], required: 2, in: name)
            let limit = try integer(bound[2] ?? .integer(-1), in: name)
            return try made(
                try text.replacing(
                    try self.text(bound[0], in: name), with: try self.text(bound[1], in: name), limit: limit))
        case "removeprefix", "removesuffix":
            try arguments.refuseNamed(in: name)
            let affix = try self.text(try arguments.bind(["affix"], required: 1, in: name)[0], in: name)
            if name == "removeprefix" {
                return try made(text.hasPrefix(affix) ? Text(text.letters.dropFirst(affix.count)) : text)
            }
            return try made(text.hasSuffix(affix) ? Text(text.letters.dropLast(affix.count)) : text)
        case "join":
            try arguments.refuseNamed(in: name)
            var texts: [Text] = []
            for value in try values(of: try arguments.bind(["iterable"], required: 1, in: name)[0] ?? .none) {
                texts.append(try self.text(value, in: name))
            }
            return try made(try Text.join(texts, separator: text))
        case "ljust", "rjust", "center", "zfill": return try padded(name, text, arguments)
        default: return nil
        }
    }

    private func padded(_ name: String, _ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        try arguments.refuseNamed(in: name)
        let bound = try arguments.bind(["width", "fillchar"], required: 1, in: name)
        let width = try integer(bound[0] ?? .none, in: name)
        try Text.check(count: width)
        let fill = try self.text(bound[1] ?? .text(name == "zfill" ? "0" : " "), in: name)
        guard fill.count == 1 else { throw .evaluation("the fill character must be one character long") }
        let missing = max(0, width - text.count)
        func padding(_ count: Int) -> Text {
            Text(Array(repeating: fill.letters[0], count: count))
        }
        switch name {
        case "ljust": return try made(text + padding(missing))
        case "rjust": return try made(padding(missing) + text)
        case "zfill":
            let sign = text.letters.prefix { $0.scalar == "+" || $0.scalar == "-" }.prefix(1)
            return try made(Text(sign) + padding(missing) + Text(text.letters.dropFirst(sign.count)))
        default:
            let left = missing / 2 + (missing & width & 1)
            return try made(padding(left) + text + padding(missing - left))
        }
    }
}
