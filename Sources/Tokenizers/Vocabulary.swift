import JSON

/// A model's tokens by text.
///
/// Texts are compared by bytes: `String` would merge canonically equivalent ones.
struct Vocabulary: Sendable {
    private struct Key: Hashable, Sendable {
        let text: String

        static func == (left: Key, right: Key) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Far above any real vocabulary; limits what a broken file can make us allocate.
    static let maximumCount = 1 << 22

    private var ids: [Key: TokenID] = [:]

    /// Creates an empty vocabulary.
    init() {}

    /// Reads `{text: id, …}`.
    init(_ node: JSONNode) throws(TokenizerError) {
        guard case .object(let members) = node.value else {
            throw node.error("must be an object of token ids")
        }
        ids.reserveCapacity(members.count)
        var seen: Set<TokenID> = []
        seen.reserveCapacity(members.count)
        for member in members {
            let text = member.name
            guard case .integer(let number) = member.value, let id = TokenID(exactly: number),
                0..<Self.maximumCount ~= Int(id)
            else {
                throw node.error(
                    "gives `\(text)` the id \(member.value.inWords); an id is a whole number in 0 ..< \(Self.maximumCount)"
                )
            }
            guard seen.insert(id).inserted else {
                throw node.error("gives id \(id) to two entries, one of them `\(text)`")
            }
            guard ids.updateValue(id, forKey: Key(text: text)) == nil else {
                throw node.error("has `\(text)` twice")
            }
        }
    }

    var count: Int { ids.count }

    subscript(text: String) -> TokenID? {
        get { ids[Key(text: text)] }
        set { ids[Key(text: text)] = newValue }
    }

    func forEach(_ body: (String, TokenID) throws(TokenizerError) -> Void) throws(TokenizerError) {
        for (key, id) in ids { try body(key.text, id) }
    }
}
