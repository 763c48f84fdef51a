import JSON

/// The frames of a streamed completion: server-sent events, each with a chunk of JSON.
///
/// Written by hand, because this is the server's hottest path and JSONEncoder takes fifty times as long.
public struct StreamChunks: Sendable {
    /// The endpoint that the chunks belong to.
    public enum Kind: Sendable { case chat, text }

    private let kind: Kind
    /// `data: {"id":…,` up to the first field that differs between chunks.
    private let prefix: [UInt8]
    public let streamedUsage: GenerationParameters.StreamedUsage

    public init(_ kind: Kind, head: ResponseHead, usage: GenerationParameters.StreamedUsage = .none) {
        self.kind = kind
        let json = JSONText.encode(head)
        prefix = Array("data: ".utf8) + json.dropLast() + Array(",\"choices\":[".utf8)
        streamedUsage = usage
    }

    /// What a chunk contains besides its text.
    public struct Details: Sendable {
        /// Encoded log-probabilities, if requested.
        public var logprobs: [UInt8]?
        /// Token ids, if requested.
        public var tokens: TokenReport?
        /// Usage of the choice so far, if every chunk reports it.
        public var usage: Usage?
        /// Only in the last chunk of the last choice.
        public var report: RunReport?

        public init(
            logprobs: [UInt8]? = nil, tokens: TokenReport? = nil, usage: Usage? = nil,
            report: RunReport? = nil
        ) {
            self.logprobs = logprobs
            self.tokens = tokens
            self.usage = usage
            self.report = report
        }
    }

    /// A choice's first chunk in a chat, which gives the role.
    ///
    /// `isCall`: there will be no content.
    public func role(index: Int, isCall: Bool = false) -> [UInt8] {
        let content = isCall ? "null" : "\"\""
        return frame(
            index, Array("{\"role\":\"assistant\",\"content\":\(content),\"refusal\":null}".utf8), Details())
    }

    /// A piece of text.
    public func text(_ text: String, index: Int, details: Details = Details()) -> [UInt8] {
        var delta = Array(kind == .chat ? "{\"content\":".utf8 : "".utf8)
        delta.appendJSONString(text)
        if kind == .chat { delta.append(UInt8(ascii: "}")) }
        return frame(index, delta, details)
    }

    /// The start of a call: its id and function, without arguments yet.
    public func call(id: String, name: String, style: ChatTools.Style, index: Int) -> [UInt8] {
        let delta: [UInt8]
        switch style {
        case .tools:
            let call = JSONText.encode(ToolCall(id: id, name: name, arguments: ""))
            delta = Array("{\"tool_calls\":[{\"index\":0,".utf8) + call.dropFirst() + Array("]}".utf8)
        case .functions:
            delta = JSONText.encode(["function_call": ["name": name, "arguments": ""]])
        }
        return frame(index, delta, Details())
    }

    /// A piece of a call's arguments.
    public func arguments(
        _ text: String, style: ChatTools.Style, index: Int, details: Details = Details()
    ) -> [UInt8] {
        let (before, after) =
            switch style {
            case .tools: ("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":", "}}]}")
            case .functions: ("{\"function_call\":{\"arguments\":", "}}")
            }
        var delta = Array(before.utf8)
        delta.appendJSONString(text)
        delta.append(contentsOf: after.utf8)
        return frame(index, delta, details)
    }

    /// The last chunk of a choice.
    public func finish(_ reason: String, index: Int, details: Details = Details()) -> [UInt8] {
        frame(index, Array(kind == .chat ? "{}".utf8 : "\"\"".utf8), details, finish: reason)
    }

    /// The usage, if requested, in a chunk without a choice.
    public func usage(_ usage: Usage) -> [UInt8] {
        prefix + Array("],\"usage\":".utf8) + JSONText.encode(usage) + Array("}\n\n".utf8)
    }

    /// Ends a stream that cannot be completed.
    public static func failure(_ error: ErrorBody) -> [UInt8] {
        Array("data: ".utf8) + JSONText.encode(error) + Array("\n\n".utf8) + done
    }

    /// Ends every stream.
    public static let done = Array("data: [DONE]\n\n".utf8)

    private func frame(
        _ index: Int, _ delta: [UInt8], _ details: Details, finish: String? = nil
    ) -> [UInt8] {
        var bytes = prefix
        bytes.append(contentsOf: "{\"index\":\(index),\"\(kind == .chat ? "delta" : "text")\":".utf8)
        bytes.append(contentsOf: delta)
        bytes.append(contentsOf: ",\"logprobs\":".utf8)
        bytes.append(contentsOf: details.logprobs ?? Array("null".utf8))
        bytes.append(contentsOf: ",\"finish_reason\":".utf8)
        bytes.append(contentsOf: finish.map { "\"\($0)\"" }?.utf8 ?? "null".utf8)
        if let tokens = details.tokens {
            bytes.appendMembers(of: kind == .chat ? tokens.ofCompletion : tokens)
        }
        bytes.append(contentsOf: "}]".utf8)
        if streamedUsage != .none {
            bytes.append(contentsOf: ",\"usage\":".utf8)
            bytes.append(contentsOf: details.usage.map { JSONText.encode($0) } ?? Array("null".utf8))
        }
        if let tokens = details.tokens, kind == .chat { bytes.appendMembers(of: tokens.ofPrompt) }
        if let report = details.report {
            bytes.append(contentsOf: ",\"jostle\":".utf8)
            bytes.append(contentsOf: JSONText.encode(report))
        }
        bytes.append(contentsOf: "}\n\n".utf8)
        return bytes
    }
}

extension [UInt8] {
    /// Appends the members of an object to an open, non-empty one.
    fileprivate mutating func appendMembers(of object: some Encodable) {
        let json = JSONText.encode(object)
        guard json.count > 2 else { return }
        append(UInt8(ascii: ","))
        append(contentsOf: json.dropFirst().dropLast())
    }
}
