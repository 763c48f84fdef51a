import Catalog
import ExpertRouting
import Foundation
import TestSupport
import Testing

@Suite struct `The catalogue` {
    /// The error about a catalogue, without the path of its file.
    private static func error(_ yaml: String) throws -> String {
        let folder = try TemporaryFolder()
        let file = try folder.write("catalog.yaml", yaml)
        do throws(CatalogError) {
            _ = try ModelCatalog(.catalogue(file))
            return ""
        } catch {
            return error.description.replacing(folder.path + "/", with: "")
        }
    }

    private static func model(_ lines: String) -> String {
        "models:\n  - name: m\n    checkpoint: c\n    context_length: 64\n    maximum_token_id: 9\n" + lines
    }

    @Test func `the shipped one has the six models of the probe`() throws {
        let catalog = try ModelCatalog(.catalogue(Checkpoints.folder("catalog.yaml")))
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
        (
            model("    endpoints: [chat]\n    chat_template: alpaca\n"),
            "catalog.yaml:7: model 'm': chat_template cannot be 'alpaca'; it can be checkpoint, chatml"
        ),
        (
            model("    endpoints: [completions]\n    colour: red\n"),
            "catalog.yaml:7: model 'm': the key 'colour' is unknown"
        ),
        (
            model("    endpoints: [completions]\n    routing: {preset: x}\n"),
            "catalog.yaml:7: model 'm': routing: there is no preset 'x'"
        ),
        (
            model("    routing: {capacity_factor: -1}\n"),
            "catalog.yaml:6: model 'm': routing: capacity factor is -1"
        ),
        (
            model("    routing:\n      seed: 1\n      factor: 1\n"),
            "catalog.yaml:8: model 'm': routing: the key 'factor' is unknown"
        ),
        (
            model("    routing:\n      group_size: some\n"),
            "catalog.yaml:7: model 'm': routing: group_size has the wrong type, it must be an integer, not 'some'"
        ),
        (
            model("    routing: fast\n"),
            "catalog.yaml:6: model 'm': routing: the value has the wrong type, it must be a mapping"
        ),
        (model("    isolation: often\n"), "catalog.yaml:6: model 'm': isolation cannot be 'often'"),
        (model("    dtype: int4\n"), "catalog.yaml:6: model 'm': dtype cannot be 'int4'"),
        (model("    token_aliases: {a: b}\n"), "catalog.yaml:6: model 'm': token_aliases has the wrong type"),
        (model("    endpoints: []\n"), "catalog.yaml:6: model 'm': endpoints is empty"),
        (
            model("    endpoints: chat\n"),
            "catalog.yaml:6: model 'm': endpoints has the wrong type, it must be a list, not 'chat'"
        ),
        (model("    name: n\n"), "catalog.yaml:2: the key 'name' is there twice"),
        (
            model("  - name: m\n    checkpoint: d\n"),
            "catalog.yaml:6: model 'm': two models have the same name, the other is on line 2"
        ),
        (model("  - dtype: int8\n"), "catalog.yaml:6: model 2: the keys 'name', 'checkpoint' are missing"),
        (
            "models:\n  - name: m\n    checkpoint:\n",
            "catalog.yaml:2: model 'm': the key 'checkpoint' is missing"
        ),
        (
            "models:\n  - {name: m, checkpoint: c, context_length: 1}",
            "catalog.yaml:2: model 'm': context_length is 1"
        ),
        (
            "models:\n  - {name: 'a:b', checkpoint: c}",
            "catalog.yaml:2: model 'a:b': a name must not be empty or contain ':'"
        ),
        ("models:\n  - 7\n", "catalog.yaml:2: model 1: the entry has the wrong type"),
        ("models: []\n", "catalog.yaml:1: the catalogue lists no models"),
        ("models: 7\n", "catalog.yaml:1: models has the wrong type"),
        ("", "catalog.yaml:1: the key 'models' is missing"),
        ("a: 1\n{", "catalog.yaml:3: is not valid YAML"),
    ])
    func `a mistake is named with its line`(yaml: String, says: String) throws {
        let error = try Self.error(yaml)
        #expect(error.hasPrefix(says), "said: \(error)")
        #expect(!error.contains("\n"))
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: CatalogError.self) {
            _ = try ModelCatalog(.catalogue("/nowhere/catalog.yaml"))
        }
        #expect(error?.description.hasPrefix("/nowhere/catalog.yaml: cannot be read; --models ") == true)
    }

    @Test func `a checkpoint that is not there is named with the line`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("catalog.yaml", "models:\n  - name: m\n    checkpoint: ./c\n")
        let error = #expect(throws: CatalogError.self) { _ = try ModelCatalog(.catalogue(file)) }
        #expect(error?.kind == .missingCheckpoint)
        #expect(
            error?.description
                == "\(file):3: model 'm': checkpoint: \(folder.path)/./c: there is no such file or folder")
    }

    @Test func `keys of other mappings can be merged`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "catalog.yaml",
            """
            common: &common
              checkpoint: \(Checkpoints.folder("story-moe"))
              isolation: dropless
            models:
              - {name: a, <<: *common}
              - {name: b, <<: *common, isolation: per-sequence}
            """)
        let entries = try ModelCatalog(.catalogue(file)).entries
        #expect(entries.map(\.isolation) == [.dropless, .perSequence])
    }
}
