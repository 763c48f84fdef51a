/// The frames of a streamed completion: server-sent events, one chunk of JSON each.
///
/// Written by hand: this is the hottest path of the server, and JSONEncoder takes fifty times as long.
public struct StreamChunks: Sendable {
    /// Which endpoint the chunks are of.
    public enum Kind: Sendable { case chat, text }

    private let kind: Kind
    /// `data: {"id":…,` up to the first field that differs from chunk to chunk.
    private let prefix: [UInt8]
    private let usageSuffix: String

    /// `includesUsage`: the client asked for usage, so every chunk but the last says `null`.
    public init(_ kind: Kind, head: ResponseHead, includesUsage: Bool) {
        self.kind = kind
        let json = JSONText.encode(head)
        prefix = Array("data: ".utf8) + json.dropLast() + Array(",\"choices\":[".utf8)
        usageSuffix = includesUsage ? ",\"usage\":null" : ""
    }

    /// The chat's first chunk of a choice, which names the role; `isCall`: there will be no content.
    public func role(index: Int, isCall: Bool = false) -> [UInt8] {
        let content = isCall ? "null" : "\"\""
        return frame(
            index: index, delta: "{\"role\":\"assistant\",\"content\":\(content),\"refusal\":null}",
            logprobs: nil, finish: nil)
    }

    /// The beginning of a call: its id and its function, and no arguments yet.
    public func call(id: String, name: String, index: Int) -> [UInt8] {
        let call = JSONText.encode(ToolCall(id: id, name: name, arguments: ""))
        return frame(
            index: index,
            delta: Array("{\"tool_calls\":[{\"index\":0,".utf8) + call.dropFirst() + Array("]}".utf8),
            logprobs: nil, finish: nil)
    }

    /// A stretch of a call's arguments.
    public func arguments(
        _ text: String, index: Int, logprobs: [UInt8]?, tokens: TokenReport? = nil
    ) -> [UInt8] {
        var delta = Array("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":".utf8)
        JSONText.append(text, to: &delta)
        delta.append(contentsOf: "}}]}".utf8)
        return frame(index: index, delta: delta, logprobs: logprobs, finish: nil, tokens: tokens)
    }

    /// A stretch of text.
    ///
    /// `logprobs`: its encoded log-probabilities, if they were asked for; `tokens`: ids that were asked for.
    public func text(
        _ text: String, index: Int, logprobs: [UInt8]?, tokens: TokenReport? = nil
    ) -> [UInt8] {
        var delta = Array(kind == .chat ? "{\"content\":".utf8 : "".utf8)
        JSONText.append(text, to: &delta)
        if kind == .chat { delta.append(UInt8(ascii: "}")) }
        return frame(index: index, delta: delta, logprobs: logprobs, finish: nil, tokens: tokens)
    }

    /// The last chunk of a choice; `report` goes with that of the last choice.
    public func finish(_ reason: String, index: Int, report: RunReport?) -> [UInt8] {
        frame(
            index: index, delta: kind == .chat ? "{}" : "\"\"", logprobs: nil, finish: reason, report: report)
    }

    /// The usage, where the client asked for it, in a chunk without a choice.
    public func usage(_ usage: Usage) -> [UInt8] {
        prefix + Array("],\"usage\":".utf8) + JSONText.encode(usage) + Array("}\n\n".utf8)
    }

    /// What a stream that cannot be completed ends with.
    public static func failure(_ error: ErrorBody) -> [UInt8] {
        Array("data: ".utf8) + JSONText.encode(error) + Array("\n\n".utf8) + done
    }

    /// The end of every stream.
    public static let done = Array("data: [DONE]\n\n".utf8)

    private func frame(
        index: Int, delta: String, logprobs: [UInt8]?, finish: String?, report: RunReport? = nil
    ) -> [UInt8] {
        frame(index: index, delta: Array(delta.utf8), logprobs: logprobs, finish: finish, report: report)
    }

    private func frame(
        index: Int, delta: [UInt8], logprobs: [UInt8]?, finish: String?, report: RunReport? = nil,
        tokens: TokenReport? = nil
    ) -> [UInt8] {
        var bytes = prefix
        bytes.append(contentsOf: "{\"index\":\(index),\"\(kind == .chat ? "delta" : "text")\":".utf8)
        bytes.append(contentsOf: delta)
        bytes.append(contentsOf: ",\"logprobs\":".utf8)
        bytes.append(contentsOf: logprobs ?? Array("null".utf8))
        bytes.append(contentsOf: ",\"finish_reason\":".utf8)
        bytes.append(contentsOf: finish.map { "\"\($0)\"" }?.utf8 ?? "null".utf8)
        if let tokens { bytes.appendMembers(of: kind == .chat ? tokens.ofCompletion : tokens) }
        bytes.append(contentsOf: "}]\(usageSuffix)".utf8)
        if let tokens, kind == .chat { bytes.appendMembers(of: tokens.ofPrompt) }
        if let report {
            bytes.append(contentsOf: ",\"jostle\":".utf8)
            bytes.append(contentsOf: JSONText.encode(report))
        }
        bytes.append(contentsOf: "}\n\n".utf8)
        return bytes
    }
}

extension [UInt8] {
    /// Appends the members of an object to one that is open and not empty.
    fileprivate mutating func appendMembers(of object: some Encodable) {
        let json = JSONText.encode(object)
        guard json.count > 2 else { return }
        append(UInt8(ascii: ","))
        append(contentsOf: json.dropFirst().dropLast())
    }
}
