import Foundation
import Numerics
import TestSupport
import Testing
import Transformer

struct InspectionTests {
    private static let folders: [String] = {
        let tiny =
            (try? FileManager.default.contentsOfDirectory(
                atPath: Checkpoints.fixtures.appending(path: "checkpoints").path)) ?? []
        return tiny.sorted().map { Checkpoints.fixtures.appending(path: "checkpoints/\($0)").path }
            + ["story-moe", "story-dense"].map(Checkpoints.folder)
    }()

    @Test(arguments: folders) func `inspection without weights agrees with loading`(
        folder: String
    ) throws {
        let inspection = Inspection(checkpoint: folder)
        let model = try Model(checkpoint: folder)
        #expect(inspection.problems == [])
        #expect(inspection.config == model.config)
        #expect(inspection.weights?.parameterCount == model.parameterCount)
        #expect(inspection.needs?.activeParameters == model.activeParameterCount)
        #expect(inspection.weights?.unread == [])
        let packed = try #require(inspection.needs).weights
        // Panels and vectors are padded; no tensor is left out, nor counted twice but a table that is tied.
        #expect(packed > 0 && packed < 3 * (inspection.weights?.byteCount ?? 0))
    }

    @Test func `the memory of weights follows their type`() throws {
        let folder = Checkpoints.folder("story-moe")
        let needs = try [WeightType.int8, .bfloat16, .float32].map { type in
            try #require(Inspection(checkpoint: folder, weightType: type).needs).weights
        }
        #expect(needs[0] < needs[1] && needs[1] < needs[2])
        #expect(needs[2] < 2 * needs[1] + 1)
    }

    @Test func `all missing tensors are reported together, up to twenty`() throws {
        let checkpoint = try GoodCheckpoint()
        try checkpoint.tensors { file in
            file["model.norm.weight"] = nil
            file["model.layers.0.self_attn.q_proj.weight"] = nil
            file["model.layers.1.block_sparse_moe.gate.weight"]?.dtype = "I16"
        }
        #expect(Inspection(checkpoint: checkpoint.folder.path).problems.count == 3)
        try checkpoint.configure("num_hidden_layers", 4096)
        #expect(Inspection(checkpoint: checkpoint.folder.path).problems.count == 20)
    }

    @Test func `tensors that serving does not read are reported, but are no problem`() throws {
        let checkpoint = try GoodCheckpoint()
        try checkpoint.tensors { file in
            file.tensors.append(
                .init(name: "model.rotary.inv_freq", dtype: "I64", shape: [1], data: Data(count: 8)))
        }
        let inspection = Inspection(checkpoint: checkpoint.folder.path)
        #expect(inspection.problems == [])
        #expect(inspection.weights?.unread == ["model.rotary.inv_freq"])
        #expect(inspection.weights?.types["I64"]?.tensors == 1)
    }

    @Test func `problems of several files are all told`() throws {
        let checkpoint = try GoodCheckpoint()
        for name in ["config.json", "tokenizer.json", "model.safetensors"] { try checkpoint.write(name, "{") }
        let inspection = Inspection(checkpoint: checkpoint.folder.path)
        #expect(
            inspection.problems.map(\.path)
                == ["config.json", "tokenizer.json", "model.safetensors"].map(checkpoint.path))
        #expect(inspection.config == nil && inspection.weights == nil && inspection.needs == nil)
    }

    @Test func `a chat template is found where it may lie, and read`() throws {
        let checkpoint = try GoodCheckpoint()
        func tokenizer() throws -> TokenizerSummary {
            let inspection = Inspection(checkpoint: checkpoint.folder.path)
            #expect(inspection.problems == [])
            return try #require(inspection.tokenizer)
        }
        #expect(try tokenizer().hasChatTemplate == false)
        try checkpoint.write("tokenizer_config.json", #"{"chat_template":null}"#)
        #expect(try tokenizer().hasChatTemplate == false)
        for template in [#""{{ x }}""#, #"[{"name":"default","template":"x"}]"#] {
            try checkpoint.write("tokenizer_config.json", #"{"chat_template":\#(template)}"#)
            #expect(try tokenizer().hasChatTemplate)
        }
        try checkpoint.write("chat_template.jinja", "{% if")
        #expect(try tokenizer().hasChatTemplate == false)
        #expect(try tokenizer().chatTemplateProblem?.path == checkpoint.path("chat_template.jinja"))
    }
}
