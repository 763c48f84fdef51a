import HTTP
import OpenAI

/// How an endpoint writes what a job has found.
///
/// A streamed answer is written piece by piece, each piece under the job's lock; a whole one when all choices have ended.
protocol AnswerFormat: Sendable {
    var isStreamed: Bool { get }
    /// What a stream of so many choices begins with.
    func begin(choices: Int) -> [UInt8]
    /// A stretch of a choice; `soFar`: what that took; `tokens`: `nil` where the client did not ask for ids.
    func delta(
        _ delta: ChoiceProgress.Delta, of index: Int, soFar usage: Usage, tokens: TokenReport?
    ) -> [UInt8]
    /// A choice has ended; `report` comes with the last.
    func finish(_ choice: ChoiceProgress, of index: Int, report: RunReport?) -> [UInt8]
    /// What a stream ends with.
    func end(_ outcome: AnswerOutcome) -> [UInt8]
    /// What a stream that cannot be completed ends with.
    func failure(_ error: ErrorBody) -> [UInt8]
    /// The whole answer.
    func whole(_ outcome: AnswerOutcome) -> HTTPResponse
}

/// What a job has found, once all of its choices have ended.
struct AnswerOutcome: Sendable {
    struct Choice: Sendable {
        let progress: ChoiceProgress
        /// All of it, where the answer is not streamed.
        let whole: ChoiceProgress.Delta
        let tokens: TokenReport

        var finishReason: String { progress.finishReason ?? "stop" }
    }

    /// Those that are returned, in that order.
    let choices: [Choice]
    /// Whether log-probabilities are wanted.
    let reportsTokens: Bool
    let usage: Usage
    let report: RunReport
}
