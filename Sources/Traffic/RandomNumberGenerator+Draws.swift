extension RandomNumberGenerator {
    /// A number in 0 ..< `bound`: the high word of a 64-bit number times the bound.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// An exponentially distributed number with this mean, rounded down.
    ///
    /// Von Neumann's comparison method ("Various techniques used in connection with random digits", 1951): uniform
    /// numbers are compared, and no logarithm is taken. A round draws while the numbers fall. After an odd number
    /// of draws the round's first is the fraction; after an even number, one more whole mean has passed.
    mutating func exponential(mean: UInt64) -> UInt64 {
        var whole: UInt64 = 0
        while true {
            let first = next()
            var last = first
            var draws = 1
            while true {
                let number = next()
                guard number < last else { break }
                last = number
                draws += 1
            }
            if draws % 2 == 1 {
                let (high, overflows) = whole.multipliedReportingOverflow(by: mean)
                return overflows ? .max : high &+ first.multipliedFullWidth(by: mean).high
            }
            whole += 1
        }
    }
}
