import Foundation
public import Testing

/// A GGUF file of Scripts/fixtures/make-gguf-models, and the Hugging Face folder with the same numbers.
public struct GGUFFixture: Sendable, CustomTestStringConvertible {
    private static let fixtures = Checkpoints.fixtures.appending(path: "gguf")

    public let name: String
    public let folder: String

    /// Every file; of a model in several, the first.
    public static var all: [GGUFFixture] {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: fixtures.path)
            let folders = names.filter { !$0.hasSuffix(".gguf") }
            return names.filter { $0.hasSuffix(".gguf") && !$0.contains("-0000") || $0.contains("-00001-") }
                .sorted().map { file in
                    let stem = String(file.dropLast(".gguf".count))
                    let folder = folders.filter { stem.hasPrefix($0) }.max { $0.count < $1.count } ?? stem
                    return GGUFFixture(name: stem, folder: fixtures.appending(path: folder).path)
                }
        }
    }

    private init(name: String, folder: String) {
        self.name = name
        self.folder = folder
    }

    /// The fixture of this name, whose folder has it too.
    public init(_ name: String) {
        self.init(name: name, folder: Self.fixtures.appending(path: name).path)
    }

    public var path: String { Self.fixtures.appending(path: name + ".gguf").path }

    public var testDescription: String { name }
}
