import FoundationEssentials
import Yams

/// The contents of `catalog.yaml`.
struct CatalogFile {
    let models: [CatalogModel]

    /// - Throws: `CatalogError`, which names the file, the line, the model and the key.
    init(contentsOf path: String) throws(CatalogError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CatalogError(
                .catalogue, "\(path): cannot be read; --models names the folder with catalog.yaml")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
        } catch {
            throw CatalogError(.catalogue, Self.describe(error, path: path))
        }
        let file = try YAMLMapping(
            root ?? Node([(Node, Node)]()), path: path, subject: "", what: "the catalogue")
        try file.require(["models"])
        guard let items = file.node("models")?.sequence else {
            throw file.error("models", "models has the wrong type, it must be a list")
        }
        var models: [CatalogModel] = []
        for (index, item) in items.enumerated() {
            let name = item.mapping?["name"]?.scalar?.string
            let subject = "model " + (name.map { "'\($0)'" } ?? "\(index + 1)")
            let model = try CatalogModel(
                YAMLMapping(item, path: path, subject: subject + ": ", what: "the entry"))
            if let first = models.first(where: { $0.name == model.name }) {
                throw model.error(
                    "name", "two models have the same name, the other is on line \(first.source?.line ?? 1)")
            }
            models.append(model)
        }
        guard !models.isEmpty else { throw file.error("models", "the catalogue lists no models") }
        self.models = models
    }

    private static func describe(_ error: any Error, path: String) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "\(path):\(mark.line): is not valid YAML: \(problem)"
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            "\(path):\(context.mark.line): the key '\(keys.first ?? "")' is there twice"
        default: "\(path): is not valid YAML"
        }
    }
}
