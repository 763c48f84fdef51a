import JSON

/// A tokenizer's vocabulary, prepared for finding the tokens that an output allows next.
///
/// Build it once per tokenizer; it never changes. Within an unconstrained string most tokens are allowed, so those are
/// computed in advance, and only tokens that end the string are checked.
public struct TokenTrie: Sendable {
    public let tokenCount: Int
    private let all: TokenTree
    /// The tokens that stay within an unconstrained string.
    private let inString: TokenMask
    /// The tokens that contain the end of a string.
    private let endingString: TokenTree

    /// Takes the bytes of each token, in the order of ids.
    ///
    /// Tokens without bytes, such as end-of-text, are never allowed: `Matcher.isComplete` says whether the output may
    /// end. Each of the 256 bytes must be a token, or an output could get stuck.
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
        // The quote that ends a root string is allowed too, but stays not within the string.
        for token in inString where Self.endsString(vocabulary[token]) {
            inString[token] = false
            ending.append(token)
        }
        self.inString = inString
        endingString = TokenTree(vocabulary, ending)
    }

    /// Sets `mask` to the tokens whose bytes are all allowed next.
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
