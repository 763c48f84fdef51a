import Catalog
import Dispatch
import Engine
import ExpertRouting
import HTTP
import Numerics
import OpenAI
import Threads
import Tokenizers
import Transformer

/// Runs one completion request: submits its sequences, takes their events, and writes the answer.
///
/// Events arrive on the engine's outbox thread. A disconnect or a time-out arrives on another thread.
final class CompletionJob: Sendable {
    private struct State {
        var choices: [ChoiceProgress]
        /// Of each choice: everything so far, if the answer is not streamed.
        var whole: [ChoiceProgress.Delta]
        var openChoices: Int
        /// When the latest token of each choice arrived.
        var lastTokens: [ContinuousClock.Instant?]
    }

    private let admitted: AdmittedRequest
    private let format: any AnswerFormat
    private let request: HTTPRequest
    private let exchange: any AnswerSink
    private let metrics: RequestMetrics
    private let state: Locked<State>
    /// Not part of `state`: a client that reads too slowly is disconnected during a write, under that lock.
    private let sequences: SubmittedSequences

    init(
        _ admitted: AdmittedRequest, format: any AnswerFormat, request: HTTPRequest, exchange: any AnswerSink,
        metrics: RequestMetrics
    ) {
        self.admitted = admitted
        self.format = format
        self.request = request
        self.exchange = exchange
        self.metrics = metrics
        sequences = SubmittedSequences(on: admitted.served.engine)
        let tokenizer = admitted.served.model.tokenizer
        state = Locked(
            State(
                choices: admitted.sequences.indices.map {
                    ChoiceProgress(
                        tokenizer, stop: admitted.stop, prompt: admitted.prompt(of: $0),
                        output: admitted.output)
                },
                whole: Array(repeating: ChoiceProgress.Delta(), count: admitted.sequences.count),
                openChoices: admitted.sequences.count,
                lastTokens: Array(repeating: nil, count: admitted.sequences.count)))
    }

    /// Submits every sequence, or none.
    func start() throws(APIError) {
        // Holds the lock, so that no event is written before the stream has begun.
        let refusal = state.withLock { state -> EngineRefusal? in
            do throws(EngineRefusal) {
                try sequences.submit(admitted.sequences) { [self] in take($0, of: $1) }
            } catch {
                return error
            }
            begin(in: &state)
            return nil
        }
        if let refusal { throw APIError(refusal) }
        exchange.flush()
        exchange.onCancel { [self] in cancel() }
        exchange.onExpiry { [self] in expire(after: $0) }
    }

    private func begin(in state: inout State) {
        beginStream()
        for index in state.choices.indices {
            let delta = state.choices[index].begin()
            publish(delta, of: index, in: &state)
        }
    }

    private func beginStream() {
        guard format.isStreamed else { return }
        exchange.onSent { [metrics, name = admitted.served.entry.name] in metrics.sent(name, after: $0) }
        exchange.beginStream(
            status: 200,
            headers: headers + [
                ("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-cache"),
            ])
        exchange.write(format.begin(choices: admitted.sequences.count))
    }

    private var headers: [(name: String, value: String)] {
        let elapsed = Int((ContinuousClock.now - request.arrival).seconds * 1_000)
        return [
            ("openai-model", admitted.served.entry.name),
            ("openai-version", "2020-10-01"), ("openai-processing-ms", "\(max(1, elapsed))"),
            ("x-jostle-isolation", admitted.isolation.rawValue),
        ] + admitted.served.loadHeaders
    }

    /// The client has left.
    private func cancel() {
        sequences.cancel()
        metrics.broken(admitted.served.entry.name, choices: admitted.sequences.count, reason: "abort")
    }

    /// The request has taken too long.
    private func expire(after time: Duration) {
        // Holds the lock, so that no chunk follows the error.
        state.withLock { state in
            guard state.openChoices > 0, !sequences.isCancelled else { return }
            metrics.broken(
                admitted.served.entry.name, choices: admitted.sequences.count, reason: "timeout")
            sequences.cancel()
            fail(.timeout(time))
        }
    }

    /// Events of one sequence.
    private func take(_ events: [TimedEvent], of index: Int) {
        let isComplete = state.withLock { state in
            for event in events {
                switch event.event {
                case .prompt(let tokens):
                    let delta = state.choices[index].take(prompt: tokens)
                    publish(delta, of: index, in: &state)
                case .embedding: break
                case .token(let token): take(token, sampled: event.sampled, of: index, in: &state)
                case .finished(let reason, let summary):
                    let delta = state.choices[index].end(reason, summary)
                    publish(delta, of: index, in: &state)
                    close(index, in: &state)
                }
            }
            return state.openChoices == 0 && !sequences.isCancelled
        }
        guard isComplete else { return }
        if !format.isStreamed {
            // An answer with log-probabilities can be many megabytes of JSON: encode it on another thread.
            DispatchQueue.global().async { [self] in complete() }
        } else {
            complete()
        }
    }

    private func take(
        _ token: SampledToken, sampled: ContinuousClock.Instant?, of index: Int, in state: inout State
    ) {
        let now = ContinuousClock.now
        metrics.token(
            admitted.served.entry.name, since: state.lastTokens[index], arrival: request.arrival, now: now)
        state.lastTokens[index] = now
        let delta = state.choices[index].take(token)
        publish(delta, sampled: sampled, of: index, in: &state)
        if delta.isStopped { sequences.end(index) }
    }

