/// The bytes that each token of a vocabulary stands for, end to end in one array.
struct TokenPieces: Sendable {
    /// No vocabulary is near it; it bounds what a broken file can make us allocate.
    private static let maximumCount = 1 << 22

    private var bytes: [UInt8] = []
    /// `starts[id] ..< starts[id + 1]` is the range of `id` in `bytes`.
    private var starts = [0]

    init(_ file: TokenizerFile, path: String) throws(CheckpointError) {
        var pieces: [TokenID: [UInt8]] = [:]
        pieces.reserveCapacity(file.model.vocab.count)
        for (entry, id) in file.model.vocab {
            guard pieces.updateValue(ByteAlphabet.bytes(of: entry), forKey: id) == nil else {
                throw CheckpointError(
                    path, "`model.vocab` gives id \(id) to two entries, one of them \(entry)")
            }
        }
        for token in file.addedTokens {
            guard file.model.vocab[token.content, default: token.id] == token.id,
                file.model.vocab[token.content] != nil || pieces[token.id] == nil
            else {
                throw CheckpointError(
                    path, "added token `\(token.content)` and `model.vocab` disagree about id \(token.id)")
            }
            pieces[token.id] = Array(token.content.utf8)
        }
        let greatest = pieces.keys.max() ?? 0
        guard let least = pieces.keys.min(), least >= 0, greatest < Self.maximumCount else {
            throw CheckpointError(path, "token ids must lie in 0 ..< \(Self.maximumCount)")
        }
        for id in 0...greatest {
            bytes += pieces[id] ?? []
            starts.append(bytes.count)
        }
    }

    var count: Int { starts.count - 1 }

    /// Nothing for an id that the vocabulary lacks.
    subscript(token: TokenID) -> ArraySlice<UInt8> {
        guard 0..<count ~= Int(token) else { return [] }
        return bytes[starts[Int(token)]..<starts[Int(token) + 1]]
    }
}
