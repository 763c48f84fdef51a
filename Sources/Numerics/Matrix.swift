/// Row-major floats [rows, columns], owned, aligned to 64 bytes.
///
/// `resize(rows:)` reuses one matrix for every batch size.
public struct Matrix: ~Copyable {
    public let columns: Int
    public private(set) var rows: Int
    private var capacity: Int
    /// Pointer to the first element.
    public private(set) var base: UnsafeMutablePointer<Float>

    /// Creates a matrix of zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "no matrix is \(rows) × \(columns)")
        self.rows = rows
        self.columns = columns
        capacity = rows
        base = Self.zeros(rows * columns)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    /// Pointer to the first element of row `index`.
    public func row(_ index: Int) -> UnsafeMutablePointer<Float> {
        assert(index >= 0 && index < rows, "row \(index) of \(rows)")
        return base + index * columns
    }

    /// Sets the number of rows.
    ///
    /// If the storage is large enough, it is kept with its contents. Otherwise all elements become zero.
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
