import Foundation
import Transformer

/// Reference files that `Scripts/make-tokenizer-fixtures` wrote, and the tokenizers they belong to.
enum TokenizerFixtures: String, CaseIterable {
    /// The checkpoint in Models/story-moe.
    case starter
    /// Has the options that the starter's does not use.
    case small

    static let storyFolder =
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Models/story-moe")
        .standardized.path

    /// Rows of text or ids, the answer, and the answer with special tokens handled the other way if it differs.
    struct Reference: Decodable {
        let encode: [EncodeCase]
        let decode: [DecodeCase]
    }

    struct EncodeCase: Decodable {
        let text: String
        let ids: [TokenID]
        let plainIDs: [TokenID]

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            text = try row.decode(String.self)
            ids = try row.decode([TokenID].self)
            plainIDs = try row.isAtEnd ? ids : row.decode([TokenID].self)
        }
    }

    struct DecodeCase: Decodable {
        let ids: [TokenID]
        let text: String
        let textWithSpecial: String

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            ids = try row.decode([TokenID].self)
            text = try row.decode(String.self)
            textWithSpecial = try row.isAtEnd ? text : row.decode(String.self)
        }
    }

    func tokenizer() throws -> Tokenizer {
        switch self {
        case .starter: try Tokenizer(contentsOf: Self.storyFolder + "/tokenizer.json")
        case .small: try Tokenizer(contentsOf: Self.url("tokenizer/small.json").path)
        }
    }

    func reference() throws -> Reference {
        try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: Self.url("tokenizer/\(rawValue)-ids.json")))
    }

    static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appending(path: "Fixtures/" + name)
    }
}
