/// The free KV blocks.
struct BlockAllocator {
    let total: Int
    private var free: [Int32]

    init(total: Int) {
        self.total = total
        free = (0..<Int32(total)).reversed()
    }

    var freeCount: Int { free.count }

    /// Grows `table` to `count` blocks; changes nothing and returns `false` where too few are free.
    mutating func grow(_ table: inout [Int32], to count: Int) -> Bool {
        let missing = count - table.count
        guard missing > 0 else { return true }
        guard missing <= free.count else { return false }
        table.append(contentsOf: free.suffix(missing).reversed())
        free.removeLast(missing)
        return true
    }

    /// Takes back every block of `table`.
    mutating func reclaim(_ table: inout [Int32]) {
        free.append(contentsOf: table.reversed())
        table.removeAll()
    }
}
