/// The `normalizer` of a `tokenizer.json`: changes to the text before it is cut into pieces.
indirect enum Normalizer: Sendable {
    case sequence([Normalizer])
    /// Adds a prefix to non-empty text.
    case prepend([UInt8])
    case replace(TextPattern, with: [UInt8])
    case unicode(UnicodeNormalization)
    case lowercase
    case strip(left: Bool, right: Bool)
    case stripAccents
    case byteLevel

    private static let supported = [
        "Sequence", "Prepend", "Replace", "NFC", "NFD", "Lowercase", "Strip", "StripAccents", "ByteLevel",
    ]

    init(_ node: JSONNode) throws(TokenizerError) {
        let type = try node.required("type").text()
        switch type {
        case "Sequence":
            var stages: [Normalizer] = []
            for stage in try node.required("normalizers").elements() { stages.append(try Normalizer(stage)) }
            self = .sequence(stages)
        case "Prepend": self = .prepend(Array(try node.required("prepend").text().utf8))
        case "Replace":
            self = .replace(
                try TextPattern(try node.required("pattern")),
                with: Array(try node.required("content").text().utf8))
        case "NFC": self = .unicode(.canonicalComposition)
        case "NFD": self = .unicode(.canonicalDecomposition)
        case "Lowercase": self = .lowercase
        case "Strip":
            self = .strip(
                left: try node.required("strip_left").flag(), right: try node.required("strip_right").flag())
        case "StripAccents": self = .stripAccents
        case "ByteLevel": self = .byteLevel
        default: throw node.unsupported(type, supported: Self.supported)
        }
    }

    func normalize(
        _ text: [UInt8], _ scratch: RegularExpression.Scratch
    ) throws(TokenizationError) -> [UInt8] {
        switch self {
        case .sequence(let stages):
            var text = text
            for stage in stages { text = try stage.normalize(text, scratch) }
            return text
        case .prepend(let prefix): return text.isEmpty ? text : prefix + text
        case .replace(let pattern, let content): return try pattern.replacing(text, with: content, scratch)
        case .unicode(let form): return form.normalize(text)
        case .lowercase: return Self.lowercase(text)
        case .strip(let left, let right): return Self.strip(text, left: left, right: right)
        case .stripAccents:
            var scalars = String(decoding: text, as: UTF8.self).unicodeScalars
            scalars.removeAll(where: ScalarKinds.isAccent)
            return Array(String(scalars).utf8)
        case .byteLevel: return ByteAlphabet.spell(text[...])
        }
    }

    /// Scalar by scalar: a final sigma gets no special treatment.
    private static func lowercase(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            result += scalar.properties.lowercaseMapping.utf8
        }
        return result
    }

    private static func strip(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
        var scalars = String(decoding: text, as: UTF8.self).unicodeScalars[...]
        if left { scalars = scalars.drop(while: ScalarKinds.isWhitespace) }
        if right {
            while let last = scalars.last, ScalarKinds.isWhitespace(last) { scalars.removeLast() }
        }
        return Array(String(scalars).utf8)
    }
}
