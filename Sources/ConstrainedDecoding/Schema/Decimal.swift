/// A number as decimal digits, so that bounds can be compared with the model's output digit by digit.
struct Decimal: Hashable, Sendable {
    var isNegative: Bool
    /// Without leading zeros; empty for numbers below one.
    var whole: [UInt8]
    /// Without trailing zeros.
    var fraction: [UInt8]

    static let zero = Decimal(0)

    init(_ integer: Int) {
        isNegative = integer < 0
        whole = integer == 0 ? [] : String(integer.magnitude).utf8.map { $0 - 0x30 }
        fraction = []
    }

    /// The shortest digits that represent `number`; `nil` if it is not finite.
    init?(_ number: Double) {
        guard number.isFinite else { return nil }
        isNegative = number < 0
        let parts = number.magnitude.description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = parts[0].split(separator: ".").map { $0.utf8.map { $0 - 0x30 } }
        var digits = halves[0] + (halves.count > 1 ? halves[1] : [])
        var point = halves[0].count + exponent
        if point < 0 {
            digits = Array(repeating: 0, count: -point) + digits
            point = 0
        }
        if point > digits.count { digits += Array(repeating: 0, count: point - digits.count) }
        whole = Array(digits[..<point].drop { $0 == 0 })
        fraction = Array(digits[point...])
        while fraction.last == 0 { fraction.removeLast() }
    }

    var isZero: Bool { whole.isEmpty && fraction.isEmpty }

    /// Number of digits needed to write the number, without leading zeros.
    var significantDigits: Int {
        let digits = whole + fraction
        return digits.drop { $0 == 0 }.count
    }

    static func < (left: Decimal, right: Decimal) -> Bool {
        if left.isZero && right.isZero { return false }
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    private func isSmaller(than other: Decimal) -> Bool {
        if whole.count != other.whole.count { return whole.count < other.whole.count }
        if whole != other.whole { return whole.lexicographicallyPrecedes(other.whole) }
        return fraction.lexicographicallyPrecedes(other.fraction)
    }
}
