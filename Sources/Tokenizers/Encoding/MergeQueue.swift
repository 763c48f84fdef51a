/// The merges a word could do next, lowest rank first, then leftmost: a binary heap.
struct MergeQueue {
    struct Candidate: Comparable {
        let rank: Int32
        /// Index of the pair's left symbol.
        let position: Int
        /// What the pair becomes.
        let token: TokenID

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, left.position) < (right.rank, right.position)
        }
    }

    private var heap: [Candidate] = []

    /// - Complexity: O(log n)
    mutating func insert(_ candidate: Candidate) {
        heap.append(candidate)
        var index = heap.count - 1
        while index > 0, heap[index] < heap[(index - 1) / 2] {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// - Complexity: O(log n)
    mutating func popFirst() -> Candidate? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        sink()
        return first
    }

    /// Moves the root down to where it is not greater than its children.
    private mutating func sink() {
        var index = 0
        while true {
            let left = 2 * index + 1
            let right = left + 1
            guard left < heap.count else { return }
            let least = right < heap.count && heap[right] < heap[left] ? right : left
            guard heap[least] < heap[index] else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
