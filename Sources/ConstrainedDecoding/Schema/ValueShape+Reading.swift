import JSON

extension StringShape {
    /// Reads the string keywords.
    init(_ keywords: Keywords, at path: String) throws(SchemaError) {
        minimumLength = keywords.count("minLength") ?? 0
        maximumLength = keywords.count("maxLength")
        for (name, length) in [("minLength", minimumLength), ("maxLength", maximumLength ?? 0)]
        where length > SchemaLimits.states {
            throw SchemaError(path: path.pointing(to: name), reason: "above \(SchemaLimits.states)")
        }
        if let pattern = keywords.text("pattern") {
            patterns.append(pattern)
            do throws(InvalidPattern) {
                _ = try CharacterAutomaton(pattern: pattern)
            } catch {
                throw SchemaError(path: path.pointing(to: "pattern"), reason: error.reason)
            }
        }
        if let format = keywords.text("format"), let pattern = StringFormat.patterns[format] {
            patterns.append("^(?:\(pattern))$")
        }
    }
}

/// The enforced string formats, as patterns.
enum StringFormat {
    /// Years from 1000 on.
    ///
    /// 29 February only in leap years that do not end a century.
    private static let date =
        #"(?:[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"#
        + #"|02-(?:0[1-9]|1\d|2[0-8]))|[1-9]\d(?:0[48]|[2468][048]|[13579][26])-02-29)"#
    private static let time =
        #"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"#
    private static let byte = #"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"#

    static let patterns = [
        "date": date,
        "time": time,
        "date-time": "\(date)T\(time)",
        "email": #"[\w+-]+(?:\.[\w+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}"#,
        "uuid": "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "ipv4": "(?:\(byte)\\.){3}\(byte)",
    ]
}

extension NumberShape {
    /// Reads the number keywords.
    init(_ keywords: Keywords, isInteger: Bool, at path: String) throws(SchemaError) {
        self.isInteger = isInteger
        if let value = keywords["multipleOf"] {
            guard let factor = value.whole else {
                throw SchemaError(
                    path: path.pointing(to: "multipleOf"),
                    reason: "is supported for whole numbers only: doubles have no exact multiples of others")
            }
            guard factor <= SchemaLimits.states else {
                throw SchemaError(
                    path: path.pointing(to: "multipleOf"), reason: "above \(SchemaLimits.states)")
            }
            multiple = factor
            self.isInteger = true
        }
        for (name, isExclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
            guard let bound = try bound(name, isExclusive, in: keywords, at: path) else { continue }
            if let lower, bound.value < lower.value || bound.value == lower.value && !isExclusive { continue }
            lower = bound
        }
        for (name, isExclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
            guard let bound = try bound(name, isExclusive, in: keywords, at: path) else { continue }
            if let upper, upper.value < bound.value || bound.value == upper.value && !isExclusive { continue }
            upper = bound
        }
    }

    /// Maximum digits written, without the exponent.
    var maximumDigits: Int {
        if isInteger { return SchemaLimits.integerDigits }
        return isFree ? SchemaLimits.numberDigits : SchemaLimits.boundedNumberDigits
    }

    private func bound(
        _ name: String, _ isExclusive: Bool, in keywords: Keywords, at path: String
    ) throws(SchemaError) -> Bound? {
        guard let value = keywords[name]?.decimal else { return nil }
        // With more digits, two decimals may round to the same double, and the bound would not be exact. No number that
        // can be written lies beyond a bound with more digits before the point.
        let digits = isInteger ? SchemaLimits.integerDigits : SchemaLimits.boundedNumberDigits
        let isExact = value.significantDigits <= SchemaLimits.boundedNumberDigits
        guard isInteger || isExact || value.whole.count > digits else {
            throw SchemaError(
                path: path.pointing(to: name),
                reason: "more than \(digits) digits cannot be enforced exactly")
        }
        let isBeyond = value.isNegative == name.lowercased().hasSuffix("maximum")
        guard !isBeyond || value.whole.count <= digits else {
            throw SchemaError(
                path: path.pointing(to: name),
                reason: "such numbers have more than the \(digits) digits that are written at most")
        }
        return Bound(value: value, isExclusive: isExclusive)
    }
}

extension JSONValue {
    /// The value as a whole number above 0.
    fileprivate var whole: Int? {
        guard let decimal, decimal.fraction.isEmpty else { return nil }
        return Int(decimal.whole.map { "\($0)" }.joined())
    }
}
