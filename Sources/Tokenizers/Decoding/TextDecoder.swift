/// Turns token texts into text: the `decoder` of a `tokenizer.json`, as a sequence of stages.
struct TextDecoder: Sendable {
    enum Stage: Sendable {
        case byteLevel
        case byteFallback
        case fuse
        case strip(Unicode.Scalar, start: Int, stop: Int)
        case replace(TextPattern, with: [UInt8])
        case metaspace(Metaspace)
        /// The decoder of a file without one.
        case spaced
    }

    private static let supported = [
        "Sequence", "ByteLevel", "ByteFallback", "Fuse", "Strip", "Replace", "Metaspace",
    ]
    /// Larger than any text, but safe from overflow.
    private static let maximumStrip = 1 << 20

    private(set) var stages: [Stage] = []

    init(_ node: JSONNode?) throws(TokenizerError) {
        if let node { try read(node) } else { stages = [.spaced] }
    }

    private mutating func read(_ node: JSONNode) throws(TokenizerError) {
        let type = try node.required("type").text()
        switch type {
        case "Sequence":
            for stage in try node.required("decoders").elements() { try read(stage) }
        case "ByteLevel": stages.append(.byteLevel)
        case "ByteFallback": stages.append(.byteFallback)
        case "Fuse": stages.append(.fuse)
        case "Strip":
            stages.append(
                .strip(
                    try node.required("content").scalar(),
                    start: try node.required("start").integer(in: 0..<Self.maximumStrip),
                    stop: try node.required("stop").integer(in: 0..<Self.maximumStrip)))
        case "Replace":
            stages.append(
                .replace(
                    try TextPattern(try node.required("pattern")),
                    with: Array(try node.required("content").text().utf8)))
        case "Metaspace": stages.append(.metaspace(try Metaspace(node)))
        default: throw node.unsupported(type, supported: Self.supported)
        }
    }

    /// The bytes of one token within a text.
    func bytes(of token: String) -> [UInt8] {
        var bytes = Array(token.utf8)
        var isFused = false
        for stage in stages {
            switch stage {
            case .byteLevel: bytes = ByteAlphabet.bytes(of: String(decoding: bytes, as: UTF8.self))
            case .byteFallback: bytes = ByteFallback.byte(bytes).map { [$0] } ?? bytes
            case .fuse: isFused = true
            case .strip where isFused: break
            case .spaced: break
            case .strip, .replace, .metaspace:
                var run = DecoderStageRun(stage, isFirst: false)
                bytes = run.take(DecoderFragment(bytes, endsToken: true)).flatMap(\.bytes)
            }
        }
        return bytes
    }
}

/// The tokens `<0x00>` … `<0xFF>`.
enum ByteFallback {
    static func spelling(of byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }

    /// The byte that a byte token stands for; `nil` for other tokens.
    static func byte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }
}
