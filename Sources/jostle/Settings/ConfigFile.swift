import FoundationEssentials
import Yams

/// A YAML file of settings, such as `capacity-factor: 1.25`.
struct ConfigFile {
    /// A value as written in the file.
    struct Entry {
        let text: String
        let line: Int
    }

    let path: String
    let entries: [SettingKey: Entry]

    /// - Throws: What is wrong, with path and line.
    init(contentsOf path: String) throws(CommandFailure) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(
                .missingInput, "\(path): cannot be read; --config must name a YAML file of settings")
        }
        try self.init(String(decoding: data, as: UTF8.self), path: path)
    }

    private init(_ text: String, path: String) throws(CommandFailure) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw CommandFailure(.configuration, "\(path): is not valid YAML: \(error)")
        }
        self.path = path
        guard let root else {
            entries = [:]
            return
        }
        guard let mapping = root.mapping else {
            throw CommandFailure(
                .configuration, "\(path): must be a mapping of settings, such as 'port: 8080'")
        }
        var entries: [SettingKey: Entry] = [:]
        for (name, value) in mapping {
            let line = name.mark?.line ?? 1
            guard let key = name.string.flatMap(SettingKey.init(rawValue:)) else {
                let known = SettingKey.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure(
                    .configuration,
                    "\(path):\(line): unknown setting '\(name.string ?? "")'; known settings: \(known)")
            }
            guard let text = Self.text(of: value) else {
                throw CommandFailure(
                    .configuration, "\(path):\(line): \(key.rawValue) must be a value or a list of values")
            }
            entries[key] = Entry(text: text, line: line)
        }
        self.entries = entries
    }

    /// A scalar, or a list of scalars joined with commas.
    private static func text(of node: Node) -> String? {
        if let scalar = node.scalar { return scalar.string }
        guard let items = node.sequence else { return nil }
        let scalars = items.compactMap(\.scalar)
        return scalars.count == items.count ? scalars.map(\.string).joined(separator: ",") : nil
    }
}
