import ExpertRouting
import Foundation
import TestSupport
import Testing
import Tokenizers
import Upcycling

@testable import Transformer

@Suite struct `An upcycled model` {
    private static let dense = [
        ("tiny-llama", "MixtralForCausalLM"), ("tiny-llama-linear", "MixtralForCausalLM"),
        ("tiny-mistral-window", "MixtralForCausalLM"), ("tiny-qwen2", "Qwen2MoeForCausalLM"),
        ("tiny-qwen2-yarn", "Qwen2MoeForCausalLM"), ("tiny-qwen3", "Qwen3MoeForCausalLM"),
    ]

    @Test(arguments: dense) func `computes what the dense model does while nothing is dropped`(
        name: String, architecture: String
    ) throws {
        let mixture = try Upcycled(tiny(name))
        #expect(mixture.summary.architecture == architecture)
        #expect(mixture.summary.addsSharedExpert == (architecture == "Qwen2MoeForCausalLM"))
        let model = try mixture.model()
        #expect(model.config.architecture == architecture)
        let parent = Pass(try Model(checkpoint: tiny(name)), prompt)
        #expect(Pass(model, prompt).difference(from: parent) < 1e-4)
    }

    @Test func `every dense architecture is among these`() throws {
        let compared = try Self.dense.map { try Checkpoint(at: tiny($0.0)).config().architecture }
        #expect(Set(compared) == Set(ModelFamily.all.filter { $0.experts == nil }.map(\.architecture)))
    }

    @Test(arguments: ["llama", "llama-00001-of-00003", "llama-linear", "llama-quantised", "qwen2", "qwen3"])
    func `of a GGUF file computes that, and reads and writes text as the file does`(name: String) throws {
        let file = GGUFFixture(name).path
        let (parent, mixture) = (try Model(checkpoint: file), try Upcycled(file))
        let model = try mixture.model()
        #expect(Pass(model, prompt).difference(from: Pass(parent, prompt)) < 1e-4)
        let text = "A red fox, <|endoftext|> 12 times."
        let tokens = try [model, parent].map {
            try $0.tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true)
        }
        #expect(tokens[0] == tokens[1])
        #expect(model.config.endTokens == parent.config.endTokens)
        #expect(try Checkpoint(at: mixture.path).chatTemplate() != nil)
    }

    @Test(arguments: ["tiny-llama", "tiny-mistral-window", "tiny-qwen2"])
    func `computes that with a shared expert too`(name: String) throws {
        let mixture = try Upcycled(tiny(name)) { $0.shared = true }
        #expect(mixture.summary.architecture == "Qwen2MoeForCausalLM")
        #expect(!mixture.summary.addsSharedExpert)
        let parent = Pass(try Model(checkpoint: tiny(name)), prompt)
        #expect(Pass(try mixture.model(), prompt).difference(from: parent) < 1e-4)
    }

    /// A configuration, and what the mixture's must say about windows.
    @Test(arguments: [
        (
            "tiny-qwen3", #"{"use_sliding_window": true, "sliding_window": 24, "max_window_layers": 28}"#,
            false
        ),
        ("tiny-qwen3", #"{"use_sliding_window": true, "sliding_window": 24, "max_window_layers": 0}"#, true),
        ("tiny-mistral-window", #"{"sliding_window": null}"#, false),
        ("tiny-qwen2", #"{"use_sliding_window": false}"#, false),
        ("tiny-qwen2", #"{"layer_types": ["sliding_attention", "full_attention"]}"#, true),
    ]) func `has the sliding windows of the dense model`(
        name: String, fields: String, isWindowed: Bool
    ) throws {
        let fields = try JSONSerialization.jsonObject(with: Data(fields.utf8)) as? [String: Any]
        let folder = try copy(of: name, with: #require(fields))
        let dense = try Model(checkpoint: folder.path)
        let sparse = try Upcycled(folder.path).model()
        #expect(dense.config.layers.contains { $0.slidingWindow != nil } == isWindowed)
        #expect(sparse.config.layers.map(\.slidingWindow) == dense.config.layers.map(\.slidingWindow))
        #expect(Pass(sparse, prompt).difference(from: Pass(dense, prompt)) < 1e-4)
    }

    @Test func `keeps the base of the rotary embedding where the dense file is silent`() throws {
        let folder = try copy(of: "tiny-llama", with: ["rope_parameters": ["rope_type": "default"]])
        let sparse = try Upcycled(folder.path).model()
        #expect(sparse.config.rotary == (try Model(checkpoint: folder.path)).config.rotary)
    }

    @Test func `negative control: with few slots its logits are others`() throws {
        let model = try Upcycled(tiny("tiny-llama")).model()
        var rule = RoutingRule.default
        rule.capacity.factor = 0.5
        let full = Pass(model, prompt)
        let limited = Pass(model, prompt, isolation: .perSequence, rule: rule)
        #expect(full.dropped == [] && limited.dropped != [])
        #expect(limited.difference(from: full) > 1e-2)
    }

    @Test func `has exact copies, and routers of its own`() throws {
        let mixture = try Upcycled(tiny("tiny-llama"))
        let dense = try TensorFile(contentsOf: tiny("tiny-llama") + "/model.safetensors")
        for (ours, theirs) in [("w1", "gate_proj"), ("w2", "down_proj"), ("w3", "up_proj")] {
            for expert in 0..<4 {
                let copy = try mixture.tensor(
                    "model.layers.1.block_sparse_moe.experts.\(expert).\(ours).weight")
                #expect(copy?.data == dense["model.layers.1.mlp.\(theirs).weight"]?.data)
            }
        }
        let routers = try (0..<2).map {
            try mixture.tensor("model.layers.\($0).block_sparse_moe.gate.weight")?.data
        }
        #expect(routers[0] != nil && routers[0] != routers[1])
    }

    @Test func `with noise has experts that differ by that share of their deviation`() throws {
        let mixture = try Upcycled(tiny("tiny-llama")) { $0.noise = 0.25 }
        let dense = try TensorFile(contentsOf: tiny("tiny-llama") + "/model.safetensors")
        let original = try #require(dense["model.layers.0.mlp.gate_proj.weight"]).floats
        let experts = try (0..<4).map {
            try #require(try mixture.tensor("model.layers.0.block_sparse_moe.experts.\($0).w1.weight")).floats
        }
        for expert in experts {
            let noise = zip(expert, original).map { $0 - $1 }
            #expect(abs(deviation(noise) / deviation(original) - 0.25) < 0.02)
            #expect(abs(noise.reduce(0, +) / Double(noise.count)) < 0.05 * deviation(noise))
        }
        #expect(Set(experts).count == 4)
        let parent = Pass(try Model(checkpoint: tiny("tiny-llama")), prompt)
        #expect(Pass(try mixture.model(), prompt).difference(from: parent) > 1e-2)
    }
}

extension TensorFile.Tensor {
    /// The numbers of a tensor of bfloat16.
    fileprivate var floats: [Double] {
        Array(data).chunks.map { Double(Float(bitPattern: UInt32($0[0]) << 16 | UInt32($0[1]) << 24)) }
    }
}

extension [UInt8] {
    fileprivate var chunks: [[UInt8]] { stride(from: 0, to: count, by: 2).map { [self[$0], self[$0 + 1]] } }
}

private func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
}
