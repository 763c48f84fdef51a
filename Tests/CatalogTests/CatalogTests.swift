import Catalog
import ExpertRouting
import Foundation
import Testing
import TestSupport

@Suite struct `The catalogue` {
    private static func error(_ yaml: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do throws(CatalogError) {
            _ = try ModelCatalog(contentsOf: file.path)
            return ""
        } catch {
            return error.description
        }
    }

    private static func model(_ lines: String) -> String {
        "models:\n  - name: m\n    checkpoint: c\n    context_length: 64\n    maximum_token_id: 9\n" + lines
    }

    @Test func `the shipped one has the six models of the probe`() throws {
        let catalog = try ModelCatalog(contentsOf: Checkpoints.folder("catalog.yaml"))
        #expect(catalog.entries.map(\.name).prefix(2) == ["gpt-4", "gpt-3.5-turbo"])
        #expect(catalog.entries.count == 6)
        #expect(catalog.entries[0].tokenAliases[100_257] == "<|endoftext|>")
        #expect(catalog.entries[0].rule == .default)
        let (tight, loose) = (catalog.entries[0].rule.capacity, catalog.entries[1].rule.capacity)
        #expect(
            (2...16).allSatisfy {
                tight.slots(tokens: $0, experts: 8, choices: 2, groupSize: 256)
                    <= loose.slots(tokens: $0, experts: 8, choices: 2, groupSize: 256)
            })
    }

    @Test(arguments: [
        (model("    endpoints: [chat]\n    chat_template: alpaca\n"), "alpaca"),
        (model("    endpoints: [completions]\n    colour: red\n"), "'colour' is unknown"),
        (model("    endpoints: [completions]\n    routing: {preset: x}\n"), "there is no preset 'x'"),
        (
            model("    endpoints: [completions]\n    routing: {capacity_factor: -1}\n"),
            "capacity factor is -1"
        ),
        (model("    endpoints: [completions]\n    routing: {factor: 1}\n"), "'factor' is unknown"),
        (model("    endpoints: [completions]\n    isolation: often\n"), "often"),
        (model("    endpoints: [completions]\n    dtype: int4\n"), "int4"),
        (model(""), "'endpoints' is missing"),
        (model("    endpoints: []\n"), "endpoints is empty"),
        ("models: []\n", "lists no models"),
        ("models: 7\n", "wrong type"),
        ("{", "YAML"),
    ])
    func `a mistake is named`(yaml: String, says: String) throws {
        let error = try Self.error(yaml)
        #expect(error.contains(says), "said: \(error)")
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: CatalogError.self) {
            _ = try ModelCatalog(contentsOf: "/nowhere/catalog.yaml")
        }
        #expect(error?.description.hasPrefix("/nowhere/catalog.yaml: cannot be read; --models ") == true)
    }
}
