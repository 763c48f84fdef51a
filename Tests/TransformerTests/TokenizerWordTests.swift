import Foundation
import Testing

@testable import Transformer

struct TokenizerWordTests {
    private func words(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return WordScanner(bytes[...]).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(
        arguments: [
            ("", []),
            ("Hello world", ["Hello", " world"]),
            ("it's", ["it", "'s"]),
            ("IT'S", ["IT", "'", "S"]),
            ("we'll've", ["we", "'ll", "'ve"]),
            (" 's", [" '", "s"]),
            ("'sun", ["'s", "un"]),
            ("a1b22", ["a", "1", "b", "22"]),
            ("a  b", ["a", " ", " b"]),
            ("a\u{A0}\u{A0}b", ["a", "\u{A0}", "\u{A0}", "b"]),
            ("a \n b", ["a", " \n", " b"]),
            ("a  ", ["a", "  "]),
            ("\n", ["\n"]),
            ("\nb", ["\n", "b"]),
            ("x...!?", ["x", "...!?"]),
            ("e\u{301}t", ["e", "\u{301}", "t"]),
            ("日本 ½ 🙂🙂", ["日本", " ½", " 🙂🙂"]),
        ] as [(String, [String])])
    func `a text is cut by GPT-2's pattern`(text: String, expected: [String]) {
        #expect(words(text) == expected)
    }

    /// A run of scalars of one kind: first, last, kind.
    private struct Run: Decodable {
        let first: UInt32
        let last: UInt32
        let kind: String

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            first = try row.decode(UInt32.self)
            last = try row.decode(UInt32.self)
            kind = try row.decode(String.self)
        }
    }

    @Test func `scalars are letters, numbers and spaces where the tokenizers library says so`() throws {
        let runs = try JSONDecoder().decode(
            [Run].self, from: Data(contentsOf: TokenizerFixtures.url("tokenizer/scalar-kinds.json")))
        #expect(runs.count > 1_000)
        for run in runs {
            for value in [run.first, run.last] {
                let scalar = try #require(Unicode.Scalar(value))
                let friend = [("x", "letter"), ("1", "number"), ("!", "other")].first {
                    words($0.0 + String(scalar)).count == 1
                }
                #expect(friend?.1 ?? "space" == run.kind, "U+\(String(value, radix: 16))")
            }
        }
    }
}
