import FoundationEssentials

/// JSON as bytes.
public enum JSONText {
    /// Encodes with sorted keys, so that equal values give equal text in every process.
    public static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("a response type that cannot be encoded")
        }
        return Array(data)
    }
}

extension [Float] {
    /// As little-endian 32-bit floats.
    var base64: String {
        let bytes = flatMap { value in
            let bits = value.bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                + [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24)]
        }
        return Data(bytes).base64EncodedString()
    }
}
