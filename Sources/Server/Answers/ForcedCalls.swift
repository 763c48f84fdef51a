import OpenAI
import Threads

/// Tool calls that a request forces, made from the texts of its choices.
final class ForcedCalls: Sendable {
    /// The function that the request names; `nil`: the model does.
    private let function: String?
    let style: ChatTools.Style
    private let id: String
    private let readers = Locked<[Int: ToolCallReader]>([:])

    /// `id`: the request's own, from which those of the calls are made; `nil` where no call is forced.
    init?(_ tools: ChatTools, id: String) {
        switch tools.choice {
        case .none, .auto: return nil
        case .required: function = nil
        case .function(let name): function = name
        }
        style = tools.style
        self.id = id
    }

    /// Why a choice ended: the API does not call it a tool call where the client named the function.
    func finishReason(_ reason: String) -> String {
        reason == "stop" && function == nil ? "tool_calls" : reason
    }

    func id(of choice: Int) -> String { "call_\(id)-\(choice)" }

    /// A choice goes on with `text`.
    func take(_ text: String, of choice: Int) -> ToolCallReader.Delta {
        readers.withLock { $0[choice, default: ToolCallReader(of: function)].take(text) }
    }

    /// A choice has ended.
    func end(of choice: Int, isCut: Bool) -> String {
        readers.withLock { $0[choice]?.end(isCut: isCut) ?? "" }
    }

    /// The whole call; `nil` where the text was cut before the function's name.
    func call(_ text: String, of choice: Int, isCut: Bool) -> ToolCall? {
        var reader = ToolCallReader(of: function)
        let delta = reader.take(text)
        let rest = reader.end(isCut: isCut)
        return delta.name.map { ToolCall(id: id(of: choice), name: $0, arguments: delta.arguments + rest) }
    }
}

/// Finds a function's name and its arguments in the text of a call, in whatever pieces that comes.
///
/// The text is that of a forced call: the arguments' object where the function is known, else
/// `{"name": …, "arguments": {…}}`, with at most one space behind a colon or a comma.
struct ToolCallReader {
    struct Delta: Equatable {
        /// Once, as soon as it is known.
        var name: String?
        var arguments = ""
    }

    /// Told with the first text.
    private var function: String?
    /// What came before the arguments; `nil` where they have begun.
    private var head: String?
    private let isWrapped: Bool
    /// A brace that may be the one behind the arguments.
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
        // {"name":"…", with nothing in the name that is written as an escape.
        let parts = all[..<mark.lowerBound].split(separator: "\"", omittingEmptySubsequences: false)
        return Delta(
            name: parts.count > 3 ? String(parts[3]) : "", arguments: holdingBack(String(all[start...])))
    }

    private mutating func holdingBack(_ text: String) -> String {
        let all = held + text
        held = all.hasSuffix("}") ? "}" : ""
        return String(all.dropLast(held.count))
    }

    /// The rest of the arguments; `isCut`: the text ended too early.
    mutating func end(isCut: Bool) -> String {
        defer { held = "" }
        return isCut ? held : ""
    }
}
