import ArgumentParser
import Catalog
import Engine
import ExpertRouting
import Numerics
import Server

/// The text printed at start: the URL, the models, and an example request.
struct Banner {
    let url: String
    let settings: ServeSettings
    let entries: [ModelCatalog.Entry]

    var text: String {
        let options = settings.server
        var lines = ["", "Jostle \(Jostle.configuration.version) serves \(url)/v1", ""]
        let width = entries.map(\.name.count).max() ?? 0
        for entry in entries {
            let name = entry.name.padding(toLength: width)
            let isolation = options.isolation ?? entry.isolation
            let numerics = options.numerics ?? entry.numerics
            let type = options.weightType ?? entry.weightType
            let weights = type == .auto ? "" : ", \(type.rawValue)"
            lines.append("  \(name)  \(isolation.rawValue), \(numerics.rawValue)\(weights)")
        }
        if case .checkpoint = options.models {
            lines += entries.flatMap { ["", "  " + Self.resolution(of: $0)] }
        }
        if options.tenants.count > 0 {
            let pace = options.engine.pace.defaultValueDescription
            lines += ["", "  \(options.tenants.count) tenants, at least \(pace) per step"]
        }
        if let example { lines += ["", example] }
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// What a checkpoint without a catalogue was resolved to.
    private static func resolution(of entry: ModelCatalog.Entry) -> String {
        let endpoints = entry.endpoints.map(\.rawValue).sorted().joined(separator: " and ")
        return "\(entry.checkpoint.path): \(endpoints), context of \(entry.contextLength) tokens"
    }

    private var example: String? {
        guard let model = entries.first(where: { $0.endpoints.contains(.chat) }) else { return nil }
        return """
              curl \(url)/v1/chat/completions -H 'Content-Type: application/json' -d '{
                "model": "\(model.name)", "max_tokens": 64, "temperature": 0,
                "messages": [{"role": "user", "content": "Write a story about a kite and a frog."}]}'
            """
    }
}

extension String {
    /// Pads with spaces on the right.
    func padding(toLength width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    /// Pads with spaces on the left.
    func padding(before width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}
