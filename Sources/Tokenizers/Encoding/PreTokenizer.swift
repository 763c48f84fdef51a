/// The `pre_tokenizer` of a `tokenizer.json`: cuts a text into pieces that are encoded separately.
indirect enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case byteLevel(addsPrefixSpace: Bool, pattern: RegularExpression?)
    case split(TextPattern, SplitBehavior, isInverted: Bool)
    case digits(individual: Bool)
    case metaspace(Metaspace)
    case whitespace
    case whitespaceSplit
    case punctuation(SplitBehavior)

    private static let supported = [
        "Sequence", "ByteLevel", "Split", "Digits", "Metaspace", "Whitespace", "WhitespaceSplit",
        "Punctuation",
    ]

    /// GPT-2's pattern.
    static let byteLevelPattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    init(_ node: JSONNode) throws(TokenizerError) {
        let type = try node.required("type").text()
        switch type {
        case "Sequence":
            var stages: [PreTokenizer] = []
            for stage in try node.required("pretokenizers").elements() {
                stages.append(try PreTokenizer(stage))
            }
            self = .sequence(stages)
        case "ByteLevel": self = try Self.byteLevel(node)
        case "Split":
            self = .split(
                try TextPattern(try node.required("pattern")),
                try SplitBehavior(try node.required("behavior")),
                isInverted: try node.flag("invert", default: false))
        case "Digits": self = .digits(individual: try node.flag("individual_digits", default: false))
        case "Metaspace": self = .metaspace(try Metaspace(node))
        case "Whitespace": self = .whitespace
        case "WhitespaceSplit": self = .whitespaceSplit
        case "Punctuation":
            self = .punctuation(try node.optional("behavior").map(SplitBehavior.init) ?? .isolated)
        default: throw node.unsupported(type, supported: Self.supported)
        }
    }

    private static func byteLevel(_ node: JSONNode) throws(TokenizerError) -> PreTokenizer {
        let addsPrefixSpace = try node.flag("add_prefix_space", default: true)
        guard try node.flag("use_regex", default: true) else {
            return .byteLevel(addsPrefixSpace: addsPrefixSpace, pattern: nil)
        }
        do throws(OnigurumaPattern.Problem) {
            return .byteLevel(
                addsPrefixSpace: addsPrefixSpace, pattern: try RegularExpression(byteLevelPattern))
        } catch {
            throw node.error("\(error)")
        }
    }

    func apply(_ pieces: inout Pieces, _ scratch: RegularExpression.Scratch) throws(TokenizationError) {
        switch self {
        case .sequence(let stages):
            for stage in stages { try stage.apply(&pieces, scratch) }
        case .byteLevel(let addsPrefixSpace, let pattern):
            if addsPrefixSpace {
                pieces.rewrite { piece, _, result in
                    if piece.first != UInt8(ascii: " ") { result.append(UInt8(ascii: " ")) }
                    result += piece
                }
            }
            if let pattern {
                try pieces.split(.isolated) { text, body throws(TokenizationError) in
                    try pattern.forEachMatch(in: text, scratch, body)
                }
            }
            pieces.rewrite { piece, _, result in ByteAlphabet.spell(piece, into: &result) }
        case .split(let pattern, let behavior, let isInverted):
            try pieces.split(behavior, isInverted: isInverted) { text, body throws(TokenizationError) in
                try pattern.forEachMatch(in: text, scratch, body)
            }
        case .digits(let individual):
            pieces.split(individual ? .isolated : .contiguous, at: ScalarKinds.isNumeric)
        case .metaspace(let metaspace): metaspace.apply(&pieces)
        case .whitespace: Self.splitWords(&pieces)
        case .whitespaceSplit: pieces.split(.removed, at: ScalarKinds.isWhitespace)
        case .punctuation(let behavior): pieces.split(behavior, at: ScalarKinds.isPunctuation)
        }
    }

    /// `\w+|[^\w\s]+`.
    private static func splitWords(_ pieces: inout Pieces) {
        pieces.split(.removed, at: ScalarKinds.isWhitespace)
        pieces.split(.contiguous, at: ScalarKinds.isWord)
    }
}

/// SentencePiece's treatment of spaces: they become a visible character, and one may be added before the text.
struct Metaspace: Sendable {
    enum Prepending: String, CaseIterable {
        case always, first, never
    }

    let replacement: Unicode.Scalar
    let prepending: Prepending
    private let splits: Bool

    init(_ node: JSONNode) throws(TokenizerError) {
        replacement = try node.required("replacement").scalar()
        splits = try node.flag("split", default: true)
        guard let scheme = try node.optional("prepend_scheme") else {
            // The format of 2023 and earlier.
            prepending = try node.flag("add_prefix_space", default: true) ? .always : .never
            return
        }
        guard let prepending = Prepending(rawValue: try scheme.text()) else {
            throw scheme.unsupported(try scheme.text(), supported: Prepending.allCases.map(\.rawValue))
        }
        guard try node.flag("add_prefix_space", default: true) || prepending == .never else {
            throw node.error("has an `add_prefix_space` and a `prepend_scheme` that disagree")
        }
        self.prepending = prepending
    }

    func apply(_ pieces: inout Pieces) {
        let mark = Array(String(replacement).utf8)
        pieces.rewrite { piece, isFirst, result in
            let start = result.count
            for byte in piece {
                if byte == UInt8(ascii: " ") { result += mark } else { result.append(byte) }
            }
            guard prepending == .always || (prepending == .first && isFirst),
                !result[start...].starts(with: mark)
            else { return }
            result.insert(contentsOf: mark, at: start)
        }
        if splits { pieces.split(.mergedWithNext) { $0 == replacement } }
    }
}
