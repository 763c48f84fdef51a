import OpenAI

/// Answers of `POST /v1/chat/completions` and `POST /v1/completions`.
struct CompletionFormat: AnswerFormat {
    let kind: StreamChunks.Kind
    let head: ResponseHead
    /// `nil` where the response is not streamed.
    let chunks: StreamChunks?
    let includesUsage: Bool

    var isStreamed: Bool { chunks != nil }

    func begin(choices: Int) -> [UInt8] {
        guard kind == .chat, let chunks else { return [] }
        return (0..<choices).flatMap { chunks.role(index: $0) }
    }

    func news(_ news: ChoiceProgress.News, of index: Int, tokens: TokenReport?) -> [UInt8] {
        chunks?.text(news.text, index: index, logprobs: encode(news.tokens), tokens: tokens) ?? []
    }

    private func encode(_ tokens: [ChoiceProgress.ReportedToken]) -> [UInt8]? {
        guard !tokens.isEmpty else { return nil }
        return kind == .chat
            ? JSONText.encode(ChatLogprobs(tokens)) : JSONText.encode(CompletionLogprobs(tokens))
    }

    func finish(_ choice: ChoiceProgress, of index: Int, report: RunReport?) -> [UInt8] {
        chunks?.finish(choice.finishReason ?? "stop", index: index, report: report) ?? []
    }

    func end(_ outcome: AnswerOutcome) -> [UInt8] {
        guard let chunks else { return [] }
        return (includesUsage ? chunks.usage(outcome.usage) : []) + StreamChunks.done
    }

    func failure(_ error: ErrorBody) -> [UInt8] { StreamChunks.failure(error) }

    func whole(_ outcome: AnswerOutcome) -> HTTPResponse {
        switch kind {
        case .chat: whole(outcome, AssistantMessage.init, ChatLogprobs.init)
        case .text: whole(outcome, CompletionText.init, CompletionLogprobs.init)
        }
    }

    private func whole<Content: ChoiceContent>(
        _ outcome: AnswerOutcome, _ content: (String) -> Content,
        _ logprobs: ([ChoiceProgress.ReportedToken]) -> Content.Logprobs
    ) -> HTTPResponse {
        let choices = outcome.choices.enumerated().map { index, choice in
            ResponseChoice(
                index: index, content: content(choice.news.text),
                logprobs: outcome.reportsTokens ? logprobs(choice.news.tokens) : nil,
                finishReason: choice.finishReason,
                tokens: kind == .chat ? choice.tokens.ofCompletion : choice.tokens)
        }
        return .json(
            CompletionResponse(
                head: head, choices: choices, usage: outcome.usage, report: outcome.report,
                tokens: kind == .chat
                    ? outcome.choices.first?.tokens.ofPrompt ?? TokenReport() : TokenReport()))
    }
}
