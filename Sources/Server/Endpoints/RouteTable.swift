// To add an endpoint: a row here, and a struct for the endpoint. Its schemas go into `APISchema`.

extension Route {
    /// Everything that is served.
    static let all: [Route] = completions + others + models + operation

    private static let completions = [
        Route(
            method: "POST", path: "/v1/chat/completions", summary: "A chat completion.",
            body: "ChatCompletionRequest",
            answer: Answer(
                description: "The completion, or with `stream` its chunks, ended by `data: [DONE]`.",
                content: [
                    ("application/json", APISchema.reference("ChatCompletion")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]
        ) { ChatCompletionsEndpoint(admission: $0.admission, metrics: $0.requests) },
        Route(
            method: "POST", path: "/v1/completions", summary: "A text completion.",
            body: "CompletionRequest",
            answer: Answer(
                description: "The completion, or with `stream` its chunks, ended by `data: [DONE]`.",
                content: [
                    ("application/json", APISchema.reference("Completion")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]
        ) { CompletionsEndpoint(admission: $0.admission, metrics: $0.requests) },
    ]

    private static let others = [
        Route(
            method: "POST", path: "/v1/responses", summary: "A response: text in, text out.",
            body: "ResponsesRequest",
            answer: Answer(
                description: "The response, or with `stream` its events.",
                content: [
                    ("application/json", APISchema.reference("Response")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]
        ) { ResponsesEndpoint(admission: $0.admission, metrics: $0.requests) },
        Route(
            method: "POST", path: "/v1/embeddings", summary: "Embeddings of texts.",
            body: "EmbeddingRequest", answer: .json("One for each input.", "EmbeddingList"),
            refusals: [400, 404, 413, 504]
        ) { EmbeddingsEndpoint(models: $0.models) },
        Route(
            method: "POST", path: "/tokenize", summary: "The token ids of a prompt or a chat.",
            body: "TokenizeRequest", answer: .json("The ids.", "Tokens"), refusals: [400, 404, 413]
        ) { TokenizeEndpoint(models: $0.models) },
        Route(
            method: "POST", path: "/detokenize", summary: "The text of token ids.",
            body: "DetokenizeRequest", answer: .json("The text.", "Text"), refusals: [400, 404, 413]
        ) { DetokenizeEndpoint(models: $0.models) },
    ]

    private static let models = [
        Route(
            method: "GET", path: "/v1/models", summary: "The models of the catalogue.",
            answer: .json("The models.", "ModelList")
        ) { ModelListEndpoint(models: $0.models, created: $0.created) },
        Route(
            method: "GET", path: "/v1/models/{model}", summary: "One model.",
            parameters: [
                #"{"name":"model","in":"path","required":true,"schema":{"type":"string","minLength":1},"description":"A model's name, which may end with an isolation: `gpt-4:per-sequence`."}"#
            ],
            answer: .json("The model.", "Model"), refusals: [404]
        ) { ModelEndpoint(models: $0.models, created: $0.created) },
    ]

    private static let ofOneModel =
        #"{"name":"model","in":"query","required":false,"schema":{"type":"string"},"description":"Only this model; otherwise all."}"#

    private static let operation = [
        Route(
            method: "GET", path: "/health", summary: "Whether the server is alive.",
            answer: .json("It is.", "Health"), needsKey: false, needsModels: false
        ) { _ in HealthEndpoint() },
        Route(
            method: "GET", path: "/ready",
            summary: "Whether the models are loaded.",
            answer: .json("They are.", "Health"), needsKey: false, needsModels: false
        ) { ReadyEndpoint(models: $0.models) },
        Route(
            method: "GET", path: "/version", summary: "The server's version.",
            answer: .json("The version.", "Version"), needsModels: false
        ) { _ in VersionEndpoint() },
        Route(
            method: "GET", path: "/openapi.json", summary: "This document.",
            answer: Answer(
                description: "The document.", content: [("application/json", #"{"type":"object"}"#)]),
            needsModels: false
        ) { OpenAPIEndpoint(asksForKey: $0.asksForKey) },
        Route(
            method: "GET", path: "/metrics", summary: "Metrics in Prometheus's text format.",
            answer: Answer(
                description: "The metrics.",
                content: [("text/plain; version=0.0.4; charset=utf-8", #"{"type":"string"}"#)]),
            needsModels: false
        ) { MetricsEndpoint(models: $0.models, requests: $0.requests, refusals: $0.refusals) },
        Route(
            method: "GET", path: "/admin/routing", summary: "The current routing.",
            parameters: [ofOneModel], answer: .json("The routing of each model.", "RoutingList"),
            refusals: [404]
        ) { RoutingEndpoint(models: $0.models) },
        Route(
            method: "PUT", path: "/admin/routing",
            summary: "Change the routing of new requests.",
            parameters: [ofOneModel], body: "RoutingUpdate", maximumBody: 64 << 10,
            answer: .json("The new routing of the models that were changed.", "RoutingList"),
            refusals: [400, 404, 413]
        ) { RoutingUpdateEndpoint(models: $0.models, logger: $0.logger) },
    ]
}
