import GGUF
import JSON

/// Ids by text, and the merges that make tokens of two others.
///
/// Texts are compared by bytes: `String` would merge canonically equivalent ones.
struct GGUFTokenIndex {
    /// As SentencePiece limits its pieces.
    ///
    /// The splits of a longer one would take long.
    private static let maximumScalars = 512
    /// Far above any real vocabulary; limits what a broken file can make us allocate.
    private static let maximumMerges = 1 << 22

    private struct Merge {
        let left: ArraySlice<UInt8>
        let right: ArraySlice<UInt8>
        let score: Double
        let token: Int
        let leftCount: Int
    }

    private let vocabulary: GGUFVocabulary
    private var ids: [ArraySlice<UInt8>: Int] = [:]

    init(_ vocabulary: GGUFVocabulary) throws(GGUFError) {
        self.vocabulary = vocabulary
        let tokens = vocabulary.tokens
        ids.reserveCapacity(tokens.count)
        for token in tokens {
            guard let other = ids.updateValue(token.id, forKey: Array(token.text.utf8)[...]) else { continue }
            throw vocabulary.metadata.error(
                GGUFVocabulary.Key.tokens, "has the same text at \(other) and at \(token.id)")
        }
    }

    /// The merges that the file lists as `left right`, by rank.
    func storedMerges() throws(GGUFError) -> JSONValue {
        let key = GGUFVocabulary.Key.merges
        guard let lines = try vocabulary.metadata.strings(key) else {
            throw vocabulary.metadata.error(key, "is missing")
        }
        var merges: [JSONValue] = []
        merges.reserveCapacity(lines.count)
        for (rank, line) in lines.enumerated() {
            let bytes = Array(line.utf8)
            // As llama.cpp: the first part is not empty.
            guard let space = bytes.dropFirst().firstIndex(of: UInt8(ascii: " ")), space + 1 < bytes.count
            else {
                throw vocabulary.metadata.error(key, "has no pair of tokens at \(rank)")
            }
            let (left, right) = (bytes[..<space], bytes[(space + 1)...])
            guard ids[left] != nil, ids[right] != nil, ids[left + right] != nil else {
                throw vocabulary.metadata.error(
                    key,
                    "has at \(rank) a pair of which `\(GGUFVocabulary.Key.tokens)` lacks a part or the whole")
            }
            merges.append(Self.pair(left, right))
        }
        return .array(merges)
    }

    /// The merges that a SentencePiece vocabulary implies: every split of a token into two others, by the token's score.
    ///
    /// As `generate_merges` of `transformers`.
    func derivedMerges() throws(GGUFError) -> JSONValue {
        let scores = try scores()
        var merges: [Merge] = []
        for token in vocabulary.tokens
        where token.type != .byte && token.type != .control && token.type != .unknown {
            merges += try splits(of: token, score: scores[token.id])
            guard merges.count <= Self.maximumMerges else {
                throw vocabulary.metadata.error(
                    GGUFVocabulary.Key.tokens, "implies more than \(Self.maximumMerges) merges")
            }
        }
        // Of the splits of one token, the longest left part goes first.
        merges.sort { ($1.score, $0.token, $1.leftCount) < ($0.score, $1.token, $0.leftCount) }
        return .array(merges.map { Self.pair($0.left, $0.right) })
    }

    private func splits(of token: GGUFVocabulary.Token, score: Double) throws(GGUFError) -> [Merge] {
        let bytes = Array(token.text.utf8)
        let starts = bytes.indices.dropFirst().filter { !UTF8.isContinuation(bytes[$0]) }
        guard starts.count < Self.maximumScalars else {
            throw vocabulary.metadata.error(
                GGUFVocabulary.Key.tokens,
                "has a token of \(starts.count + 1) characters at \(token.id); the limit is \(Self.maximumScalars)"
            )
        }
        return starts.enumerated().compactMap { index, start in
            let (left, right) = (bytes[..<start], bytes[start...])
            guard ids[left] != nil, ids[right] != nil else { return nil }
            return Merge(left: left, right: right, score: score, token: token.id, leftCount: index)
        }
    }

    private func scores() throws(GGUFError) -> [Double] {
        let key = GGUFVocabulary.Key.scores
        let scores =
            if case .integers(let numbers) = vocabulary.metadata[key] {
                numbers.map(Double.init)
            } else {
                try vocabulary.metadata.floats(key)
            }
        guard let scores else { throw vocabulary.metadata.error(key, "is missing") }
        guard scores.count == vocabulary.texts.count else {
            throw vocabulary.metadata.error(
                key, "has \(scores.count) entries for \(vocabulary.texts.count) tokens")
        }
        if let index = scores.firstIndex(where: \.isNaN) {
            throw vocabulary.metadata.error(key, "is not a number at \(index)")
        }
        return scores
    }

    private static func pair(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> JSONValue {
        .array([
            .string(String(decoding: left, as: UTF8.self)), .string(String(decoding: right, as: UTF8.self)),
        ])
    }
}
