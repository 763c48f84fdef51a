/// Case conversions of Python's `str` methods. Each letter keeps the provenance of its original.
extension Text {
    private func mapped(_ mapping: (Int, Unicode.Scalar.Properties) -> String) -> Text {
        var result: [Letter] = []
        result.reserveCapacity(count)
        for (index, letter) in letters.enumerated() {
            let scalars = mapping(index, letter.scalar.properties).unicodeScalars
            result += scalars.map { Letter($0, isTemplate: letter.isTemplate) }
        }
        return Text(result)
    }

    var uppercased: Text { mapped { $1.uppercaseMapping } }

    var lowercased: Text { mapped { lowercase(at: $0, $1) } }

    var capitalized: Text {
        mapped { $0 == 0 ? $1.titlecaseMapping : lowercase(at: $0, $1) }
    }

    var caseSwapped: Text {
        mapped { $1.isUppercase ? lowercase(at: $0, $1) : $1.uppercaseMapping }
    }

    /// Title case for letters after an uncased one, lower case for the others.
    var titlecased: Text {
        var previousIsCased = false
        return mapped { index, properties in
            defer { previousIsCased = properties.isCased }
            return previousIsCased ? lowercase(at: index, properties) : properties.titlecaseMapping
        }
    }

    private func lowercase(at index: Int, _ properties: Unicode.Scalar.Properties) -> String {
        letters[index].scalar == "Σ" && isFinalSigma(at: index) ? "ς" : properties.lowercaseMapping
    }

    /// Unicode's Final_Sigma: after a cased letter and not before one, ignoring case-ignorable characters between.
    private func isFinalSigma(at index: Int) -> Bool {
        func isCased(_ run: some Sequence<Letter>) -> Bool {
            let next = run.first { !$0.scalar.properties.isCaseIgnorable }
            return next?.scalar.properties.isCased ?? false
        }
        return isCased(letters[..<index].reversed()) && !isCased(letters[(index + 1)...])
    }

    /// Whether it has cased letters, all lower case.
    var isLowercase: Bool { isAll(\.isLowercase, orUncased: \.isUppercase) }

    /// Whether it has cased letters, all upper case.
    var isUppercase: Bool { isAll(\.isUppercase, orUncased: \.isLowercase) }

    private func isAll(
        _ wanted: KeyPath<Unicode.Scalar.Properties, Bool>,
        orUncased other: KeyPath<Unicode.Scalar.Properties, Bool>
    ) -> Bool {
        var found = false
        for letter in letters {
            let properties = letter.scalar.properties
            if properties[keyPath: other] || properties.generalCategory == .titlecaseLetter { return false }
            found = found || properties[keyPath: wanted]
        }
        return found
    }

    /// Whether it is non-empty and all letters are of one kind.
    func isNonEmpty(allSatisfying isOfKind: (Unicode.Scalar) -> Bool) -> Bool {
        !isEmpty && letters.allSatisfy { isOfKind($0.scalar) }
    }
}

extension Unicode.Scalar {
    var isPythonAlphabetic: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isPythonDigit: Bool {
        properties.numericType == .decimal || properties.numericType == .digit
    }

    var isPythonNumeric: Bool { properties.numericType != nil }

    /// Whether `repr` prints it unescaped.
    var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
