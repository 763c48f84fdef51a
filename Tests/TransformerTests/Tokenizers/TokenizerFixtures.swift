import Foundation
import Tokenizers
import Transformer

/// A tokenizer.json of each family, and what the `tokenizers` library makes of the texts and runs of ids.
///
/// `Scripts/fixtures/make-tokenizers` wrote them; its `--explain` says what a digest stands for.
enum TokenizerFixtures: String, CaseIterable, CustomStringConvertible {
    /// The checkpoint in Models/story-moe.
    case starter
    case gpt2
    case gptNeoX = "gpt-neox"
    case prefixSpace = "prefix-space"
    case llama2, llama3, mistral, tekken, gemma, qwen2, deepseek2, deepseek3, cl100k, o200k, kimi, metaspace
    case metaspaceNever = "metaspace-never"
    /// Stages that no published model combines so.
    case words, cuts
    case bytesFirst = "bytes-first"

    static let storyFolder =
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Models/story-moe")
        .standardized.path

    var description: String { rawValue }

    var path: String {
        self == .starter
            ? Self.storyFolder + "/tokenizer.json" : Self.url("tokenizer/\(rawValue).json").path
    }

    func tokenizer() throws -> Tokenizer {
        try Tokenizer(contentsOf: path)
    }

    /// What every family encodes.
    static func texts() throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(contentsOf: url("tokenizer/texts.json")))
    }

    /// The digests of the ids and of the decoded text of each text; then those of the decoded runs of ids.
    func digests() throws -> (texts: [(ids: String, text: String)], runs: [String]) {
        let bytes = try Data(contentsOf: Self.url("tokenizer/\(rawValue).digests")).filter { $0 != 0x0A }
        let pairs = stride(from: 0, to: bytes.count, by: 2).map {
            String(decoding: bytes[$0..<$0 + 2], as: UTF8.self)
        }
        let runs = pairs.suffix(Self.runCount)
        let texts = pairs.dropLast(Self.runCount)
        return (stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }, Array(runs))
    }

    static let runCount = 600

    /// The runs of ids that the script drew: half of them are of ids below 300, which are mostly bytes.
    static func runs(vocabularySize: Int) -> [[TokenID]] {
        var state = UInt64(vocabularySize)
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        return (0..<runCount).map { index in
            let count = next(10)
            let limit = index.isMultiple(of: 2) ? vocabularySize : min(300, vocabularySize)
            return (0..<count).map { _ in TokenID(next(limit)) }
        }
    }

    static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appending(path: "Fixtures/" + name)
    }
}

/// Twelve bits of a text's CRC-32, as two characters of base 64.
enum Digest {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    private static let table = (0..<256).map { (index: UInt32) in
        (0..<8).reduce(index) { code, _ in code & 1 == 1 ? 0xEDB8_8320 ^ (code >> 1) : code >> 1 }
    }

    static func of(_ text: String) -> String {
        var code = UInt32.max
        for byte in text.utf8 { code = table[Int((code ^ UInt32(byte)) & 0xFF)] ^ (code >> 8) }
        code = ~code & 0xFFF
        return String([alphabet[Int(code >> 6)], alphabet[Int(code & 63)]])
    }
}
