import ArgumentParser
import Catalog
import ExpertRouting
import Numerics

/// The command `jostle models`.
struct ListModels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the models of a catalogue and what each runs on.")

    @OptionGroup var catalogue: CatalogueFlags

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in
            guard catalogue.name == nil || catalogue.checkpoint != nil else {
                throw CommandFailure(.usage, "--name needs --checkpoint; a catalogue has its own names")
            }
            let source: ModelCatalog.Source =
                if let checkpoint = catalogue.checkpoint {
                    .checkpoint(checkpoint, name: catalogue.name)
                } else {
                    .catalogue(try ModelsPath.resolve(catalogue.models))
                }
            do throws(CatalogError) {
                write(table(of: try ModelCatalog(source)), to: .output)
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    private func table(of catalog: ModelCatalog) -> String {
        let header = [
            "MODEL", "ENDPOINTS", "CHECKPOINT", "CONTEXT", "ISOLATION", "NUMERICS", "DTYPE",
            "CAPACITY FACTOR",
        ]
        let rows =
            [header]
            + catalog.entries.map { entry in
                [
                    entry.name, entry.endpoints.map(\.rawValue).sorted().joined(separator: ","),
                    entry.checkpoint.label, "\(entry.contextLength)", entry.isolation.rawValue,
                    entry.numerics.rawValue, entry.weightType.rawValue,
                    "\(entry.rule.capacity.factor)",
                ]
            }
        let widths = header.indices.map { column in rows.map(\.[column].count).max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1) }.joined(separator: "  ")
        }
        return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) + "\n" }.joined()
    }
}
