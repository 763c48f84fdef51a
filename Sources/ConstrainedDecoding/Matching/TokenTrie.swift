import JSON

/// The vocabulary of a tokenizer, prepared for finding the tokens that an output may go on with.
///
/// Build it once per tokenizer; it never changes. In a string of any characters, where most of the vocabulary is
/// allowed, the answer is known beforehand but for the tokens that end the string.
public struct TokenTrie: Sendable {
    public let tokenCount: Int
    private let all: TokenTree
    /// The tokens that stay within a string of any characters.
    private let inString: TokenMask
    /// The tokens that end one.
    private let endingString: TokenTree

    /// Prepares tokens by the bytes that they stand for, in the order of their ids.
    ///
    /// A token without bytes, such as one that ends the output, is never allowed: whether the output may end is
    /// what `Matcher.isComplete` says. For an output never to get stuck, each of the 256 bytes has to be a token.
    public init(_ vocabulary: [[UInt8]]) {
        tokenCount = vocabulary.count
        let longest = Int(UInt16.max) - 1
        all = TokenTree(
            vocabulary,
            vocabulary.indices.filter { !vocabulary[$0].isEmpty && vocabulary[$0].count <= longest })
        var inString = TokenMask(tokenCount: vocabulary.count)
        var ending: [Int] = []
        if let matcher = Self.matcherInString {
            all.insert(allowedBy: matcher, into: &inString)
            ending = vocabulary.indices.filter { token in
                let bytes = vocabulary[token]
                return !inString[token] && bytes.count <= longest && bytes.contains(UInt8(ascii: "\""))
            }
        }
        // The quote that ends a string of the root is allowed as well, and not within.
        for token in inString where Self.endsString(vocabulary[token]) {
            inString[token] = false
            ending.append(token)
        }
        self.inString = inString
        endingString = TokenTree(vocabulary, ending)
    }

    /// Sets `mask` to the tokens of which all bytes may come next.
    public func allowedTokens(for matcher: Matcher, into mask: inout TokenMask) {
        precondition(mask.tokenCount == tokenCount, "the mask is of another vocabulary")
        if matcher.isInFreeString {
            mask = inString
            endingString.insert(allowedBy: matcher, into: &mask)
        } else {
            mask.removeAll()
            all.insert(allowedBy: matcher, into: &mask)
        }
    }

    private static let matcherInString: Matcher? = {
        let string = JSONValue.object([.init("type", .string("string"))])
        var matcher = try? OutputConstraint(string).matcher
        matcher?.advance(UInt8(ascii: "\""))
        return matcher
    }()

    private static func endsString(_ bytes: [UInt8]) -> Bool {
        var matcher = matcherInString
        return matcher?.advance(bytes) == true && matcher?.isComplete == true
    }
}
