/// How the elements of a tensor are stored.
///
/// The raw values are ggml's numbers. Elements are stored in blocks along a row; the elements of a quantised block share
/// scales.
public enum GGUFTensorType: UInt32, Sendable, Hashable, CaseIterable {
    case float32 = 0
    case float16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case bfloat16 = 30
    case mxfp4 = 39

    init(number: UInt32) throws(UnsupportedTensorType) {
        guard let type = Self(rawValue: number) else { throw UnsupportedTensorType(number: number) }
        self = type
    }

    /// As llama.cpp writes it, such as `Q4_1`.
    public var name: String {
        switch self {
        case .float32: "F32"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .mxfp4: "MXFP4"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        }
    }

    /// Whether elements share scales.
    public var isQuantised: Bool { blockSize > 1 }

    /// Elements per block.
    public var blockSize: Int {
        switch self {
        case .float32, .float16, .bfloat16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .mxfp4: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    public var bytesPerBlock: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q4_0: 2 + 16
        case .q4_1: 2 + 2 + 16
        case .q5_0: 2 + 4 + 16
        case .q5_1: 2 + 2 + 4 + 16
        case .q8_0: 2 + 32
        case .q4_K: 2 + 2 + 12 + 128
        case .q5_K: 2 + 2 + 12 + 32 + 128
        case .q6_K: 128 + 64 + 16 + 2
        case .mxfp4: 1 + 16
        }
    }

    /// Bytes of `count` elements, a multiple of `blockSize`.
    public func byteCount(of count: Int) -> Int { count / blockSize * bytesPerBlock }
}

/// A tensor type that is not supported.
struct UnsupportedTensorType: Error {
    let number: UInt32

    /// ggml's names of the other types.
    private static let names: [UInt32: String] = [
        9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS",
        19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
        28: "F64",
        29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 40: "NVFP4",
    ]

    /// What is wrong with the tensor and what to do; follows its name.
    var problem: String {
        let supported = GGUFTensorType.allCases.map(\.name).joined(separator: ", ")
        guard let name = Self.names[number] else {
            return "has the unknown type \(number); supported are \(supported)"
        }
        return "has the type \(name); supported are \(supported). Get the model in one of them, "
            + "or convert it: llama-quantize --allow-requantize FILE NEW Q8_0"
    }
}
