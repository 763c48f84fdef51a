import Foundation
import TestSupport
import Testing

private let weights = GoodCheckpoint.weights

extension BrokenCheckpoint {
    /// Well-formed files with the wrong tensors.
    static let tensors: [BrokenCheckpoint] = [
        BrokenCheckpoint(
            testDescription: "no final norm", file: weights, fault: "has no tensor `model.norm.weight`"
        ) { try $0.tensors { $0["model.norm.weight"] = nil } },
        BrokenCheckpoint(
            testDescription: "no second matrix of an expert", file: weights,
            fault: "has no tensor `model.layers.1.block_sparse_moe.experts.3.w2.weight`"
        ) { try $0.tensors { $0["model.layers.1.block_sparse_moe.experts.3.w2.weight"] = nil } },
        BrokenCheckpoint(testDescription: "no tensor at all", file: weights, fault: "it holds none") {
            try $0.tensors { $0.tensors = [] }
        },
        BrokenCheckpoint(
            testDescription: "a norm of another width", file: weights,
            fault: "`model.norm.weight` has shape [32], but config.json implies [64]"
        ) {
            try $0.tensors {
                $0["model.norm.weight"]?.shape = [32]
                $0["model.norm.weight"]?.data = Data(count: 64)
            }
        },
        BrokenCheckpoint(
            testDescription: "a matrix the other way round", file: weights,
            fault: "experts.0.w2.weight` has shape [72, 64], but config.json implies [64, 72]"
        ) { try $0.tensors { $0["model.layers.0.block_sparse_moe.experts.0.w2.weight"]?.shape = [72, 64] } },
        BrokenCheckpoint(
            testDescription: "integers for weights", file: weights, fault: "has type I16; weights can be F32"
        ) { try $0.tensors { $0["model.layers.0.self_attn.k_proj.weight"]?.dtype = "I16" } },
        BrokenCheckpoint(
            testDescription: "a type that nobody knows", file: weights,
            fault: "has type Q9; weights can be F32"
        ) { try $0.tensors { $0["model.layers.0.self_attn.k_proj.weight"]?.dtype = "Q9" } },
        BrokenCheckpoint(
            testDescription: "a matrix off its alignment", file: weights, fault: "not at a multiple of 2"
        ) {
            try $0.tensors {
                let odd = TensorFile.Tensor(name: "odd", dtype: "U8", shape: [1], data: Data(count: 1))
                $0.tensors.insert(odd, at: 0)
            }
        },
        BrokenCheckpoint(
            testDescription: "NaN in a norm", file: weights,
            fault: "`model.norm.weight` holds NaN or infinity at [5]", isInHeaders: false
        ) { try $0.tensors { try $0.set(5, of: "model.norm.weight", to: [0x01, 0x7E]) } },
        BrokenCheckpoint(
            testDescription: "infinity in a norm", file: weights,
            fault: "`model.layers.1.input_layernorm.weight` holds NaN or infinity at [0]", isInHeaders: false
        ) {
            try $0.tensors { try $0.set(0, of: "model.layers.1.input_layernorm.weight", to: [0x00, 0xFC]) }
        },
        BrokenCheckpoint(
            testDescription: "infinity in an embedding", file: weights,
            fault: "`model.embed_tokens.weight` holds NaN or infinity at [2, 1]", isInHeaders: false
        ) { try $0.tensors { try $0.set(129, of: "model.embed_tokens.weight", to: [0x00, 0x7C]) } },
        BrokenCheckpoint(
            testDescription: "NaN in an expert", file: weights,
            fault: "experts.4.w3.weight` holds NaN or infinity at [0, 3]", isInHeaders: false
        ) {
            try $0.tensors {
                try $0.set(3, of: "model.layers.0.block_sparse_moe.experts.4.w3.weight", to: [0xFF, 0xFF])
            }
        },
    ]

    private static func field(_ name: String, _ value: sending Any?, _ fault: String) -> BrokenCheckpoint {
        nonisolated(unsafe) let value = value
        return BrokenCheckpoint(
            testDescription: "\(name) of \(value.map { "\($0)" } ?? "nothing")", file: "config.json",
            fault: fault
        ) { try $0.configure(name, value) }
    }

    private static func text(
        _ old: String, _ new: String, in file: String, _ fault: String
    ) -> BrokenCheckpoint {
        BrokenCheckpoint(testDescription: "\(new.prefix(60)) in \(file)", file: file, fault: fault) {
            try $0.replace(old, by: new, in: file)
        }
    }

