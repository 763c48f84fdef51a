import Engine
import HTTP

/// `GET /metrics`: vLLM's names where the meaning is the same, `jostle:` otherwise.
struct MetricsEndpoint: DirectEndpoint {
    let models: ModelRegistry
    let requests: RequestMetrics
    let refusals: RefusalLog

    func response(to request: HTTPRequest) -> HTTPResponse {
        var page = PrometheusText()
        writeEngines(&page)
        writeRequests(&page)
        writeRefusals(&page)
        return HTTPResponse(
            status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: Array(page.text.utf8))
    }

    private static let engineNumbers:
        [(String, PrometheusText.Kind, String, @Sendable (EngineMetrics.Totals) -> Double)] = [
            (
                "vllm:num_requests_running", .gauge, "Sequences in the batch.",
                { Double($0.occupancy?.running ?? 0) }
            ),
            (
                "vllm:num_requests_waiting", .gauge, "Sequences waiting to join it.",
                { Double($0.occupancy?.waiting ?? 0) }
            ),
            (
                "vllm:kv_cache_usage_perc", .gauge, "Share of KV blocks in use, 0 to 1.",
                { $0.occupancy.map { 1 - Double($0.freeBlocks) / Double($0.totalBlocks) } ?? 0 }
            ),
            (
                "vllm:num_preemptions_total", .counter, "Sequences preempted: their KV blocks were taken.",
                { Double($0.preemptions) }
            ),
            (
                "vllm:prefix_cache_queries_total", .counter,
                "Prompt tokens looked up in the prefix cache.",
                { Double($0.prefixQueries) }
            ),
            (
                "vllm:prefix_cache_hits_total", .counter, "Prompt tokens found in the prefix cache.",
                { Double($0.prefixHits) }
            ),
            ("vllm:prompt_tokens_total", .counter, "Prompt tokens computed.", { Double($0.promptTokens) }),
            ("vllm:generation_tokens_total", .counter, "Tokens generated.", { Double($0.generatedTokens) }),
            (
                "jostle:kv_blocks_free", .gauge, "KV blocks that no sequence holds.",
                { Double($0.occupancy?.freeBlocks ?? 0) }
            ),
            ("jostle:kv_blocks", .gauge, "KV blocks in all.", { Double($0.occupancy?.totalBlocks ?? 0) }),
            ("jostle:steps_total", .counter, "Forward passes.", { Double($0.steps) }),
            (
                "jostle:assignments_total", .counter, "Assignments that asked for a slot.",
                { Double($0.assignments) }
            ),
            (
                "jostle:dropped_assignments_total", .counter, "Assignments that found their expert full.",
                {
                    Double($0.droppedAssignments)
                }
            ),
            (
                "jostle:mixed_groups_total", .counter, "Routing groups with tokens of several sequences.",
                {
                    Double($0.mixedGroups)
                }
            ),
        ]

    private static let engineHistograms: [(String, String, @Sendable (EngineMetrics.Totals) -> Histogram)] = [
        ("vllm:iteration_tokens_total", "Tokens in a step.", { $0.stepTokens }),
        ("jostle:step_seconds", "Time of a step, without pace.", { $0.stepSeconds }),
    ]

    private func writeEngines(_ page: inout PrometheusText) {
        var seen: Set<ObjectIdentifier> = []
        let engines = models.all.map(\.metrics).filter { seen.insert(ObjectIdentifier($0)).inserted }
            .map { ($0.name, $0.current) }
        for (name, kind, help, value) in Self.engineNumbers {
            page.metric(name, kind, help)
            for (model, totals) in engines { page.sample(name, [("model_name", model)], value(totals)) }
        }
        for (name, help, value) in Self.engineHistograms {
            page.metric(name, .histogram, help)
            for (model, totals) in engines { page.histogram(name, [("model_name", model)], value(totals)) }
        }
    }

    private func writeRefusals(_ page: inout PrometheusText) {
        let name = "jostle:refused_requests_total"
        page.metric(name, .counter, "Requests answered with an error, by its status and code.")
        for (kind, count) in refusals.current {
            page.sample(name, [("status", "\(kind.status)"), ("code", kind.code)], Double(count))
        }
    }

    private func writeRequests(_ page: inout PrometheusText) {
        typealias Totals = RequestMetrics.Totals
        let requests = requests.current
        page.metric("vllm:request_success_total", .counter, "Choices that ended, by reason.")
        for (model, totals) in requests {
            for (reason, count) in totals.finished.sorted(by: { $0.key < $1.key }) {
                let labels = [("model_name", model), ("finished_reason", reason)]
                page.sample("vllm:request_success_total", labels, Double(count))
            }
        }
        let histograms: [(String, String, (Totals) -> Histogram)] = [
            (
                "vllm:time_to_first_token_seconds", "From the request's last byte to its first token.",
                \.timeToFirstToken
            ),
            (
                "vllm:inter_token_latency_seconds", "From one token of a request to the next.",
                \.interTokenLatency
            ),
            (
                "vllm:e2e_request_latency_seconds", "From the request's last byte to the end of its answer.",
                \.latency
            ),
            (
                "jostle:token_delivery_seconds",
                "From when a streamed token is sampled until its chunk is in the socket.",
                \.tokenDelivery
            ),
            ("vllm:request_prompt_tokens", "Prompt tokens of a request.", \.promptTokens),
            ("vllm:request_generation_tokens", "Generated tokens of a request.", \.generationTokens),
        ]
        for (name, help, value) in histograms {
            page.metric(name, .histogram, help)
            for (model, totals) in requests { page.histogram(name, [("model_name", model)], value(totals)) }
        }
    }
}
