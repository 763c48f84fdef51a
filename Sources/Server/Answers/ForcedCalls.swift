import OpenAI
import Threads

/// Makes tool calls of the texts of choices, for a request that forces calls.
final class ForcedCalls: Sendable {
    /// The function that the request names; `nil` if the model chooses one.
    private let function: String?
    let style: ChatTools.Style
    private let id: String
    private let readers = Locked<[Int: ToolCallReader]>([:])

    /// Returns `nil` if no call is forced.
    ///
    /// The ids of the calls contain `id`, the request's.
    init?(_ tools: ChatTools, id: String) {
        switch tools.choice {
        case .none, .auto: return nil
        case .required: function = nil
        case .function(let name): function = name
        }
        style = tools.style
        self.id = id
    }

    /// The finish reason.
    ///
    /// OpenAI's API says `stop`, not `tool_calls`, if the request names the function.
    func finishReason(_ reason: String) -> String {
        reason == "stop" && function == nil ? "tool_calls" : reason
    }

    func id(of choice: Int) -> String { "call_\(id)-\(choice)" }

    /// Takes the next text of a choice.
    func take(_ text: String, of choice: Int) -> ToolCallReader.Delta {
        readers.withLock { $0[choice, default: ToolCallReader(of: function)].take(text) }
    }

    /// Returns the rest of the arguments when a choice has ended.
    func end(of choice: Int, isCut: Bool) -> String {
        readers.withLock { $0[choice]?.end(isCut: isCut) ?? "" }
    }

    /// The whole call; `nil` if the text ends before the function's name.
    func call(_ text: String, of choice: Int, isCut: Bool) -> ToolCall? {
        var reader = ToolCallReader(of: function)
        let delta = reader.take(text)
        let rest = reader.end(isCut: isCut)
        return delta.name.map { ToolCall(id: id(of: choice), name: $0, arguments: delta.arguments + rest) }
    }
}

/// Finds a function's name and arguments in the text of a forced call, which arrives in pieces.
///
/// If the request names the function, the text is the arguments' object. Otherwise it is
/// `{"name": …, "arguments": {…}}`, with at most one space after a colon or a comma.
struct ToolCallReader {
    struct Delta: Equatable {
        /// In one delta only: as soon as it is known.
        var name: String?
        var arguments = ""
    }

    /// `nil` once it has been returned.
    private var function: String?
    /// The text before the arguments; `nil` once they have begun.
    private var head: String?
    private let isWrapped: Bool
    /// A closing brace that may be the one after the arguments.
    private var held = ""

    init(of function: String?) {
        self.function = function
        isWrapped = function == nil
        head = isWrapped ? "" : nil
    }

    mutating func take(_ text: String) -> Delta {
        guard isWrapped else {
            defer { function = nil }
            return Delta(name: function, arguments: text)
        }
        guard let head else { return Delta(arguments: holdingBack(text)) }
        let all = head + text
        guard let mark = all.firstRange(of: "\"arguments\":"),
            let start = all[mark.upperBound...].firstIndex(of: "{")
        else {
            self.head = all
            return Delta()
        }
        self.head = nil
        // {"name":"…": the name contains no escapes.
        let parts = all[..<mark.lowerBound].split(separator: "\"", omittingEmptySubsequences: false)
        return Delta(
            name: parts.count > 3 ? String(parts[3]) : "", arguments: holdingBack(String(all[start...])))
    }

    private mutating func holdingBack(_ text: String) -> String {
        let all = held + text
        held = all.hasSuffix("}") ? "}" : ""
        return String(all.dropLast(held.count))
    }

    /// Returns the rest of the arguments; `isCut`: the text was cut off by `max_tokens`.
    mutating func end(isCut: Bool) -> String {
        defer { held = "" }
        return isCut ? held : ""
    }
}
