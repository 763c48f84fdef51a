import Foundation
import Testing
@testable import Tokenizers
@testable import Transformer

/// What a pattern of Oniguruma means to PCRE2, and that none can hang.
struct TokenizerPatternTests {
    private func matches(_ pattern: String, in text: String) throws -> [String] {
        let regex = try RegularExpression(pattern)
        var matches: [String] = []
        try Array(text.utf8).withBuffer { buffer throws(TokenizationError) in
            let scratch = RegularExpression.Scratch(byteCount: buffer.count)
            try regex.forEachMatch(in: buffer, scratch) { range in
                matches.append(String(decoding: buffer[range], as: UTF8.self))
            }
        }
        return matches
    }

    @Test(
        arguments: [
            (#"\h+"#, "xbeef 12", ["beef", "12"]),
            (#"\d{1,2}+"#, "12345", ["12345"]),
            (#"\d{2}?"#, "1234", ["12", "34"]),
            (#"\d{,2}x"#, "123x", ["23x"]),
            (#"a++b?+"#, "aab a", ["aab", "a"]),
            (#"[a-z&&[^aeiou]]+"#, "street", ["str", "t"]),
            (#"[^a-z&&[^x]]+"#, "aXxb", ["Xx"]),
            (#"[a[0-9]_]+"#, "a1_b", ["a1_"]),
            (#"[^\S\n]+"#, "a \t\nb", [" \t"]),
            (#"[\W]+"#, "a, b", [", "]),
            (#"a$"#, "a\nba", ["a", "a"]),
            (#"^b"#, "b\nb", ["b", "b"]),
            (#"a\z"#, "a\na", ["a"]),
            (#"(?i)THE|x"#, "the X", ["the", "X"]),
            (#"(?i:'s)x"#, "'Sx 'SX", ["'Sx"]),
            (#"(?m:a.b)"#, "a\nb", ["a\nb"]),
            (#"\bth\B"#, "the breath", ["th"]),
            (#"(?<=s)t(?!o)"#, "sta sto t", ["t"]),
            (#"\x{e9}|\u00e8|\x41"#, "éèA", ["é", "è", "A"]),
            (#"[[:space:][:digit:]]+"#, "a 1 b", [" 1 "]),
            (#"\p{Letter}\p{^L}\P{L}"#, "a12", ["a12"]),
            (#"{a}"#, "{a}", ["{a}"]),
            (#"x*"#, "axb", ["", "x", ""]),
            // U+180E is a space to PCRE2, and no space to Oniguruma.
            (#"\s+"#, "\u{180E}\u{85}\u{3000}", ["\u{85}\u{3000}"]),
        ] as [(String, String, [String])])
    func `a pattern means what it means to Oniguruma`(pattern: String, text: String, wanted: [String]) throws
    {
        #expect(try matches(pattern, in: text) == wanted)
    }

    @Test(arguments: [
        ("(", "has an unmatched `(` at character 1"), (")", "has an unmatched `)` at character 0"),
        ("[a", "has an unmatched `[` at character 2"), ("a**", "has nothing to repeat at character 2"),
        ("*a", "has nothing to repeat at character 0"),
        (#"\1"#, #"has the escape `\1`, which is not supported, at character 1"#),
        (#"\k<a>"#, #"has the escape `\k`, which is not supported, at character 1"#),
        (#"\X"#, #"has the escape `\X`, which is not supported, at character 1"#),
        (#"\Q"#, #"has the escape `\Q`, which is not supported, at character 1"#),
        (#"\p{Klingon}"#, "does not compile: unknown property"),
        (#"\pL"#, "has a property without a name at character 2"),
        (#"\p{"#, "has a property without a name at character 3"),
        (#"\"#, "ends in a backslash at character 1"),
        ("a(?i)b", "has a kind of group that is not supported at character 5"),
        ("(?~a)", "has a kind of group that is not supported at character 2"),
        ("(?x)a", "has a kind of group that is not supported at character 2"),
        ("(?<n>a)", "has a kind of group that is not supported at character 2"),
        (#"\x80"#, "has a malformed escape at character 4"),
        (#"\u00"#, "has a malformed escape at character 4"),
        ("[z-a]", "has a malformed range at character 4"),
        ("[[:upper:]]", "has a named class that is not supported at character 1"),
        ("[a&&]", "has an empty class at character 5"),
        ("(?<=a*)b", "does not compile: lookbehind"),
    ])
    func `a pattern outside the supported dialect is refused with the place`(
        pattern: String, reason: String
    ) throws {
        let error = #expect(throws: OnigurumaPattern.Problem.self) { try RegularExpression(pattern) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test(.timeLimit(.minutes(2)))
    func `a pattern that takes too many steps fails, with its name`() throws {
        let letters = String(repeating: "a", count: 5_000)
        for pattern in ["(?:a+)+$", "(?:a+b?)+[0-9]"] {
            let error = #expect(throws: TokenizationError.self) { try matches(pattern, in: letters + "!1") }
            #expect(error?.pattern == pattern)
        }
        // No single place takes many steps, but there are many places.
        let pairs = String(repeating: "ab", count: 50_000)
        let error = #expect(throws: TokenizationError.self) { try matches("(?:a|b)*c", in: pairs + "!c") }
        #expect(error?.problem == "it takes too long")
    }

    /// Unicode 16 for patterns, whatever the system's PCRE2 knows; other versions for other stages.
    @Test func `scalars are of the kinds that the tokenizers library takes them for`() throws {
        let kinds = try JSONDecoder().decode(
            [String: [UInt32]].self,
            from: Data(contentsOf: TokenizerFixtures.url("tokenizer/scalar-kinds.json")))
        #expect(kinds.count == 35)
        let values = [0..<0xD800, 0xE000..<0x32400, 0xE0000..<0xE0200].joined().map { UInt32($0) }
        let scalars = values.compactMap { Unicode.Scalar($0) }
        for (kind, bounds) in kinds {
            let expected = stride(from: 0, to: bounds.count, by: 2).flatMap { bounds[$0]...bounds[$0 + 1] }
            let found: [UInt32] =
                switch kind {
                case "Digits": scalars.filter(ScalarKinds.isNumeric).map(\.value)
                case "Punctuation": scalars.filter(ScalarKinds.isPunctuation).map(\.value)
                case "Whitespace": scalars.filter(ScalarKinds.isWord).map(\.value)
                default: try self.scalars(of: kind, in: scalars)
                }
            let wanted = expected.filter(Self.isScanned)
            let difference = wanted == found ? [] : Set(wanted).symmetricDifference(found)
            #expect(
                difference.isEmpty, "\(kind): \(difference.sorted().prefix(9).map { String($0, radix: 16) })")
        }
    }

    private func scalars(of pattern: String, in scalars: [Unicode.Scalar]) throws -> [UInt32] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return try matches(pattern, in: String(text)).flatMap { $0.unicodeScalars.map(\.value) }
    }

    /// What the file's text has; a run may reach over what it leaves out.
    private static func isScanned(_ value: UInt32) -> Bool {
        !(0xD800..<0xE000).contains(value) && (value < 0x32400 || (0xE0000..<0xE0200).contains(value))
    }
}
