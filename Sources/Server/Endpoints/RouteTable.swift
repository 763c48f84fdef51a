extension APIOperation {
    /// Everything that is served.
    static let all: [APIOperation] = completions + others + models + operation

    private static let completions = [
        APIOperation(
            method: "POST", path: "/v1/chat/completions", summary: "A chat completion.",
            body: "ChatCompletionRequest",
            answer: Answer(
                description: "The completion, or with `stream` its chunks, ended by `data: [DONE]`.",
                content: [
                    ("application/json", APISchema.reference("ChatCompletion")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]),
        APIOperation(
            method: "POST", path: "/v1/completions", summary: "A text completion.",
            body: "CompletionRequest",
            answer: Answer(
                description: "The completion, or with `stream` its chunks, ended by `data: [DONE]`.",
                content: [
                    ("application/json", APISchema.reference("Completion")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]),
    ]

    private static let others = [
        APIOperation(
            method: "POST", path: "/v1/responses", summary: "A response: text in, text out.",
            body: "ResponsesRequest",
            answer: Answer(
                description: "The response, or with `stream` its events.",
                content: [
                    ("application/json", APISchema.reference("Response")),
                    ("text/event-stream", APISchema.reference("StreamEvent")),
                ]),
            refusals: [400, 404, 413, 504]),
        APIOperation(
            method: "POST", path: "/v1/embeddings", summary: "Embeddings of texts.",
            body: "EmbeddingRequest", answer: .json("One for each input.", "EmbeddingList"),
            refusals: [400, 404, 413, 504]),
        APIOperation(
            method: "POST", path: "/tokenize", summary: "The token ids of a prompt or a chat.",
            body: "TokenizeRequest", answer: .json("The ids.", "Tokens"), refusals: [400, 404, 413]),
        APIOperation(
            method: "POST", path: "/detokenize", summary: "The text of token ids.",
            body: "DetokenizeRequest", answer: .json("The text.", "Text"), refusals: [400, 404, 413]),
    ]

    private static let models = [
        APIOperation(
            method: "GET", path: "/v1/models", summary: "The models of the catalogue.",
            answer: .json("The models.", "ModelList")),
        APIOperation(
            method: "GET", path: "/v1/models/{model}", summary: "One model.",
            parameters: [
                #"{"name":"model","in":"path","required":true,"schema":{"type":"string","minLength":1},"description":"A model's name, which may end with an isolation: `gpt-4:per-sequence`."}"#
            ],
            answer: .json("The model.", "Model"), refusals: [404]),
    ]

    private static let ofOneModel =
        #"{"name":"model","in":"query","required":false,"schema":{"type":"string"},"description":"Only this model; otherwise all."}"#

    private static let operation = [
        APIOperation(
            method: "GET", path: "/health", summary: "Whether the server takes requests.",
            answer: .json("It does.", "Health"), needsKey: false),
        APIOperation(
            method: "GET", path: "/version", summary: "The server's version.",
            answer: .json("The version.", "Version")),
        APIOperation(
            method: "GET", path: "/openapi.json", summary: "This document.",
            answer: Answer(
                description: "The document.", content: [("application/json", #"{"type":"object"}"#)])),
        APIOperation(
            method: "GET", path: "/metrics", summary: "Metrics in Prometheus's text format.",
            answer: Answer(
                description: "The metrics.",
                content: [("text/plain; version=0.0.4; charset=utf-8", #"{"type":"string"}"#)])),
        APIOperation(
            method: "GET", path: "/admin/routing", summary: "The routing in force.",
            parameters: [ofOneModel], answer: .json("By model.", "RoutingList"), refusals: [404]),
        APIOperation(
            method: "PUT", path: "/admin/routing",
            summary: "Changes the routing of requests that come from now on.",
            parameters: [ofOneModel], body: "RoutingUpdate",
            answer: .json("The routing then in force, of the models it was changed for.", "RoutingList"),
            refusals: [400, 404, 413]),
    ]
}
