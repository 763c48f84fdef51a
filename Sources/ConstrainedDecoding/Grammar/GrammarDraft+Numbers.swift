/// What was written of a number, as far as it restricts what may follow.
private struct NumberProgress: Hashable {
    enum Phase {
        case start, sign, zero, whole, point, fraction, exponent, exponentSign, exponentDigit, exponentEnd
    }

    var phase = Phase.start
    var isNegative = false
    /// Digits so far, without leading zeros of the whole part.
    var digits = 0
    /// Digits of the current part (whole or fraction), as long as bounds must be compared.
    var position = 0
    /// Comparison of the digits so far with the same number of digits of the bound: -1, 0, 1.
    var lower = 0
    var upper = 0
    var remainder = 0
}

/// The bounds of a number without its sign.
private struct MagnitudeBounds {
    var lower: NumberShape.Bound?
    var upper: NumberShape.Bound?

    /// `nil` if no number of this sign is within the bounds.
    init?(_ shape: NumberShape, isNegative: Bool) {
        if isNegative {
            if let bound = shape.lower, !(bound.value < .zero) { return nil }
            if let bound = shape.upper, !(.zero < bound.value) { lower = bound }
            upper = shape.lower
        } else {
            if let bound = shape.upper, bound.value < .zero { return nil }
            if let bound = shape.lower, !(bound.value < .zero) { lower = bound }
            upper = shape.upper
        }
        lower?.value.isNegative = false
        upper?.value.isNegative = false
    }

    /// Compares a number of `digits` whole digits, which compare as `order`, with the whole part of `bound`.
    static func compareWhole(_ digits: Int, _ order: Int, _ bound: Decimal) -> Int {
        digits == bound.whole.count ? order : digits < bound.whole.count ? -1 : 1
    }

    /// Whether a number that ends at `progress` is within the bounds.
    func contain(_ progress: NumberProgress) -> Bool {
        let isWhole = progress.phase != .fraction
        func order(_ bound: NumberShape.Bound, _ order: Int) -> Int {
            let rest = isWhole ? bound.value.fraction[...] : bound.value.fraction.dropFirst(progress.position)
            let order = isWhole ? Self.compareWhole(progress.digits, order, bound.value) : order
            return order == 0 && !rest.isEmpty ? -1 : order
        }
        if let lower {
            let order = order(lower, progress.lower)
            if order < 0 || order == 0 && lower.isExclusive { return false }
        }
        if let upper {
            let order = order(upper, progress.upper)
            if order > 0 || order == 0 && upper.isExclusive { return false }
        }
        return true
    }

    /// `progress` after the whole digit `digit`; `nil` if everything that could follow is out of bounds.
    func adding(whole digit: Int, to progress: NumberProgress, multiple: Int) -> NumberProgress? {
        var next = progress
        next.phase = .whole
        next.digits += 1
        next.remainder = (progress.remainder * 10 + digit) % multiple
        next.lower = Self.order(digit, at: progress.digits, progress.lower, of: lower?.value.whole, none: 1)
        next.upper = Self.order(digit, at: progress.digits, progress.upper, of: upper?.value.whole, none: -1)
        if let upper, next.digits > upper.value.whole.count { return nil }
        return next
    }

    /// `progress` after the fractional digit `digit`.
    func adding(fraction digit: Int, to progress: NumberProgress) -> NumberProgress? {
        var next = progress
        next.phase = .fraction
        next.digits += 1
        next.lower = Self.order(
            digit, at: progress.position, progress.lower, of: lower?.value.fraction, none: 1, filler: 0)
        next.upper = Self.order(
            digit, at: progress.position, progress.upper, of: upper?.value.fraction, none: -1, filler: 0)
        next.position = next.lower == 0 || next.upper == 0 ? progress.position + 1 : 0
        if lower != nil, next.lower < 0 { return nil }
        if upper != nil, next.upper > 0 { return nil }
        return next
    }

    /// `progress` after the decimal point.
    func addingPoint(to progress: NumberProgress) -> NumberProgress? {
        var next = progress
        next.phase = .point
        next.lower = lower.map { Self.compareWhole(progress.digits, progress.lower, $0.value) } ?? 1
        next.upper = upper.map { Self.compareWhole(progress.digits, progress.upper, $0.value) } ?? -1
        return lower != nil && next.lower < 0 || upper != nil && next.upper > 0 ? nil : next
    }

