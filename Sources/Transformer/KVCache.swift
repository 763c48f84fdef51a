import Numerics

/// The keys and values of computed positions, in blocks of 16 positions that any sequence may own.
///
/// A layer's keys are [block][kvHead][keyDimension][16], so that one vector holds one component of 16 keys. Its values
/// are [block][kvHead][16][valueDimension], so that one vector holds a stretch of one value. The caller assigns blocks
/// to sequences and passes each sequence's block table.
final class KVCache {
    /// Positions per block.
    static let blockSize = 16

    private let shape: AttentionShape
    /// Floats of a layer's keys, and of its values.
    private let layerKeys: Int
    private let layerValues: Int
    // Zeroed, because kernels read whole blocks and mask the tail.
    private let memory: PageMemory
    private let storage: UnsafeMutablePointer<Float>

    init(layers: Int, blocks: Int, shape: AttentionShape) {
        self.shape = shape
        layerKeys = blocks * Self.blockSize * shape.keyWidth
        layerValues = blocks * Self.blockSize * shape.valueWidth
        let count = layers * (layerKeys + layerValues)
        memory = PageMemory(byteCount: count * MemoryLayout<Float>.stride)
        storage = memory.base.bindMemory(to: Float.self, capacity: count)
    }

    /// The key blocks of a layer.
    func keys(_ layer: Int) -> UnsafeMutablePointer<Float> { storage + layer * (layerKeys + layerValues) }

    /// The value blocks of a layer.
    func values(_ layer: Int) -> UnsafeMutablePointer<Float> { keys(layer) + layerKeys }

    /// Stores the key and value of one position; `key`: [kvHead, keyDimension], `value`: [kvHead, valueDimension].
    func store(
        key: UnsafePointer<Float>, value: UnsafePointer<Float>, layer: Int, block: Int32, slot: Int
    ) {
        let blockKeys = keys(layer) + Int(block) * Self.blockSize * shape.keyWidth
        let blockValues = values(layer) + Int(block) * Self.blockSize * shape.valueWidth
        for component in 0..<shape.keyWidth {
            blockKeys[component * Self.blockSize + slot] = key[component]
        }
        let width = shape.valueDimension
        for head in 0..<shape.keyValueHeads {
            let row = blockValues + (head * Self.blockSize + slot) * width
            row.update(from: value + head * width, count: width)
        }
    }
}
