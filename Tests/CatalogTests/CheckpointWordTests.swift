import Catalog
import TestSupport
import Testing

@Suite struct `A word` {
    private static let snapshots = "~/.cache/huggingface/hub/models--owner--name/snapshots"
    private static let snapshot = "\(snapshots)/\(MadeUpStores.commit)"
    private static let safetensors = ["config.json": "{}", "tokenizer.json": "{}", "model.safetensors": "x"]

    @Test func `that is a path wins over the stores`() throws {
        let stores = try MadeUpStores()
        try stores.download("owner/name", Self.safetensors)
        #expect(try stores.find("owner/name").place == .huggingFaceCache)
        _ = try stores.home.write("owner/name/config.json", "{}")
        #expect(try stores.find("owner/name").place == .path)
        #expect(try stores.path("owner/name") == "~/owner/name")
        #expect(try stores.find(stores.home.path + "/owner/name").path == stores.home.path + "/owner/name")
    }

    @Test func `can name a file`() throws {
        let stores = try MadeUpStores()
        _ = try stores.home.write("a.gguf", MadeUpStores.gguf(name: "A"))
        _ = try stores.home.write("without-suffix", MadeUpStores.gguf(name: "A"))
        _ = try stores.home.write("b.safetensors", "")
        _ = try stores.home.write("c.txt", "words")
        for name in ["a.gguf", "without-suffix", "b.safetensors"] {
            #expect(try stores.path(name) == "~/\(name)")
        }
        #expect(stores.complaint("c.txt")?.kind == .missingCheckpoint)
    }

    @Test(arguments: [
        (["x.gguf"], "x.gguf"),
        (["x-00002-of-00002.gguf", "x-00001-of-00002.gguf", "README.md"], "x-00001-of-00002.gguf"),
        (["config.json", "x.gguf"], "x.gguf"),
        (["config.json", "x.gguf", "model.safetensors"], ""),
        (["config.json"], ""),
    ])
    func `that is a folder means the folder, or its only GGUF model`(files: [String], found: String) throws {
        let stores = try MadeUpStores()
        for file in files { _ = try stores.home.write("f/\(file)", "x") }
        #expect(try stores.path("f") == (found.isEmpty ? "~/f" : "~/f/\(found)"))
    }

