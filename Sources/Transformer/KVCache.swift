import Numerics

/// Keys and values of every position computed so far, in blocks of 16 positions that any sequence may own.
///
/// One layer's keys are [block][kvHead][headDimension][16], so that one vector holds a component of 16 keys;
/// its values are [block][kvHead][16][headDimension], so that one vector holds a stretch of one value.
/// Which block belongs to whom is the caller's business: a sequence passes its block table.
final class KVCache {
    /// Positions in a block.
    static let blockSize = 16

    let keyValueHeads: Int
    let headDimension: Int
    private let blockFloats: Int
    private let layerFloats: Int
    // Zero, for the kernels read whole blocks and mask the tail.
    private let memory: PageMemory
    private let storage: UnsafeMutablePointer<Float>

    init(layers: Int, blocks: Int, keyValueHeads: Int, headDimension: Int) {
        self.keyValueHeads = keyValueHeads
        self.headDimension = headDimension
        blockFloats = keyValueHeads * headDimension * Self.blockSize
        layerFloats = blocks * blockFloats
        let count = 2 * layers * layerFloats
        memory = PageMemory(byteCount: count * MemoryLayout<Float>.stride)
        storage = memory.base.bindMemory(to: Float.self, capacity: count)
    }

    /// The key blocks of a layer.
    func keys(_ layer: Int) -> UnsafeMutablePointer<Float> { storage + 2 * layer * layerFloats }

    /// The value blocks of a layer.
    func values(_ layer: Int) -> UnsafeMutablePointer<Float> { storage + (2 * layer + 1) * layerFloats }

    /// Stores the key and value of one position; `key`, `value`: [kvHead, headDimension].
    func store(
        key: UnsafePointer<Float>, value: UnsafePointer<Float>, layer: Int, block: Int32, slot: Int
    ) {
        let blockKeys = keys(layer) + Int(block) * blockFloats
        let blockValues = values(layer) + Int(block) * blockFloats
        for component in 0..<keyValueHeads * headDimension {
            blockKeys[component * Self.blockSize + slot] = key[component]
        }
        for head in 0..<keyValueHeads {
            let row = blockValues + (head * Self.blockSize + slot) * headDimension
            row.update(from: value + head * headDimension, count: headDimension)
        }
    }
}
