import Catalog
import Engine
import ExpertRouting
import FoundationEssentials
import HTTP
import Numerics
import OpenAI
import Transformer

/// Writes answers of `POST /v1/chat/completions` and `POST /v1/completions`.
struct CompletionFormat: AnswerFormat {
    let kind: StreamChunks.Kind
    let head: ResponseHead
    /// `nil` if the answer is not streamed.
    let chunks: StreamChunks?
    /// Set if the request forces a call.
    let calls: ForcedCalls?

    var isStreamed: Bool { chunks != nil }

    func begin(choices: Int) -> [UInt8] {
        guard kind == .chat, let chunks else { return [] }
        return (0..<choices).flatMap { chunks.role(index: $0, isCall: calls != nil) }
    }

    func delta(
        _ delta: ChoiceProgress.Delta, of index: Int, soFar usage: Usage, tokens: TokenReport?
    ) -> [UInt8] {
        guard let chunks else { return [] }
        let details = StreamChunks.Details(
            logprobs: encode(delta.tokens), tokens: tokens, usage: reported(usage))
        guard let calls else { return chunks.text(delta.text, index: index, details: details) }
        let call = calls.take(delta.text, of: index)
        let beginning =
            call.name.map {
                chunks.call(id: calls.id(of: index), name: $0, style: calls.style, index: index)
            } ?? []
        guard !call.arguments.isEmpty || tokens != nil || !delta.tokens.isEmpty else { return beginning }
        return beginning
            + chunks.arguments(call.arguments, style: calls.style, index: index, details: details)
    }

    /// The usage so far, if every chunk has it.
    private func reported(_ usage: Usage) -> Usage? {
        chunks?.streamedUsage == .continuous ? usage : nil
    }

    private func encode(_ tokens: [ChoiceProgress.ReportedToken]) -> [UInt8]? {
        guard !tokens.isEmpty else { return nil }
        return kind == .chat
            ? JSONText.encode(ChatLogprobs(tokens)) : JSONText.encode(CompletionLogprobs(tokens))
    }

    func finish(_ choice: ChoiceProgress, of index: Int, report: RunReport?) -> [UInt8] {
        guard let chunks else { return [] }
        let details = StreamChunks.Details(usage: reported(choice.usage), report: report)
        let reason = choice.finishReason ?? "stop"
        guard let calls else { return chunks.finish(reason, index: index, details: details) }
        let rest = calls.end(of: index, isCut: reason == "length")
        return (rest.isEmpty ? [] : chunks.arguments(rest, style: calls.style, index: index))
            + chunks.finish(calls.finishReason(reason), index: index, details: details)
    }

    func end(_ outcome: AnswerOutcome) -> [UInt8] {
        guard let chunks else { return [] }
        return (chunks.streamedUsage == .none ? [] : chunks.usage(outcome.usage)) + StreamChunks.done
    }

    func failure(_ error: ErrorBody) -> [UInt8] { StreamChunks.failure(error) }

    func whole(_ outcome: AnswerOutcome) -> HTTPResponse {
        switch kind {
        case .chat: whole(outcome, message, ChatLogprobs.init)
        case .text:
            whole(outcome, { choice, _ in CompletionText(choice.whole.text) }, CompletionLogprobs.init)
        }
    }

    private func message(_ choice: AnswerOutcome.Choice, index: Int) -> AssistantMessage {
        guard let calls else { return AssistantMessage(choice.whole.text) }
        return AssistantMessage(
            calls.call(choice.whole.text, of: index, isCut: choice.finishReason == "length"),
            style: calls.style)
    }

    private func whole<Content: ChoiceContent>(
        _ outcome: AnswerOutcome, _ content: (AnswerOutcome.Choice, _ index: Int) -> Content,
        _ logprobs: ([ChoiceProgress.ReportedToken]) -> Content.Logprobs
    ) -> HTTPResponse {
        let choices = outcome.choices.enumerated().map { index, choice in
            ResponseChoice(
                index: index, content: content(choice, index),
                logprobs: outcome.reportsTokens ? logprobs(choice.whole.tokens) : nil,
                finishReason: calls?.finishReason(choice.finishReason) ?? choice.finishReason,
                tokens: kind == .chat ? choice.tokens.ofCompletion : choice.tokens)
        }
        return .json(
            CompletionResponse(
                head: head, choices: choices, usage: outcome.usage, report: outcome.report,
                tokens: kind == .chat
                    ? outcome.choices.first?.tokens.ofPrompt ?? TokenReport() : TokenReport()))
    }
}

extension CompletionFormat {
    /// `id`: the request's.
    init(
        _ kind: StreamChunks.Kind, of admitted: AdmittedRequest, _ parameters: GenerationParameters,
        calls tools: ChatTools? = nil, id: String
    ) {
        let digits = String(id.dropFirst(4))
        let object =
            switch (kind, parameters.stream) {
            case (.text, _): "text_completion"
            case (.chat, false): "chat.completion"
            case (.chat, true): "chat.completion.chunk"
            }
        let head = ResponseHead(
            id: (kind == .chat ? "chatcmpl-" : "cmpl-") + digits, object: object,
            created: Int(Date().timeIntervalSince1970), model: admitted.served.entry.name,
            systemFingerprint: admitted.fingerprint)
        self.init(
            kind: kind, head: head,
            chunks: parameters.stream
                ? StreamChunks(kind, head: head, usage: parameters.streamedUsage) : nil,
            calls: tools.flatMap { ForcedCalls($0, id: digits) })
    }
}

extension AdmittedRequest {
    /// `fp_` and a hash of what a completion depends on, other than the request and those it shares steps with.
    fileprivate var fingerprint: String {
        let parts = [
            served.model.fingerprint, served.model.numerics.identity(on: served.model.kernels),
            isolation.rawValue,
            "\(served.engine.rule)",
        ]
        let hash = ContentHash.fnv1a(parts.joined(separator: "|"))
        let digits = String(hash, radix: 16)
        return "fp_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
