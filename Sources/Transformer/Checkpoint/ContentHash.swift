import Threads

/// A 64-bit hash, equal in every process; it tells checkpoints apart, but does not resist forgery.
///
/// FNV-1a over 64-bit words instead of bytes, in eight lanes: reading the file takes longer than hashing it. Each word
/// also rotates the hash, or two flipped sign bits would cancel out.
public struct ContentHash {
    private static let basis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01b3
    private static let laneCount = 8

    private(set) var value = basis

    /// FNV-1a of a short text's UTF-8, byte by byte, as published.
    ///
    /// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
    public static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(basis) { ($0 ^ UInt64($1)) &* prime }
    }

    mutating func combine(_ word: UInt64) {
        value = Self.mixed(value, word)
    }

    /// Combines bytes and their count.
    mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        combine(Self.hash(bytes))
    }

    mutating func combine(_ text: String) {
        combine(Array(text.utf8).withUnsafeBytes(Self.hash))
    }

    @inline(__always)
    private static func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let product = (lane ^ word) &* prime
        return product << 29 | product >> 35
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var lanes = SIMD8<UInt64>(repeating: 0)
        for lane in 0..<laneCount { lanes[lane] = UInt64(lane) }
        let stride = 8 * laneCount
        let whole = bytes.count / stride * stride
        for start in Swift.stride(from: 0, to: whole, by: stride) {
            for lane in 0..<laneCount {
                let word = bytes.loadUnaligned(fromByteOffset: start + 8 * lane, as: UInt64.self)
                lanes[lane] = mixed(lanes[lane], word)
            }
        }
        var hash = ContentHash()
        hash.combine(UInt64(bytes.count))
        for lane in 0..<laneCount { hash.combine(lanes[lane]) }
        for byte in bytes[whole...] { hash.combine(UInt64(byte)) }
        return hash.value
    }
}

extension WeightStore {
    /// A hash of every tensor's name, type, shape and content, independent of the division into files.
    ///
    /// `workers` share the reading.
    func contentHash(workers: WorkerPool?) -> UInt64 {
        // Small enough that a file is never in memory as a whole.
        let pieceSize = 8 << 20
        let tensors = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var pieces: [(file: MappedFile, bytes: Range<Int>)] = []
        for tensor in tensors {
            for start in stride(from: tensor.bytes.lowerBound, to: tensor.bytes.upperBound, by: pieceSize) {
                pieces.append((tensor.file, start..<min(start + pieceSize, tensor.bytes.upperBound)))
            }
        }
        var hashes = [UInt64](repeating: 0, count: pieces.count)
        hashes.withUnsafeMutableBufferPointer { hashes in
            // Each part writes its own elements.
            nonisolated(unsafe) let hashes = hashes
            let body = { (index: Int) in
                hashes[index] = pieces[index].file.hash(of: pieces[index].bytes)
            }
            if let workers { workers.run(parts: pieces.count, body) } else { pieces.indices.forEach(body) }
        }
        var hash = ContentHash()
        for tensor in tensors {
            hash.combine(tensor.name)
            hash.combine("\(tensor.type)\(tensor.shape)")
        }
        for piece in hashes { hash.combine(piece) }
        return hash.value
    }
}

extension MappedFile {
    /// Hashes a part of the file and releases its pages.
    fileprivate func hash(of range: Range<Int>) -> UInt64 {
        let part = UnsafeRawBufferPointer(rebasing: bytes[range])
        defer { release(start + range.lowerBound, count: range.count) }
        return ContentHash.hash(part)
    }
}
