/// Who said what a setting's value is, the one that wins first.
enum SettingSource: CustomStringConvertible {
    case flag(SettingKey)
    case environment(SettingKey)
    case file(path: String, line: Int)
    case standard

    /// The lower, the stronger.
    var rank: Int {
        switch self {
        case .flag: 0
        case .environment: 1
        case .file: 2
        case .standard: 3
        }
    }

    /// How to name it to a person.
    var description: String {
        switch self {
        case .flag(let key): key.flag
        case .environment(let key): key.environmentVariable
        case .file(let path, let line): "\(path):\(line)"
        case .standard: "default"
        }
    }

    /// The beginning of a sentence about the value it gave.
    func subject(_ key: SettingKey) -> String {
        if case .file = self { "\(self): \(key.rawValue)" } else { description }
    }

    /// The exit status where its value is wrong.
    var failureStatus: CommandFailure.Status {
        if case .flag = self { .usage } else { .configuration }
    }
}
