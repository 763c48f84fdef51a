import Catalog
import Foundation
import TestSupport
import Testing

@testable import Server

@Suite struct `Loading a catalogue's models` {
    private static func model(_ lines: String) -> String {
        "models:\n  - name: m\n    checkpoint: c\n    context_length: 64\n    maximum_token_id: 9\n" + lines
    }

    @Test func `an alias of a token that the checkpoint lacks is named`() throws {
        let yaml = """
            models:
              - name: m
                checkpoint: \(Checkpoints.folder("story-moe"))
                endpoints: [completions]
                context_length: 64
                maximum_token_id: 9
                token_aliases: {9: "<|nosuch|>"}
            """
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: ServiceError.self) {
            _ = try TestServer { $0.models = .catalogue(file.path) }
        }
        #expect(error?.description.contains("'<|nosuch|>' is not a special token") == true)
    }

    /// A catalogue of one chat model: the story model with another `tokenizer_config.json` and the given files.
    private static func chatModel(with files: [String: String]) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let checkpoint = Checkpoints.folder("story-moe")
        for name in ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: name),
                withDestinationURL: URL(filePath: checkpoint).appending(path: name))
        }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let yaml = model("    endpoints: [chat]\n").replacing(
            "checkpoint: c", with: "checkpoint: \(folder.path)")
        try Data(yaml.utf8).write(to: folder.appending(path: "catalog.yaml"))
        return folder
    }

    @Test(arguments: [
        ([:], "has no chat template of its own"),
        (["chat_template.jinja": "a\n{% if %}"], "chat_template.jinja: line 2"),
    ])
    func `a chat model without a template that can be read is named`(
        files: [String: String], says: String
    ) throws {
        let folder = try Self.chatModel(with: files)
        defer { try? FileManager.default.removeItem(at: folder) }
        let error = #expect(throws: ServiceError.self) {
            _ = try TestServer { $0.models = .catalogue(folder.path) }
        }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }

    @Test func `a template that refuses messages refuses the request in its own words`() throws {
        let template =
            "{% for m in messages %}{% if m.role != 'user' %}{{ raise_exception('Only users!') }}{% endif %}"
        let folder = try Self.chatModel(with: [
            "chat_template.jinja": template + "{{ m.content }}{% endfor %}"
        ])
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try TestServer { $0.models = .catalogue(folder.path) }
        func answer(_ role: String) throws -> String {
            let body = #"{"model":"m","max_tokens":2,"messages":[{"role":"\#(role)","content":"Once"}]}"#
            let response = try server.send("POST", "/v1/chat/completions", body)
            return "\(response.status) \(response.text)"
        }
        #expect(try answer("user").hasPrefix("200"))
        let refusal = try answer("system")
        #expect(refusal.hasPrefix("400"))
        #expect(refusal.contains(#""message":"Only users!""#), "\(refusal)")
    }
}
