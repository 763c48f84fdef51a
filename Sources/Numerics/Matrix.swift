/// Owned row-major floats [rows, columns], aligned to 64 bytes; `resize(rows:)` lets one serve every batch.
public struct Matrix: ~Copyable {
    public let columns: Int
    public private(set) var rows: Int
    private var capacity: Int
    /// The first element of the first row.
    public private(set) var base: UnsafeMutablePointer<Float>

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "no matrix is \(rows) × \(columns)")
        self.rows = rows
        self.columns = columns
        capacity = rows
        base = Self.zeros(rows * columns)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    /// The first element of row `index`.
    public func row(_ index: Int) -> UnsafeMutablePointer<Float> {
        assert(index >= 0 && index < rows, "row \(index) of \(rows)")
        return base + index * columns
    }

    /// Makes the matrix `rows` high.
    ///
    /// The storage is kept where it suffices, with what it holds; else it is zeroed anew.
    public mutating func resize(rows: Int) {
        precondition(rows >= 0, "no matrix is \(rows) × \(columns)")
        self.rows = rows
        guard rows > capacity else { return }
        UnsafeMutableRawPointer(base).deallocate()
        base = Self.zeros(rows * columns)
        capacity = rows
    }

    private static func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        return memory.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
    }
}