    private static func order(
        _ digit: Int, at position: Int, _ order: Int, of digits: [UInt8]?, none: Int, filler: Int? = nil
    ) -> Int {
        guard let digits else { return none }
        guard order == 0 else { return order }
        guard let other = position < digits.count ? Int(digits[position]) : filler else { return 1 }
        return (digit - other).signum()
    }
}

extension GrammarDraft {
    /// Adds the numbers of `shape`.
    ///
    /// Digits are limited, or a model could write a number without end.
    mutating func addNumber(_ shape: NumberShape, from: Int) throws(SchemaError) {
        let bounds = [false, true].map { MagnitudeBounds(shape, isNegative: $0) }
        var known = [NumberProgress(): from]
        var pending = [NumberProgress()]
        while let progress = pending.popLast() {
            guard let state = known[progress] else { continue }
            for (byte, next) in Self.steps(from: progress, shape, bounds) {
                let target: Int
                if let state = known[next] {
                    target = state
                } else {
                    target = try self.state(Self.mayEnd(next, shape, bounds) ? .open : [])
                    known[next] = target
                    pending.append(next)
                }
                connect(state, byte...byte, target)
            }
        }
    }

    private static func mayEnd(
        _ progress: NumberProgress, _ shape: NumberShape, _ bounds: [MagnitudeBounds?]
    ) -> Bool {
        switch progress.phase {
        case .exponentDigit, .exponentEnd: return true
        case .zero, .whole, .fraction:
            guard let bounds = bounds[progress.isNegative ? 1 : 0] else { return false }
            return progress.remainder == 0 && bounds.contain(progress)
        default: return false
        }
    }

    private static func steps(
        from progress: NumberProgress, _ shape: NumberShape, _ bounds: [MagnitudeBounds?]
    ) -> [(UInt8, NumberProgress)] {
        guard let side = bounds[progress.isNegative ? 1 : 0] else {
            return progress.phase == .start ? signStep(from: progress, bounds) : []
        }
        var steps: [(UInt8, NumberProgress)] = []
        let hasRoom = progress.digits < shape.maximumDigits
        switch progress.phase {
        case .start, .sign:
            var zero = progress
            zero.phase = .zero
            steps.append((0x30, zero))
            steps += digits(1...9) { side.adding(whole: $0, to: progress, multiple: shape.multiple) }
            if progress.phase == .start { steps += signStep(from: progress, bounds) }
        case .whole where hasRoom:
            steps += digits(0...9) { side.adding(whole: $0, to: progress, multiple: shape.multiple) }
        case .point where hasRoom, .fraction where hasRoom:
            steps += digits(0...9) { side.adding(fraction: $0, to: progress) }
        default: break
        }
        if !shape.isInteger, hasRoom, progress.phase == .zero || progress.phase == .whole {
            if let point = side.addingPoint(to: progress) { steps.append((UInt8(ascii: "."), point)) }
        }
        return shape.isFree ? steps + exponentSteps(from: progress) : steps
    }

    private static func signStep(
        from progress: NumberProgress, _ bounds: [MagnitudeBounds?]
    ) -> [(UInt8, NumberProgress)] {
        guard bounds[1] != nil else { return [] }
        return [(UInt8(ascii: "-"), NumberProgress(phase: .sign, isNegative: true))]
    }

    private static func digits(
        _ range: ClosedRange<Int>, _ next: (Int) -> NumberProgress?
    ) -> [(UInt8, NumberProgress)] {
        range.compactMap { digit in next(digit).map { (0x30 + UInt8(digit), $0) } }
    }

    /// Two exponent digits keep the number finite.
    private static func exponentSteps(from progress: NumberProgress) -> [(UInt8, NumberProgress)] {
        func to(_ phase: NumberProgress.Phase, _ bytes: String) -> [(UInt8, NumberProgress)] {
            bytes.utf8.map { ($0, NumberProgress(phase: phase)) }
        }
        switch progress.phase {
        case .zero, .whole, .fraction: return to(.exponent, "eE")
        case .exponent: return to(.exponentSign, "+-") + to(.exponentDigit, "0123456789")
        case .exponentSign: return to(.exponentDigit, "0123456789")
        case .exponentDigit: return to(.exponentEnd, "0123456789")
        default: return []
        }
    }
}