    /// `sampled`: when the token in `delta` was sampled.
    private func publish(
        _ delta: ChoiceProgress.Delta, sampled: ContinuousClock.Instant? = nil, of index: Int,
        in state: inout State
    ) {
        guard format.isStreamed else {
            state.whole[index].text += delta.text
            state.whole[index].tokens += delta.tokens
            state.whole[index].ids += delta.ids
            return
        }
        guard !delta.isEmpty else { return }
        let isFirst = state.whole[index].ids.isEmpty
        state.whole[index].ids += delta.ids.prefix(1)
        exchange.write(
            format.delta(
                delta, of: index, soFar: state.choices[index].usage,
                tokens: report(delta.ids, prompt: isFirst ? state.choices[index].prompt : nil)),
            knownSince: sampled)
    }

    /// The ids of a choice's tokens; `nil` if the request does not ask for them, which saves encoding an empty report.
    private func report(_ ids: [TokenID], prompt: AdmittedRequest.Prompt?) -> TokenReport? {
        guard admitted.output.returnsTokenIDs else { return nil }
        var report = TokenReport()
        report.tokenIDs = ids
        report.promptTokenIDs = prompt?.tokens
        return report
    }

    private func close(_ index: Int, in state: inout State) {
        state.openChoices -= 1
        guard format.isStreamed, state.choices[index].finishReason != nil else { return }
        exchange.write(
            format.finish(
                state.choices[index], of: index,
                report: state.openChoices == 0 ? report(on: state.choices) : nil))
    }

    /// All choices have ended: completes the answer.
    private func complete() {
        let (choices, whole) = state.withLock { ($0.choices, $0.whole) }
        if choices.contains(where: \.isCancelled) {
            return fail(.shuttingDown)
        }
        let usage = Usage(
            promptTokens: admitted.promptTokens, completionTokens: choices.reduce(0) { $0 + $1.tokenCount },
            // The first sequence of each prompt counts.
            cachedTokens: stride(from: 0, to: choices.count, by: admitted.candidates).reduce(0) {
                $0 + choices[$1].summary.cachedTokens
            })
        metrics.completed(
            admitted.served.entry.name, reasons: choices.map { $0.finishReason ?? "stop" }, usage: usage,
            latency: ContinuousClock.now - request.arrival)
        let outcome = AnswerOutcome(
            choices: likeliest(of: choices).map { index in
                AnswerOutcome.Choice(
                    progress: choices[index], whole: whole[index],
                    tokens: tokens(of: choices[index], whole[index])
                )
            }, reportsTokens: admitted.output.reportsTokens, usage: usage, report: report(on: choices))
        guard format.isStreamed else {
            var response = format.whole(outcome)
            response.headers += headers
            return exchange.respond(response)
        }
        exchange.write(format.end(outcome))
        exchange.finish()
    }

    /// Ends the request with an error: the response, or the last event of a stream.
    private func fail(_ error: APIError) {
        guard format.isStreamed else { return exchange.respond(error.response) }
        exchange.write(format.failure(error.body))
        exchange.finish()
        exchange.flush()
    }

    private func report(on choices: [ChoiceProgress]) -> RunReport {
        var report = RunReport(
            isolation: admitted.isolation.rawValue, numerics: admitted.served.entry.numerics.rawValue)
        for choice in choices {
            report.droppedAssignments += choice.summary.droppedAssignments
            report.sharedSteps += choice.summary.sharedSteps
        }
        return report
    }

    /// The sequences to return: for each prompt, those with the highest mean log-probability, highest first.
    private func likeliest(of choices: [ChoiceProgress]) -> [Int] {
        guard admitted.candidates > admitted.choices else { return Array(choices.indices) }
        func mean(_ index: Int) -> Double {
            choices[index].logprobSum / Double(max(1, choices[index].tokenCount))
        }
        return admitted.prompts.indices.flatMap { prompt in
            (prompt * admitted.candidates..<(prompt + 1) * admitted.candidates)
                .sorted { (mean($1), $0) < (mean($0), $1) }.prefix(admitted.choices)
        }
    }

    private func tokens(of choice: ChoiceProgress, _ whole: ChoiceProgress.Delta) -> TokenReport {
        var report = report(whole.ids, prompt: choice.prompt) ?? TokenReport()
        if admitted.output.reportsPrompt {
            report.promptLogprobs = PromptLogprobs(
                choice.promptTokens.map { token in
                    let others = token.top.enumerated().map { ($1.token, $1.logprob, $0 + 1) }
                    let all = others + [(token.token, token.logprob ?? 0, token.rank ?? 1)]
                    return Dictionary(
                        all.map { id, logprob, rank in
                            (
                                id,
                                PromptLogprobs.Entry(
                                    logprob: logprob.reportable, rank: rank,
                                    text: admitted.served.model.tokenizer.decode(
                                        [id], skippingSpecialTokens: false))
                            )
                        }, uniquingKeysWith: { $1 })
                })
        }
        return report
    }
}
