import HTTP
import OpenAI
import Threads

/// Writes answers of `POST /v1/responses`: one message.
final class ResponsesFormat: AnswerFormat {
    private let draft: ResponseObject
    private let messageID: String
    let isStreamed: Bool
    /// The number of the next event, and the text so far, which the last events repeat.
    private let state = Locked((next: 0, text: ""))

    init(_ draft: ResponseObject, messageID: String, isStreamed: Bool) {
        self.draft = draft
        self.messageID = messageID
        self.isStreamed = isStreamed
    }

    private func event(_ type: String, _ body: (inout ResponseEvent) -> Void) -> [UInt8] {
        var event = ResponseEvent(type: type, number: state.withLock { $0.next })
        state.withLock { $0.next += 1 }
        body(&event)
        return event.frame
    }

    func begin(choices: Int) -> [UInt8] {
        let begun = draft
        return event("response.created") { $0.response = begun }
            + event("response.in_progress") { $0.response = begun }
            + event("response.output_item.added") { event in
                event.outputIndex = 0
                event.item = ResponseMessage(id: messageID, status: "in_progress", text: nil)
            }
            + event("response.content_part.added") { event in
                place(&event)
                event.part = ResponseText("")
            }
    }

    private func place(_ event: inout ResponseEvent) {
        event.itemID = messageID
        event.outputIndex = 0
        event.contentIndex = 0
    }

    func delta(
        _ delta: ChoiceProgress.Delta, of index: Int, soFar usage: Usage, tokens: TokenReport?
    ) -> [UInt8] {
        state.withLock { $0.text += delta.text }
        return event("response.output_text.delta") { event in
            place(&event)
            event.delta = delta.text
            event.logprobs = []
        }
    }

    func finish(_ choice: ChoiceProgress, of index: Int, report: RunReport?) -> [UInt8] {
        let text = state.withLock { $0.text }
        return event("response.output_text.done") { event in
            place(&event)
            event.text = text
            event.logprobs = []
        }
            + event("response.content_part.done") { event in
                place(&event)
                event.part = ResponseText(text)
            }
            + event("response.output_item.done") { event in
                event.outputIndex = 0
                event.item = ResponseMessage(
                    id: messageID, status: choice.finishReason == "length" ? "incomplete" : "completed",
                    text: text)
            }
    }

    func end(_ outcome: AnswerOutcome) -> [UInt8] {
        let response = completed(outcome, text: state.withLock { $0.text })
        return event("response.\(response.status)") { $0.response = response }
    }

    func failure(_ error: ErrorBody) -> [UInt8] {
        var failed = draft
        failed.fail(error)
        return event("response.failed") { $0.response = failed }
    }

    func whole(_ outcome: AnswerOutcome) -> HTTPResponse {
        .json(completed(outcome, text: outcome.choices.first?.whole.text ?? ""))
    }

    private func completed(_ outcome: AnswerOutcome, text: String) -> ResponseObject {
        var response = draft
        response.complete(
            text, messageID: messageID, isCut: outcome.choices.first?.finishReason == "length",
            usage: outcome.usage, report: outcome.report)
        return response
    }
}
