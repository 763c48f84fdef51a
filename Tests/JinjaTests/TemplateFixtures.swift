import Foundation
import Jinja

/// What `Scripts/fixtures/make-templates` wrote.
enum TemplateFixtures {
    /// What transformers makes of a template and values.
    enum Rendering: Decodable, Equatable, Sendable {
        case text(String)
        /// The message of `raise_exception`.
        case raised(String)
        case failed

        private enum CodingKeys: String, CodingKey { case raised }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text)
            } else if let message = try decoder.container(keyedBy: CodingKeys.self)
                .decodeIfPresent(String.self, forKey: .raised)
            {
                self = .raised(message)
            } else {
                self = .failed
            }
        }

        /// What this interpreter makes of them.
        init(_ source: String, _ context: [String: ContextValue]) {
            do throws(TemplateError) {
                let segments = try Template(source).render(context, secondsSince1970: 1_721_995_200)
                self = .text(segments.map(\.text).joined())
            } catch {
                self = error.kind == .raised ? .raised(error.message) : .failed
            }
        }
    }

    struct Conversation: Decodable, Sendable {
        let name: String
        let context: Context
    }

    struct Expressions: Decodable {
        struct Case: Decodable {
            let template: String
            let rendering: Rendering

            init(from decoder: any Decoder) throws {
                var row = try decoder.unkeyedContainer()
                template = try row.decode(String.self)
                rendering = try row.decode(Rendering.self)
            }
        }

        let context: Context
        let templates: [Case]
    }

    /// A dictionary of values in the script's notation.
    struct Context: Decodable, Sendable {
        let values: [String: ContextValue]

        init(from decoder: any Decoder) throws {
            guard case .mapping(let entries) = try Tagged(from: decoder).value else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no dictionary"))
            }
            values = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
        }
    }

    private struct Tagged: Decodable {
        let value: ContextValue

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                value = .none
            } else if let bool = try? single.decode(Bool.self) {
                value = .bool(bool)
            } else if let integer = try? single.decode(Int.self) {
                value = .integer(integer)
            } else if let text = try? single.decode(String.self) {
                value = .text(text)
            } else {
                var row = try decoder.unkeyedContainer()
                switch try row.decode(String.self) {
                case "float": value = .float(Double(try row.decode(String.self)) ?? .nan)
                case "list":
                    var items: [ContextValue] = []
                    while !row.isAtEnd { items.append(try row.decode(Tagged.self).value) }
                    value = .list(items)
                default:
                    var entries: [ContextValue.Entry] = []
                    while !row.isAtEnd {
                        var pair = try row.nestedUnkeyedContainer()
                        let key = try pair.decode(String.self)
                        entries.append(.init(key, try pair.decode(Tagged.self).value))
                    }
                    value = .mapping(entries)
                }
            }
        }
    }

    static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")

    static func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
    }

    /// Read once: the tests ask for them case by case.
    static let conversations = Result { try read([Conversation].self, "conversations.json") }
    static let renderings = Result { try read([String: [Rendering]].self, "renderings.json") }

    /// The templates by name.
    static let templates = Result {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "templates"), includingPropertiesForKeys: nil)
        return try Dictionary(
            uniqueKeysWithValues: files.filter { $0.pathExtension == "jinja" }.map {
                ($0.deletingPathExtension().lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
            })
    }
}
