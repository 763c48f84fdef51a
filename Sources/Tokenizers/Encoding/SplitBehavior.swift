/// What happens to the matches that a text is cut at.
enum SplitBehavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// A part of a text: a match, or the text between two matches.
    struct Part {
        var range: Range<Int>
        let isMatch: Bool
    }

    init(_ node: JSONNode) throws(TokenizerError) {
        let name = try node.text()
        guard let behavior = Self(rawValue: name) else {
            throw node.unsupported(name, supported: Self.allCases.map(\.rawValue))
        }
        self = behavior
    }

    /// Calls `body` with the resulting pieces, in order; some may be empty.
    func forEachPiece(of parts: [Part], _ body: (Range<Int>) -> Void) {
        switch self {
        case .isolated: for part in parts { body(part.range) }
        case .removed: for part in parts where !part.isMatch { body(part.range) }
        case .contiguous: merge(parts, { $0.isMatch == $1 }, body)
        case .mergedWithPrevious: merge(parts, { $0.isMatch && !$1 }, body)
        case .mergedWithNext:
            // The same from the end.
            var pieces: [Range<Int>] = []
            merge(parts.reversed(), { $0.isMatch && !$1 }) { pieces.append($0) }
            pieces.reversed().forEach(body)
        }
    }

    /// Joins a part to the previous piece if `joins` returns true for it and the previous part.
    private func merge(
        _ parts: [Part], _ joins: (Part, _ previousIsMatch: Bool) -> Bool, _ body: (Range<Int>) -> Void
    ) {
        var piece: Range<Int>?
        // As if a part that is no match came first.
        var previous = false
        for part in parts {
            if let begun = piece, joins(part, previous) {
                piece =
                    min(
                        begun.lowerBound, part.range.lowerBound)..<max(
                        begun.upperBound, part.range.upperBound)
            } else {
                if let piece { body(piece) }
                piece = part.range
            }
            previous = part.isMatch
        }
        if let piece { body(piece) }
    }
}
