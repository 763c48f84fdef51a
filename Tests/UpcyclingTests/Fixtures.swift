import Foundation
import TestSupport
import Tokenizers

/// The folder of a tiny checkpoint.
func tiny(_ name: String) -> String {
    Checkpoints.fixtures.appending(path: "checkpoints/\(name)").path
}

/// Token ids below the tiny checkpoints' 250.
let prompt: [TokenID] = (0..<100).map { (index: TokenID) in (37 * index * index + 11 * index) % 249 + 1 }

/// The bytes of each file of a folder, by its name.
func fileContents(of folder: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    return try Dictionary(
        uniqueKeysWithValues: names.map {
            ($0, Array(try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))))
        })
}

/// The names in a folder, hidden ones too.
func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// A copy of a tiny checkpoint, whose configuration has other fields.
func copy(of name: String, with fields: [String: Any]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (file, bytes) in try fileContents(of: tiny(name)) { _ = try folder.write(file, bytes) }
    let file = URL(filePath: folder.path + "/config.json")
    var config = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    config.merge(fields) { _, new in new }
    _ = try folder.write("config.json", JSONSerialization.data(withJSONObject: config))
    return folder
}

/// A field of a folder's `config.json`.
func configured(_ field: String, in folder: String) throws -> Any? {
    let data = try Data(contentsOf: URL(filePath: folder + "/config.json"))
    return (try JSONSerialization.jsonObject(with: data) as? [String: Any])?[field]
}
