import TestSupport
import Transformer

/// A model of the architecture llama as a GGUF file, whose keys and tensors a test can change.
///
/// Its tensors have names only.
struct GGUFModelFile {
    enum Value: Sendable {
        case integer(UInt32)
        case float(Float)
        case flag(Bool)
        case text(String)
        case texts([String])
        case integers([Int32])
        case floats([Float])

        fileprivate var encoded: (type: UInt32, bytes: [UInt8]) {
            switch self {
            case .integer(let number): (4, GGUFBytes.number(number))
            case .float(let number): (6, GGUFBytes.number(number.bitPattern))
            case .flag(let flag): (7, [flag ? 1 : 0])
            case .text(let text): (8, GGUFBytes.string(text))
            case .texts(let texts): (9, GGUFBytes.array(of: 8, texts.map(GGUFBytes.string)))
            case .integers(let numbers): (9, GGUFBytes.array(of: 5, numbers.map { GGUFBytes.number($0) }))
            case .floats(let numbers):
                (9, GGUFBytes.array(of: 6, numbers.map { GGUFBytes.number($0.bitPattern) }))
            }
        }
    }

    var values: [String: Value]
    /// Names, and the numbers of those that have any.
    var tensors: [String: [Float]] = ["token_embd.weight": [0]]

    /// A model of this architecture, with the keys that all have.
    init(_ architecture: String = "llama", _ changes: [String: Value] = [:]) {
        values = ["general.architecture": .text(architecture)]
        for (key, value) in [
            "context_length": 128, "embedding_length": 64, "block_count": 2, "feed_forward_length": 96,
            "attention.head_count": 4,
        ] as [String: UInt32] {
            values["\(architecture).\(key)"] = .integer(value)
        }
        values["\(architecture).attention.layer_norm_rms_epsilon"] = .float(1e-5)
        for (key, value) in [
            "model": .text("gpt2"), "pre": .text("gpt-2"), "tokens": .texts(["a", "b", "ab", "<end>"]),
            "token_type": .integers([1, 1, 1, 3]), "merges": .texts(["a b"]), "eos_token_id": .integer(3),
        ] as [String: Value] {
            values["tokenizer.ggml.\(key)"] = value
        }
        for (key, value) in changes { values[key] = value }
    }

    func checkpoint(in folder: TemporaryFolder) throws -> Checkpoint {
        try Checkpoint(at: folder.write("model.gguf", bytes))
    }

    private var bytes: [UInt8] {
        var file = GGUFBytes()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let (type, bytes) = value.encoded
            file.entries.append((key, type, bytes))
        }
        for (name, numbers) in tensors.sorted(by: { $0.key < $1.key }) {
            file.tensors.append(
                .init(name: name, extents: [UInt64(numbers.count)], offset: UInt64(file.data.count)))
            file.data += numbers.flatMap { GGUFBytes.number($0.bitPattern) }
            while file.data.count % file.alignment != 0 { file.data.append(0) }
        }
        return file.bytes
    }
}
