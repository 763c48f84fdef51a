import FoundationEssentials

/// Finds the key that an object of a JSON text has twice: readers differ in which of the two they take.
///
/// The text must be well formed.
struct DuplicateKeys {
    private let text: Slice<UnsafeRawBufferPointer>
    private var index: Int
    /// The keys so far of each object that is open; `nil` for an array.
    private var open: [Set<[UInt8]>?] = []

    /// The first key that comes twice in one object of `text`.
    static func first(in text: Slice<UnsafeRawBufferPointer>) -> String? {
        var scan = DuplicateKeys(text: text)
        return scan.first()
    }

    private init(text: Slice<UnsafeRawBufferPointer>) {
        self.text = text
        index = text.startIndex
    }

    private mutating func first() -> String? {
        var isKeyNext = false
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"):
                open.append([])
                isKeyNext = true
            case UInt8(ascii: "["):
                open.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                isKeyNext = false
            case UInt8(ascii: ","):
                isKeyNext = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let key = string()
                if isKeyNext, open.last??.contains(key) == true {
                    return String(decoding: key, as: UTF8.self)
                }
                if isKeyNext { open[open.count - 1]?.insert(key) }
                isKeyNext = false
            default: break
            }
        }
        return nil
    }

    /// The string whose opening quote has just been passed, its escapes resolved.
    private mutating func string() -> [UInt8] {
        let start = index
        var isEscaped = false
        while index < text.endIndex, text[index] != UInt8(ascii: "\"") {
            isEscaped = isEscaped || text[index] == UInt8(ascii: "\\")
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(index, text.endIndex)
        let bytes = Array(text[start..<index])
        index += 1
        guard isEscaped else { return bytes }
        let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        let resolved = try? JSONDecoder().decode(String.self, from: Data(quoted))
        return resolved.map { Array($0.utf8) } ?? bytes
    }
}
