import Testing

/// A request that is refused, and how.
struct Refusal: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let body: String
    let status: Int
    let param: String?
    let code: String?
    /// A part of the message.
    let says: String

    var testDescription: String { "\(method) \(path) \(body.prefix(60))" }

    init(
        _ method: String, _ path: String, _ body: String, _ param: String?, _ code: String?, _ says: String,
        status: Int = 400
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.status = status
        self.param = param
        self.code = code
        self.says = says
    }

    static func chat(
        _ body: String, _ param: String?, _ code: String?, _ says: String, status: Int = 400
    ) -> Refusal {
        Refusal("POST", "/v1/chat/completions", body, param, code, says, status: status)
    }

    static func text(
        _ body: String, _ param: String?, _ code: String?, _ says: String, status: Int = 400
    ) -> Refusal {
        Refusal("POST", "/v1/completions", body, param, code, says, status: status)
    }

    static func post(
        _ path: String, _ body: String, _ param: String?, _ code: String?, _ says: String, status: Int = 400
    ) -> Refusal {
        Refusal("POST", path, body, param, code, says, status: status)
    }

    static let all = chats + formats + texts + responses + others + routing + unserved

    private static let message = #""messages":[{"role":"user","content":"x"}]"#

    private static let chats: [Refusal] = [
        .chat("{", nil, nil, "could not parse the JSON"),
        .chat("", nil, nil, "could not parse the JSON"),
        .chat(String(repeating: "[", count: 100_000), nil, nil, "could not parse the JSON"),
        .chat("[1]", nil, nil, "must be a JSON object"),
        .chat("{\(message)}", "model", nil, "must provide a model"),
        .chat(#"{"model":7,\#(message)}"#, "model", "invalid_type", "expected a string, but got integer"),
        .chat(
            #"{"model":"gpt-5",\#(message)}"#, "model", "model_not_found", "`gpt-5` does not exist",
            status: 404),
        .chat(
            #"{"model":"gpt-4:often",\#(message)}"#, "model", "model_not_found", "does not exist", status: 404
        ),
        .chat(#"{"model":"davinci",\#(message)}"#, "model", nil, "not a chat model", status: 404),
        .chat(#"{"model":"gpt-4"}"#, "messages", "missing_required_parameter", "'messages'"),
        .chat(#"{"model":"gpt-4","messages":[]}"#, "messages", "empty_array", "empty array"),
        .chat(#"{"model":"gpt-4","messages":["x"]}"#, "messages[0]", "invalid_type", "expected an object"),
        .chat(
            #"{"model":"gpt-4","messages":[{"role":"king","content":""}]}"#, "messages[0].role",
            "invalid_value", "'king'"),
        .chat(
            #"{"model":"gpt-4","messages":[{"role":"user","content":7}]}"#, "messages[0].content",
            "invalid_type", "but got integer"),
        .chat(
            #"{"model":"gpt-4",\#(message),"max_tokens":"many"}"#, "max_tokens", "invalid_type",
            "expected an integer"),
        .chat(#"{"model":"gpt-4",\#(message),"max_tokens":0}"#, "max_tokens", "invalid_value", "1 or more"),
        .chat(
            #"{"model":"gpt-4",\#(message),"max_tokens":8200}"#, "messages", "context_length_exceeded",
            "maximum context length is 8192 tokens"),
        .chat(
            #"{"model":"gpt-4",\#(message),"max_tokens":9223372036854775807}"#, "messages",
            "context_length_exceeded", "maximum context length"),
        .chat(
            #"{"model":"gpt-4",\#(message),"temperature":3}"#, "temperature", "invalid_value",
            "between 0.0 and 2.0"),
        .chat(#"{"model":"gpt-4",\#(message),"timeout":0}"#, "timeout", "invalid_value", "between 0.001"),
        .chat(#"{"model":"gpt-4",\#(message),"top_p":-1}"#, "top_p", "invalid_value", "between"),
        .chat(#"{"model":"gpt-4",\#(message),"n":1000}"#, "n", "invalid_value", "between 1 and 128"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop":["a","b","c","d","e"]}"#, "stop", "array_above_max_length",
            "maximum length 4"),
        .chat(#"{"model":"gpt-4",\#(message),"stop":[1]}"#, "stop", "invalid_type", "array of strings"),
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"100265":-100}}"#, "logit_bias", nil,
            "Invalid key in 'logit_bias': 100265. Maximum value is 100257."),
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"a":1}}"#, "logit_bias", nil,
            "Invalid key in 'logit_bias': a"),
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"5":101}}"#, "logit_bias", "invalid_value",
            "between -100 and 100"),
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"5":"x"}}"#, "logit_bias", "invalid_type",
            "expected a number"),
        .chat(
            #"{"model":"gpt-4",\#(message),"isolation":"none"}"#, "isolation", "invalid_value",
            "'per-sequence'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"top_logprobs":2}"#, "top_logprobs", nil, "'logprobs' must be true"
        ),
        .chat(
            #"{"model":"gpt-4",\#(message),"frequency_penalty":2.5}"#, "frequency_penalty",
            "invalid_value", "between -2.0 and 2.0"),
        .chat(
            #"{"model":"gpt-4",\#(message),"min_tokens":5,"max_tokens":4}"#, "min_tokens", "invalid_value",
            "is more than 'max_tokens'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stream":true,"prompt_logprobs":1}"#, "prompt_logprobs",
            "invalid_value", "cannot be streamed"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stream_options":{"include_usage":true,"foo":1}}"#,
            "stream_options.foo", "unknown_parameter", "stream_options.foo"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop_token_ids":[99999]}"#, "stop_token_ids", "invalid_value",
            "99999 is not a token id"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop_token_ids":["a"]}"#, "stop_token_ids", "invalid_type",
            "expected an array of integers"),
        .chat(
            #"{"model":"gpt-4",\#(message),"frob":1}"#, "frob", "unknown_parameter",
            "Unrecognized request argument supplied: frob"),
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"+5":1}}"#, "logit_bias", nil,
            "Invalid key in 'logit_bias': +5"),
        .chat(
            String(repeating: " ", count: 2 << 20) + "{}", nil, "request_too_large", "2097152 bytes",
            status: 413),
        .chat(
            #"{"model":"gpt-4",\#(message),"stream":"yes"}"#, "stream", "invalid_type", "expected a boolean"),
    ]

    private static let formats: [Refusal] = [
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":"json"}"#, "response_format", "invalid_type",
            "expected an object"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{}}"#, "response_format.type",
            "missing_required_parameter", "'response_format.type'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{"type":"grammar"}}"#, "response_format.type",
            "invalid_value", "'text', 'json_object', 'json_schema'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{"type":"json_schema"}}"#,
            "response_format.json_schema", "missing_required_parameter", "'response_format.json_schema'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{"type":"json_schema","json_schema":{"schema":{}}}}"#,
            "response_format.json_schema.name", "missing_required_parameter", "json_schema.name"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{"type":"json_schema","json_schema":{"name":"a b"}}}"#,
            "response_format.json_schema.name", "invalid_value", "pattern"),
        .chat(
            #"{"model":"gpt-4",\#(message),"response_format":{"type":"json_schema","json_schema":{"name":"p","schema":{"properties":{"a":{"not":{}}}}}}}"#,
            "response_format", "invalid_json_schema",
            "Invalid schema for response_format 'p': #/properties/a/not: the keyword is not supported."),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":{}}"#, "tools", "invalid_type", "expected an array"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{}]}"#, "tools[0].function",
            "missing_required_parameter", "'tools[0].function'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{"type":"custom","custom":{"name":"x"}}]}"#,
            "tools[0].type", "invalid_value", "'custom'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{"type":"function","function":{"name":"a b"}}]}"#,
            "tools[0].function.name", "invalid_value", "pattern"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{"function":{"name":"f"}},{"function":{"name":"g","parameters":{"properties":{"a":{"if":1}}}}}],"tool_choice":"required"}"#,
            "tools[1].function.parameters", "invalid_function_parameters",
            "Invalid schema for function 'g': #/properties/a/if: the keyword is not supported."),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{"function":{"name":"f"}}],"tool_choice":"always"}"#,
            "tool_choice", "invalid_value", "'none', 'auto', 'required'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tool_choice":"required"}"#, "tool_choice", "invalid_value",
            "only allowed when 'tools' are specified"),
        .chat(
            #"{"model":"gpt-4",\#(message),"tools":[{"function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}}}"#,
            "tool_choice", "invalid_value", "no function named 'g'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"functions":[{"parameters":{}}]}"#, "functions[0].name",
            "missing_required_parameter", "'functions[0].name'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"functions":[{"name":"f"}],"tools":[{"function":{"name":"f"}}]}"#,
            "functions", "invalid_value", "Leave out one of the two"),
        .chat(
            #"{"model":"gpt-4",\#(message),"functions":[{"name":"f"}],"function_call":"required"}"#,
            "function_call", "invalid_value", "'none', 'auto'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"functions":[{"name":"f"}],"function_call":{"name":"g"}}"#,
            "function_call", "invalid_value", "no function named 'g' in 'functions'"),
        .chat(
            #"{"model":"gpt-4",\#(message),"functions":[{"name":"f","parameters":{"if":1}}],"function_call":{"name":"f"}}"#,
            "functions[0].parameters", "invalid_function_parameters", "function 'f': #/if"),
        .chat(
            #"{"model":"gpt-4","messages":[{"role":"assistant","tool_calls":[{"function":{}}]}]}"#,
            "messages[0].tool_calls[0].function.name", "missing_required_parameter",
            "tool_calls[0].function.name"),
        .text(
            #"{"model":"davinci","response_format":{"type":"json_schema","json_schema":{"name":"p","schema":{"enum":[]}}}}"#,
            "response_format", "invalid_json_schema", "satisfies the schema"),
    ]

    private static let texts: [Refusal] = [
        .text(#"{"model":"gpt-4","prompt":"x"}"#, "model", nil, "This is a chat model", status: 404),
        .text(#"{"model":"davinci","prompt":[]}"#, "prompt", "invalid_type", "expected a string"),
        .text(#"{"model":"davinci","prompt":[[]]}"#, "prompt", "invalid_type", "expected a string"),
        .text(#"{"model":"davinci","prompt":""}"#, "prompt", "invalid_value", "no tokens"),
        .text(#"{"model":"davinci","prompt":[99999]}"#, "prompt", "invalid_value", "99999 is not a token id"),
        .text(#"{"model":"davinci","prompt":[-1]}"#, "prompt", "invalid_value", "-1 is not a token id"),
        .text(#"{"model":"davinci","prompt":[99999999999]}"#, "prompt", "invalid_value", "not a token id"),
        .text(
            #"{"model":"davinci","prompt":"x","logprobs":6}"#, "logprobs", "invalid_value", "between 0 and 5"),
        .text(
            #"{"model":"davinci","prompt":"x","suffix":"y"}"#, "suffix", "unsupported_parameter",
            "not supported"),
        .text(
            #"{"model":"davinci","prompt":"x","best_of":2,"n":3}"#, "best_of", "invalid_value",
            "at least 'n'"),
        .text(
            #"{"model":"davinci","prompt":"x","best_of":3,"stream":true}"#, "best_of", "invalid_value",
            "cannot be streamed"),
        .text(
            #"{"model":"davinci","prompt":"x","logit_bias":{"50257":1}}"#, "logit_bias", nil,
            "Maximum value is 50256"),
        .text(
            #"{"model":"davinci","n":128,"prompt":[[5],[5],[5],[5],[5],[5],[5],[5],[5]]}"#, "prompt",
            "invalid_value",
            "9 prompts with 128 completions each"),
        .text(
            #"{"model":"davinci","prompt":[\#(ids(9000))]}"#, "prompt", "context_length_exceeded",
            "9000 in the prompt"),
    ]

    private static let responses: [Refusal] = [
        .post("/v1/responses", #"{"model":"gpt-4"}"#, "input", "missing_required_parameter", "'input'"),
        .post("/v1/responses", #"{"model":"gpt-4","input":[]}"#, "input", "empty_array", "empty array"),
        .post("/v1/responses", #"{"model":"gpt-4","input":7}"#, "input", "invalid_type", "but got integer"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":[{"type":"function_call"}]}"#, "input[0]",
            "invalid_value",
            "items of type 'message' only"),
        .post(
            "/v1/responses",
            #"{"model":"gpt-4","input":[{"role":"user","content":[{"type":"input_image"}]}]}"#,
            "input[0].content", "invalid_value", "parts of type 'text' only"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":"x","metadata":{"a":1}}"#, "metadata", "invalid_type",
            "'metadata.a'"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":"x","max_output_tokens":9000}"#, "input",
            "context_length_exceeded", "in the input, 9000 in the completion"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":"x","text":{"format":{"type":"json_schema"}}}"#,
            "text.format.name", "missing_required_parameter", "'text.format.name'"),
        .post(
            "/v1/responses",
            #"{"model":"gpt-4","input":"x","text":{"format":{"type":"json_schema","name":"p","schema":{"not":{}}}}}"#,
            "text.format", "invalid_json_schema", "Invalid schema for text.format 'p': #/not"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":"x","tools":[{"type":"function","name":"f"}]}"#,
            "tools",
            "unsupported_parameter", "not supported"),
        .post(
            "/v1/responses", #"{"model":"gpt-4","input":"x","previous_response_id":"resp_1"}"#,
            "previous_response_id", "unsupported_parameter", "not supported"),
        .post(
            "/v1/responses", #"{"model":"davinci","input":"x"}"#, "model", nil, "not a chat model",
            status: 404),
    ]

    private static let others: [Refusal] = [
        Refusal(
            "GET", "/v1/nothing", "", nil, "unknown_url", "Unknown request URL: GET /v1/nothing", status: 404),
        Refusal("GET", "/v1/completions", "", nil, "method_not_supported", "POST", status: 405),
        Refusal("GET", "/v1/models/gpt-9", "", "model", "model_not_found", "gpt-9", status: 404),
        .post("/v1/embeddings", #"{"model":"gpt-4"}"#, "input", "missing_required_parameter", "'input'"),
        .post(
            "/v1/embeddings", #"{"model":"gpt-4","input":[]}"#, "input", "invalid_type", "expected a string"),
        .post(
            "/v1/embeddings", #"{"model":"gpt-4","input":"x","dimensions":3}"#, "dimensions", "invalid_value",
            "this model's embeddings have"),
        .post(
            "/v1/embeddings", #"{"model":"gpt-4","input":"x","encoding_format":"hex"}"#, "encoding_format",
            "invalid_value", "'float', 'base64'"),
        .post(
            "/v1/embeddings", #"{"model":"gpt-4","input":[\#(ids(9000))]}"#, "input",
            "context_length_exceeded",
            "9000 in the input"),
        .post("/tokenize", #"{"model":"gpt-4"}"#, "messages", "missing_required_parameter", "'messages'"),
        .post(
            "/tokenize", #"{"model":"gpt-4","prompt":"x",\#(message)}"#, "messages", "invalid_value",
            "Leave out one of the two"),
        .post(
            "/tokenize", #"{"model":"gpt-4",\#(message),"add_generation_prompt":false}"#,
            "add_generation_prompt",
            "unsupported_parameter", "not supported"),
        .post(
            "/tokenize", #"{"model":"davinci",\#(message)}"#, "model", nil, "not a chat model", status: 404),
        .post("/detokenize", #"{"model":"gpt-4"}"#, "tokens", "missing_required_parameter", "'tokens'"),
        .post(
            "/detokenize", #"{"model":"gpt-4","tokens":["a"]}"#, "tokens", "invalid_type", "array of integers"
        ),
        .post(
            "/detokenize", #"{"model":"gpt-4","tokens":[99999]}"#, "tokens", "invalid_value", "not a token id"
        ),
    ]

    private static let routing: [Refusal] = [
        Refusal("PUT", "/admin/routing", "[]", nil, nil, "must be a JSON object"),
        Refusal("PUT", "/admin/routing", #"{"frob":1}"#, "frob", "unknown_parameter", "frob"),
        Refusal("PUT", "/admin/routing", #"{"preset":"x"}"#, nil, "invalid_value", "there is no preset 'x'"),
        Refusal("PUT", "/admin/routing", #"{"group_size":0}"#, "group_size", "invalid_value", "1 or more"),
        Refusal(
            "PUT", "/admin/routing", #"{"group_size":512}"#, "group_size", "invalid_value",
            "lower the group size"),
        Refusal(
            "PUT", "/admin/routing?model=x", "{}", "model", "model_not_found", "does not exist", status: 404),
        Refusal(
            "PUT", "/admin/routing", "{", nil, nil, "not valid JSON: it ends where a name should be at byte 1"
        ),
        Refusal(
            "PUT", "/admin/routing", #"{"overflow":"drop"}"#, "overflow", "invalid_value",
            "'residual', 'renormalise', 'reroute'"),
        Refusal(
            "PUT", "/admin/routing", #"{"capacity_factor":"2"}"#, "capacity_factor", "invalid_type",
            "expected a number, but got string"),
        Refusal("PUT", "/admin/routing", #"{"capacity_factor":0}"#, nil, "invalid_value", "capacity factor"),
    ]

    private static let unserved: [Refusal] = [
        // What peers serve and this server does not.
        .post("/v1/messages", "{}", nil, "unknown_url", "POST /v1/messages", status: 404),
        .post("/v1/chat/completions/render", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/v1/completions/render", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/apply-template", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/chat/completions", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/v1/audio/speech", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/v1/images/generations", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        .post("/v1/rerank", "{}", nil, "unknown_url", "Unknown request URL", status: 404),
        Refusal("GET", "/server_info", "", nil, "unknown_url", "Unknown request URL", status: 404),
        Refusal("GET", "/load", "", nil, "unknown_url", "Unknown request URL", status: 404),
        Refusal("GET", "/props", "", nil, "unknown_url", "Unknown request URL", status: 404),
        Refusal("GET", "/slots", "", nil, "unknown_url", "Unknown request URL", status: 404),
        .chat(#"{"model":"gpt-4",\#(message),"echo":true}"#, "echo", "unknown_parameter", "echo"),
        .chat(#"{"model":"gpt-4",\#(message),"best_of":2}"#, "best_of", "unknown_parameter", "best_of"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop_regex":"a"}"#, "stop_regex", "unknown_parameter",
            "stop_regex"),
        .chat(
            #"{"model":"gpt-4",\#(message),"modalities":["audio"]}"#, "modalities", "unsupported_parameter",
            "not supported"),
        .chat(
            #"{"model":"gpt-4",\#(message),"audio":{"voice":"a","format":"wav"}}"#, "audio",
            "unsupported_parameter", "not supported"),
        .chat(
            #"{"model":"gpt-4",\#(message),"web_search_options":{}}"#, "web_search_options",
            "unsupported_parameter", "not supported"),
        .chat(
            #"{"model":"gpt-4","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
            "messages[0].content", "invalid_value", "parts of type 'text' only"),
    ]

    /// So many token ids.
    private static func ids(_ count: Int) -> String {
        repeatElement("5", count: count).joined(separator: ",")
    }
}
