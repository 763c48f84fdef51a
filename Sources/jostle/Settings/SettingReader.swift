import ArgumentParser

/// Finds the value of each setting: its flag's, else its environment variable's, else the configuration
/// file's, else its default.
struct SettingReader {
    /// A setting as it was found.
    struct Finding {
        let key: SettingKey
        let value: String
        let source: SettingSource
        /// Whether somebody said it.
        var isGiven: Bool { if case .standard = source { false } else { true } }
    }

    private let environment: [String: String]
    private let file: ConfigFile?
    /// Every setting that was read, in that order.
    private(set) var findings: [Finding] = []

    init(environment: [String: String], file: ConfigFile?) {
        self.environment = environment
        self.file = file
    }

    /// The value, or `nil` where nobody says; `otherwise` tells a person what holds then.
    mutating func read<Value: ExpressibleByArgument>(
        _ key: SettingKey, flag: Value?, otherwise: String, must requirement: Requirement<Value> = .nothing
    ) throws(CommandFailure) -> Value? {
        let (value, source) = try find(key, flag: flag)
        if let value, let complaint = requirement.complaint(value) {
            throw CommandFailure(
                source.failureStatus,
                "\(source.subject(key)) is \(value.defaultValueDescription), but \(complaint)")
        }
        findings.append(Finding(key: key, value: value?.defaultValueDescription ?? otherwise, source: source))
        return value
    }

    /// The value, or `standard` where nobody says.
    mutating func read<Value: ExpressibleByArgument>(
        _ key: SettingKey, flag: Value?, default standard: Value,
        must requirement: Requirement<Value> = .nothing
    ) throws(CommandFailure) -> Value {
        try read(key, flag: flag, otherwise: standard.defaultValueDescription, must: requirement) ?? standard
    }

    /// Where a setting that was read came from.
    func source(of key: SettingKey) -> SettingSource {
        findings.last { $0.key == key }?.source ?? .standard
    }

    private func find<Value: ExpressibleByArgument>(
        _ key: SettingKey, flag: Value?
    ) throws(CommandFailure) -> (Value?, SettingSource) {
        if let flag { return (flag, .flag(key)) }
        if let text = environment[key.environmentVariable] {
            let source = SettingSource.environment(key)
            return (try parse(text, key, source), source)
        }
        if let file, let entry = file.entries[key] {
            let source = SettingSource.file(path: file.path, line: entry.line)
            return (try parse(entry.text, key, source), source)
        }
        return (nil, .standard)
    }

    private func parse<Value: ExpressibleByArgument>(
        _ text: String, _ key: SettingKey, _ source: SettingSource
    ) throws(CommandFailure) -> Value {
        guard let value = Value(argument: text) else {
            let known = Value.allValueStrings
            let hint =
                known.isEmpty ? "see jostle serve --help" : "it can be \(known.joined(separator: ", "))"
            throw CommandFailure(source.failureStatus, "\(source.subject(key)) cannot be '\(text)'; \(hint)")
        }
        return value
    }

    /// Environment variables with the prefix that name no setting: typing errors, most likely.
    var strayVariables: [String] {
        let known = Set(
            SettingKey.allCases.map(\.environmentVariable) + [
                SettingKey.configVariable, SettingKey.cacheVariable,
            ])
        return environment.keys.filter { $0.hasPrefix(SettingKey.environmentPrefix) && !known.contains($0) }
            .sorted()
    }
}
