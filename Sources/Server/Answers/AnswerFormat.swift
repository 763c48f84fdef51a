import HTTP
import OpenAI

/// How an endpoint writes the answer of a completion.
///
/// The parts of a streamed answer are written under the job's lock. A whole answer is written when all choices have ended.
protocol AnswerFormat: Sendable {
    var isStreamed: Bool { get }
    /// The start of a stream.
    func begin(choices: Int) -> [UInt8]
    /// A part of a choice. `tokens` is `nil` if the request does not ask for token ids.
    func delta(
        _ delta: ChoiceProgress.Delta, of index: Int, soFar usage: Usage, tokens: TokenReport?
    ) -> [UInt8]
    /// The end of a choice; the last one has the report.
    func finish(_ choice: ChoiceProgress, of index: Int, report: RunReport?) -> [UInt8]
    /// The end of a stream.
    func end(_ outcome: AnswerOutcome) -> [UInt8]
    /// The end of a stream that fails.
    func failure(_ error: ErrorBody) -> [UInt8]
    /// The whole answer.
    func whole(_ outcome: AnswerOutcome) -> HTTPResponse
}

/// The result of a completion, when all of its choices have ended.
struct AnswerOutcome: Sendable {
    struct Choice: Sendable {
        let progress: ChoiceProgress
        /// The whole text and its tokens, if the answer is not streamed.
        let whole: ChoiceProgress.Delta
        let tokens: TokenReport

        var finishReason: String { progress.finishReason ?? "stop" }
    }

    /// The choices to return, in order.
    let choices: [Choice]
    /// Whether the answer contains log-probabilities.
    let reportsTokens: Bool
    let usage: Usage
    let report: RunReport
}