    @Test func `that is a folder without a model, or with several, is refused`() throws {
        let stores = try MadeUpStores()
        _ = try stores.home.write("f/README.md", "x")
        #expect(
            stores.complaint("f")?.text == "~/f: is no checkpoint: it has neither config.json nor a GGUF file"
        )
        for name in ["b", "a-00001-of-00002", "a-00002-of-00002"] {
            _ = try stores.home.write("f/\(name).gguf", "x")
        }
        let complaint = stores.complaint("f")
        #expect(complaint?.kind == .unservableCheckpoint)
        #expect(
            complaint?.text
                == "~/f: has 2 GGUF models, name one of these files: a-00001-of-00002.gguf, b.gguf")
    }

    @Test(arguments: [
        ([:], ".cache/huggingface/hub"),
        (["XDG_CACHE_HOME": "~/c"], "c/huggingface/hub"),
        (["XDG_CACHE_HOME": "~/c", "HF_HOME": "~/h"], "h/hub"),
        (["HF_HOME": "~/h", "HF_HUB_CACHE": "~/u"], "u"),
        (["HF_HOME": "", "HF_HUB_CACHE": ""], ".cache/huggingface/hub"),
    ])
    func `is looked up where Hugging Face has its cache`(variables: [String: String], hub: String) throws {
        var stores = try MadeUpStores()
        stores.variables = variables
        try stores.download("owner/name", Self.safetensors, hub: hub)
        #expect(
            try stores.path("owner/name")
                == "~/\(hub)/models--owner--name/snapshots/\(MadeUpStores.commit)")
        #expect(try stores.find("owner/name").servingName() == "name")
    }

    @Test func `can name a repository of one GGUF file, or without an owner`() throws {
        let stores = try MadeUpStores()
        try stores.download("owner/name", ["a.gguf": "x", "README.md": "x"])
        #expect(try stores.path("owner/name") == Self.snapshot + "/a.gguf")
        try stores.download("gpt2", Self.safetensors)
        #expect(try stores.find("gpt2").place == .huggingFaceCache)
    }

    @Test func `whose download was interrupted is refused`() throws {
        func complaint(_ spoil: (MadeUpStores, String) throws -> Void) throws -> String {
            let stores = try MadeUpStores()
            let index = #"{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}"#
            try stores.download(
                "owner/name",
                ["config.json": "{}", "model.safetensors.index.json": index, "1.safetensors": "x"])
            try spoil(stores, ".cache/huggingface/hub/models--owner--name")
            let complaint = try #require(stores.complaint("owner/name"))
            #expect(complaint.kind == .missingCheckpoint)
            #expect(complaint.text.hasSuffix("; to finish it: hf download owner/name"))
            return complaint.text
        }
        #expect(try complaint { _, _ in }.contains("\(Self.snapshot)/2.safetensors is missing"))
        #expect(
            try complaint {
                try $0.home.link("\($1)/snapshots/\(MadeUpStores.commit)/0.txt", to: "../../blobs/0")
            }
            .contains("\(Self.snapshot)/0.txt is missing"))
        #expect(
            try complaint { _ = try $0.home.write("\($1)/blobs/0.incomplete", "x") }
                .contains("\(Self.snapshot)/tokenizer.json is missing"))
        #expect(
            try complaint { _ = try $0.home.write("\($1)/refs/main", "fedcba") }
                .contains("\(Self.snapshots)/fedcba/config.json is missing"))
    }

    @Test(arguments: [
        ("tiny", "registry.ollama.ai/library/tiny/latest", "tiny"),
        ("tiny:latest", "registry.ollama.ai/library/tiny/latest", "tiny"),
        ("qwen2.5:0.5b", "registry.ollama.ai/library/qwen2.5/0.5b", "qwen2.5-0.5b"),
        ("owner/tiny:8b", "registry.ollama.ai/owner/tiny/8b", "tiny-8b"),
        ("hf.co/owner/Tiny-GGUF:Q4_0", "hf.co/owner/Tiny-GGUF/Q4_0", "Tiny-GGUF-Q4_0"),
    ])
    func `can name a model in Ollama's store`(word: String, manifest: String, name: String) throws {
        let stores = try MadeUpStores()
        try stores.pull(manifest)
        let found = try stores.find(word)
        #expect(found.place == .ollama)
        #expect(try stores.path(word).hasPrefix("~/.ollama/models/blobs/sha256-0a0a"))
        #expect(try found.servingName() == name)
    }

    @Test func `is looked up where Ollama has its store`() throws {
        var stores = try MadeUpStores()
        stores.variables = ["OLLAMA_MODELS": "~/elsewhere"]
        try stores.pull("registry.ollama.ai/library/tiny/latest", store: "elsewhere")
        #expect(try stores.path("tiny").hasPrefix("~/elsewhere/blobs/"))
    }

    @Test(arguments: [
        (["model", "adapter"], "has a layer 'adapter', which is not supported"),
        (["model", "projector"], "has a layer 'projector', which is not supported"),
        (["model", "model"], "has 2 layers with a model"),
        (["license"], "has 0 layers with a model"),
    ])
    func `whose model has other layers is refused`(layers: [String], says: String) throws {
        let stores = try MadeUpStores()
        try stores.pull("registry.ollama.ai/library/tiny/latest", layers: layers)
        let complaint = try #require(stores.complaint("tiny"))
        #expect(complaint.kind == .unservableCheckpoint)
        #expect(complaint.text.contains(says))
    }

    @Test func `whose model is not whole is refused`() throws {
        let stores = try MadeUpStores()
        try stores.pull("registry.ollama.ai/library/tiny/latest", size: 100_000)
        let complaint = try #require(stores.complaint("tiny"))
        #expect(complaint.kind == .missingCheckpoint)
        #expect(complaint.text.hasSuffix("to finish it: ollama pull tiny"))
        _ = try stores.home.write(".ollama/models/manifests/registry.ollama.ai/library/tiny/latest", "{")
        #expect(stores.complaint("tiny")?.text.contains("is not a manifest") == true)
    }

    @Test(arguments: [
        ("owner/name", "hf download owner/name"), ("tiny:8b", "ollama pull tiny:8b"),
        ("hf.co/owner/name", "ollama pull hf.co/owner/name"),
    ])
    func `that is nowhere has an error with the command that fetches it`(word: String, command: String) throws
    {
        let stores = try MadeUpStores()
        let complaint = try #require(stores.complaint(word))
        #expect(complaint.kind == .missingCheckpoint)
        #expect(
            complaint.text
                == "there is no file or folder ~/\(word), and no model '\(word)' in ~/.cache/huggingface/hub, ~/.ollama/models, /usr/share/ollama/.ollama/models; to fetch it: \(command)"
        )
    }

    @Test(arguments: ["./owner/name", "../x", "a/b/c/d", "x.gguf", "a b", "..:x", "owner/..", ""])
    func `that can only be a path is looked up in no store`(word: String) throws {
        let complaint = try #require(try MadeUpStores().complaint(word))
        #expect(complaint.kind == .missingCheckpoint)
        #expect(complaint.text == "~/\(word): there is no such file or folder")
    }

    @Test(arguments: [
        ("a.gguf", "Some Model 1.5B", "Some-Model-1.5B"), ("a.gguf", "", "a"), ("a b.gguf", "模型", "a-b"),
        ("a-00001-of-00001.gguf", "", "a"),
    ])
    func `for a GGUF file gives the model the name in the file, else that of the file`(
        file: String, given: String, name: String
    ) throws {
        let stores = try MadeUpStores()
        _ = try stores.home.write(file, MadeUpStores.gguf(name: given))
        #expect(try stores.find(file).servingName() == name)
    }
}
