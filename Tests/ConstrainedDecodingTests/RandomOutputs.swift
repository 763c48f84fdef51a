import ExpertRouting
import ConstrainedDecoding

/// A vocabulary of all 256 bytes and of random pieces that JSON is likely to meet.
func randomVocabulary(extra: Int, seed: UInt64) -> [[UInt8]] {
    var random = SplitMix64(seed: seed)
    let pieces = [
        "{\"", "\":", "\": ", "\",", "\", \"", "\"}", "}}", "]}", "[{", "],", "[[", "\":\"", "\":{\"", "true",
        "false",
        "null", "12", "0.", "e1", "\\u", "\\ud8", "\\\"", "\\\\", "é", "😀", "a", "ab", "name", "next", "v",
        "id", "}",
        "]", ",", ", ", "1", "0", "-", ":", "\"", " ", "kind", "00", "9",
    ].map { Array($0.utf8) }
    var vocabulary = (0...255).map { [UInt8($0)] }
    vocabulary.append([])
    vocabulary += pieces
    while vocabulary.count < 257 + pieces.count + extra {
        let count = Int.random(in: 1...4, using: &random)
        vocabulary.append(
            (0..<count).flatMap { _ in
                Bool.random(using: &random)
                    ? pieces.randomElement(using: &random) ?? [] : [UInt8.random(in: 0...255, using: &random)]
            })
    }
    return vocabulary
}

struct DeadEnd: Error {
    var output: String
}

/// Follows `constraint` by random tokens until the output is complete: at random while it is short, and then by
/// those that bring the end nearer.
func randomOutput(
    _ constraint: OutputConstraint, _ trie: TokenTrie, _ vocabulary: [[UInt8]], patience: Int,
    _ random: inout SplitMix64
) throws -> [UInt8] {
    var matcher = constraint.matcher
    var output: [UInt8] = []
    var mask = TokenMask(tokenCount: vocabulary.count)
    var steps = 0
    while true {
        if matcher.mustStop || matcher.isComplete && Bool.random(using: &random) { return output }
        trie.allowedTokens(for: matcher, into: &mask)
        let tokens = Array(mask)
        steps += 1
        var choice = tokens.randomElement(using: &random)
        if steps > patience {
            if matcher.isComplete { return output }
            var best = Int.max
            for token in tokens {
                var next = matcher
                next.advance(vocabulary[token])
                if next.minimumBytesToFinish < best { (best, choice) = (next.minimumBytesToFinish, token) }
            }
        }
        guard let choice, steps < 20_000, matcher.advance(vocabulary[choice]) else {
            throw DeadEnd(output: String(decoding: output, as: UTF8.self))
        }
        output += vocabulary[choice]
    }
}