    /// Configurations that are absurd, or of another model.
    static let configurations: [BrokenCheckpoint] = [
        field(
            "num_hidden_layers", 1_000_000_000, "`num_hidden_layers` is 1000000000; it must lie in 1 ... 4096"
        ),
        field("num_hidden_layers", 4096, "has no tensor `model.layers.2.").naming(weights),
        field("num_hidden_layers", -1, "`num_hidden_layers` is -1"),
        field("vocab_size", 1 << 22, "but config.json implies [4194304, 64]").naming(weights),
        field("vocab_size", 1 << 23, "`vocab_size` is 8388608"),
        field("vocab_size", 100, "has 250 tokens, but config.json says vocab_size 100").naming(
            "tokenizer.json"),
        field("hidden_size", 1 << 22, "`head_dim` is 1048576; it must lie in"),
        field("hidden_size", 0, "`hidden_size` is 0"),
        field("num_local_experts", 1 << 20, "`num_local_experts` is 1048576"),
        field("num_local_experts", 1 << 14, "but config.json implies [16384, 64]").naming(weights),
        field(
            "num_experts_per_tok", 6, "`num_experts_per_tok` is 6; it must lie in 1 ... num_local_experts 5"),
        field("num_attention_heads", 1 << 20, "`num_attention_heads` is 1048576; it must lie in 1 ... 4096"),
        field("head_dim", 1 << 20, "`head_dim` is 1048576; it must lie in 1 ... 1024"),
        field("max_position_embeddings", 1 << 40, "`max_position_embeddings` is 1099511627776"),
        field("intermediate_size", nil, "`intermediate_size` is missing"),
        field("architectures", ["T5ForConditionalGeneration"], "supported are MixtralForCausalLM"),
        field("architectures", [String](), "`architectures` is []"),
        field("quantization_config", ["bits": 4], "`quantization_config` is set"),
        field("eos_token_id", 250, "`eos_token_id` names token 250"),
        text("\"vocab_size\": 250", "\"vocab_size\": 9223372036854775808", in: "config.json", "does not fit"),
        text("\"vocab_size\": 250", "\"vocab_size\": 250.5", in: "config.json", "does not fit"),
        text("1000000.0", "1e999", in: "config.json", "beyond all doubles"),
        text("1000000.0", "NaN", in: "config.json", "is not valid JSON"),
        text("\"vocab_size\": 250", "\"vocab_size\": 250, \"vocab_size\": 251", in: "config.json", "twice"),
        text("{", String(repeating: #"{"a":"#, count: 100_000), in: "config.json", "is not valid JSON"),
        text("{", "\u{FEFF}[", in: "config.json", "is not valid JSON"),
    ]

    static let tokenizers: [BrokenCheckpoint] = [
        text(#""type":"BPE""#, #""type":"Unigram""#, in: "tokenizer.json", "Unigram"),
        text(#""!":0"#, #""!":2147483647"#, in: "tokenizer.json", "0 ..< 4194304"),
        text(#""!":0"#, #""!":-1"#, in: "tokenizer.json", "0 ..< 4194304"),
        text(#""!":0"#, #""!":9223372036854775808"#, in: "tokenizer.json", ""),
        text(#""!":0"#, #""!":1"#, in: "tokenizer.json", "id 1"),
        text(#""!":0"#, #""!":0,"!":0"#, in: "tokenizer.json", "two entries"),
        text("{", String(repeating: "[", count: 100_000), in: "tokenizer.json", ""),
        text("\"vocab\":{", "\"vocab\":[", in: "tokenizer.json", ""),
    ]

    static let all = files + headers + tensors + configurations + tokenizers

    /// The same, found in another file.
    private func naming(_ file: String) -> BrokenCheckpoint {
        BrokenCheckpoint(
            testDescription: testDescription, file: file, fault: fault, isInHeaders: isInHeaders,
            damage: damage)
    }
}

extension TensorFile {
    /// Overwrites one two-byte number of a tensor.
    fileprivate mutating func set(_ index: Int, of name: String, to bytes: [UInt8]) throws {
        var tensor = try #require(self[name])
        var data = Data(tensor.data)
        data.replaceSubrange(2 * index..<2 * index + 2, with: bytes)
        tensor.data = data
        self[name] = tensor
    }
}
