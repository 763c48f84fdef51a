import Foundation
import Numerics
import TestSupport
import Testing
import Threads
import Transformer
import Upcycling

@Suite struct `Upcycling` {
    /// The error of upcycling a checkpoint, without its path.
    private static func error(
        _ checkpoint: String, reading text: String? = nil,
        _ change: (inout Upcycler.Options) -> Void = { _ in }
    ) throws -> String {
        do {
            _ = try Upcycled(checkpoint, reading: text, change)
            return ""
        } catch let error as UpcyclingError {
            return error.description.replacing(checkpoint + ": ", with: "")
        }
    }

    @Test func `makes a folder that has everything`() throws {
        let source = try copy(of: "tiny-llama", with: [:])
        _ = try source.write("chat_template.jinja", "{{ messages[0].content }}")
        _ = try source.write(
            "README.md", "---\r\nlanguage: en\r\nlicense: \"apache-2.0\"\r\n---\r\n# Tiny\r\n")
        let mixture = try Upcycled(source.path)
        let files = try mixture.files()
        #expect(
            files.keys.sorted() == [
                "README.md", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                "tokenizer_config.json",
            ])
        #expect(files["tokenizer.json"] == (try fileContents(of: source.path))["tokenizer.json"])
        let checkpoint = try Checkpoint(at: mixture.path)
        #expect(checkpoint.licence == "apache-2.0")
        #expect(try checkpoint.chatTemplate() != nil)
        #expect(Inspection(checkpoint: mixture.path).problems == [])
        let card = try #require(String(bytes: files["README.md"] ?? [], encoding: .utf8))
        #expect(card.contains("# tiny, upcycled to 4 experts"))
        #expect(card.contains("2048 tokens of the bundled sample text, seed 1, noise 0.0"))
    }

    @Test func `gives the same files with all kernels and threads`() throws {
        let folder = try TemporaryFolder()
        let kernels = KernelSet.allCases.filter(\.isSupported)
        var all: [[String: [UInt8]]] = []
        for (set, threads) in kernels.map({ ($0, 1) }) + [(KernelSet.best, 3)] {
            var options = Upcycler.Options()
            options.noise = 0.1
            let upcycler = Upcycler(
                try Checkpoint(at: tiny("tiny-llama")), options: options, kernels: Kernels(set),
                workers: WorkerPool(threadCount: threads))
            let path = "\(folder.path)/\(all.count)"
            _ = try upcycler.run(into: path, source: "tiny")
            all.append(try fileContents(of: path))
        }
        #expect(all.count >= 2 && all.allSatisfy { $0 == all[0] })
    }

    @Test func `gives other routers for another seed or text`() throws {
        let gate = "model.layers.1.block_sparse_moe.gate.weight"
        let first = try Upcycled(tiny("tiny-llama")).tensor(gate)?.data
        let seeded = try Upcycled(tiny("tiny-llama")) { $0.seed = 2 }.tensor(gate)?.data
        let short = try Upcycled(tiny("tiny-llama"), reading: String(repeating: "a red fox. ", count: 40))
        #expect(first != seeded)
        #expect(try first != short.tensor(gate)?.data)
        #expect((64..<Upcycler.maximumTokens).contains(short.summary.tokenCount))
    }

    @Test(arguments: ["tiny-llama", "tiny-qwen2", "tiny-qwen3"])
    func `gives every expert a fair share of the tokens`(name: String) throws {
        let summary = try Upcycled(tiny(name)) { $0.experts = 8 }.summary
        #expect(summary.tokenCount == Upcycler.maximumTokens)
        #expect(summary.loads.count == 2)
        for load in summary.loads {
            #expect(load.reduce(0, +) == 2 * summary.tokenCount)
            #expect(load.allSatisfy { (0.05...0.25).contains(Double($0) / Double(2 * summary.tokenCount)) })
        }
    }

    @Test(arguments: [
        (
            "tiny-mixtral-f16",
            "MixtralForCausalLM cannot be upcycled: the model has experts already; name a dense one"
        ),
        (
            "tiny-llama3",
            "LlamaForCausalLM cannot be upcycled: its attention has a bias on the output, which no sparse architecture here has"
        ),
    ]) func `refuses what no sparse architecture has`(name: String, message: String) throws {
        #expect(try Self.error(tiny(name)) == message)
    }

    @Test func `refuses norms of queries and keys with a shared expert, and windows in some layers`() throws {
        #expect(
            try Self.error(tiny("tiny-qwen3")) { $0.shared = true }
                == "Qwen3ForCausalLM cannot be upcycled: no architecture has both norms of queries and keys and a "
                + "shared expert; leave out --shared")
        let mixed = try copy(
            of: "tiny-qwen3",
            with: ["use_sliding_window": true, "sliding_window": 24, "max_window_layers": 1])
        #expect(
            try Self.error(mixed.path)
                == "Qwen3ForCausalLM cannot be upcycled: some of its layers have a sliding window and others none"
        )
    }

    @Test func `refuses numbers and texts that cannot be`() throws {
        let model = tiny("tiny-llama")
        #expect(try Self.error(model) { $0.experts = 1 }.hasPrefix("a token cannot choose 2 of 1 experts"))
        #expect(try Self.error(model) { $0.choices = 5 }.hasPrefix("a token cannot choose 5 of 4 experts"))
        #expect(try Self.error(model) { $0.choices = 0 }.hasPrefix("a token cannot choose 0 of 4 experts"))
        #expect(try Self.error(model) { $0.noise = .nan } == "the noise is nan; it must lie in 0 ... 1")
        let short = try Self.error(model, reading: "Hello.")
        #expect(short.hasPrefix("a text has only "))
        #expect(short.hasSuffix(" tokens; 4 experts need 64 at least, better 2048"))
    }

    @Test func `refuses a model that computes no finite numbers`() throws {
        let folder = try copy(of: "tiny-llama", with: [:])
        var file = try TensorFile(contentsOf: folder.path + "/model.safetensors")
        let name = "model.layers.0.post_attention_layernorm.weight"
        // The largest bfloat16 number.
        file[name]?.data = Data((0..<64).flatMap { _ in [0x7F, 0x7F] as [UInt8] })
        _ = try folder.write("model.safetensors", file.bytes)
        #expect(try Self.error(folder.path).hasPrefix("the model computes NaN or infinity for this text"))
    }
}
