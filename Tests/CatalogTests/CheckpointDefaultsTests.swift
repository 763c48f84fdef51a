import Catalog
import ExpertRouting
import Foundation
import TestSupport
import Testing

@Suite struct `What a catalogue does not say` {
    private static func checkpoint(_ name: String) -> String {
        Checkpoints.fixtures.appending(path: "checkpoints/\(name)").path
    }

    /// A copy of a fixture, with its configuration changed.
    private static func copy(
        _ name: String, replacing old: String, with new: String
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let source = checkpoint(name)
        for file in try FileManager.default.contentsOfDirectory(atPath: source) where file != "config.json" {
            try folder.link(file, to: "\(source)/\(file)")
        }
        let config = try String(contentsOfFile: source + "/config.json", encoding: .utf8)
        #expect(config.contains(old))
        _ = try folder.write("config.json", config.replacing(old, with: new))
        return folder
    }

    private static func only(
        _ source: ModelCatalog.Source, cacheBlocks: Int? = nil
    ) throws -> ModelCatalog.Entry {
        try #require(ModelCatalog(source, cacheBlocks: cacheBlocks).entries.first)
    }

    @Test func `follows from the checkpoint`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "catalog.yaml", "models: [{name: m, checkpoint: \(Checkpoints.folder("story-moe"))}]")
        let entry = try Self.only(.catalogue(file))
        #expect(entry.endpoints == [.chat, .completions])
        #expect(entry.chatTemplate == .checkpoint)
        #expect(entry.contextLength == 8192)
        #expect(entry.maximumTokenID == 2047)
        #expect(entry.rule == .default)
    }

    @Test func `is the same without a catalogue`() throws {
        let entry = try Self.only(.checkpoint(Checkpoints.folder("story-moe"), name: nil))
        #expect(entry.name == "story-moe")
        #expect((entry.contextLength, entry.maximumTokenID) == (8192, 2047))
        #expect(try Self.only(.checkpoint(Checkpoints.folder("story-moe"), name: "a b/c")).name == "a-b-c")
    }

    @Test func `without a template or ChatML there are completions only`() throws {
        let entry = try Self.only(.checkpoint(Self.checkpoint("tiny-llama"), name: nil))
        #expect(entry.endpoints == [.completions])
    }

    @Test func `with the tokens of ChatML the built-in template is used`() throws {
        let folder = try TemporaryFolder()
        for file in ["config.json", "model.safetensors", "tokenizer.json"] {
            try folder.link(file, to: Checkpoints.folder("story-moe") + "/" + file)
        }
        let entry = try Self.only(.checkpoint(folder.path, name: nil))
        #expect(entry.endpoints == [.chat, .completions])
        #expect(entry.chatTemplate == .chatML)
    }

    @Test func `a context that the KV cache cannot hold is cut`() throws {
        let folder = try Self.copy(
            "tiny-llama", replacing: #""max_position_embeddings": 160"#,
            with: #""max_position_embeddings": 131072"#)
        #expect(try Self.only(.checkpoint(folder.path, name: nil)).contextLength == 131_072)
        #expect(try Self.only(.checkpoint(folder.path, name: nil), cacheBlocks: 100).contextLength == 1600)
    }

    @Test func `a context beyond the checkpoint's is refused`() throws {
        let folder = try TemporaryFolder()
        let checkpoint = Checkpoints.folder("story-moe")
        let file = try folder.write(
            "catalog.yaml", "models:\n  - name: m\n    checkpoint: \(checkpoint)\n    context_length: 9000\n")
        let error = #expect(throws: CatalogError.self) { _ = try ModelCatalog(.catalogue(file)) }
        #expect(
            error?.description
                == "\(file):4: model 'm': context_length 9000 is more than the 8192 positions of \(checkpoint)"
        )
    }

    @Test func `a checkpoint that is not supported is refused`() throws {
        let folder = try Self.copy("tiny-llama", replacing: #""silu""#, with: #""gelu""#)
        let error = #expect(throws: CatalogError.self) {
            _ = try ModelCatalog(.checkpoint(folder.path, name: nil))
        }
        #expect(error?.kind == .unservableCheckpoint)
        #expect(error?.description.contains("gelu") == true)
    }
}
