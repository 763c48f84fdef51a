import ExpertRouting
import JSON
import OpenAI

/// JSON schemas, as JSON.
enum APISchema {
    /// All schemas by name, in the document's order.
    static let all: [(name: String, schema: String)] =
        [
            ("ChatCompletionRequest", chatRequest), ("CompletionRequest", completionRequest),
            ("Messages", messages), ("ResponseFormat", responseFormat), ("Tools", tools),
            ("ResponsesRequest", responsesRequest),
            ("EmbeddingRequest", embeddingRequest), ("TokenizeRequest", tokenizeRequest),
            ("DetokenizeRequest", detokenizeRequest), ("RoutingUpdate", routingUpdate),
        ] + responses

    static func reference(_ name: String) -> String { "{\"$ref\":\"#/components/schemas/\(name)\"}" }

    /// A string literal.
    static func text(_ string: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSONString(string)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func names<Choice: CaseIterable & RawRepresentable<String>>(of type: Choice.Type) -> String {
        type.allCases.map { text($0.rawValue) }.joined(separator: ",")
    }

    static let timeout = #"""
        "timeout":{"type":["number","null"],"minimum":0.001,"maximum":86400,
            "description":"Seconds until an incomplete answer is ended with 504."}
        """#

    /// Parameters of both completion endpoints.
    private static let generation = #"""
        "model":{"type":"string","description":"A model's name, which may end with an isolation: `gpt-4:per-sequence`."},
        "isolation":{"enum":[\#(names(of: Isolation.self)),null],"description":"Which tokens share expert capacity with the request's."},
        \#(timeout),
        "temperature":{"type":["number","null"],"minimum":0,"maximum":2,"default":1},
        "top_p":{"type":["number","null"],"minimum":0,"maximum":1,"default":1},
        "n":{"type":["integer","null"],"minimum":1,"maximum":128,"default":1},
        "stop":{"anyOf":[{"type":["string","null"]},{"type":"array","items":{"type":"string"},"maxItems":4}]},
        "seed":{"type":["integer","null"],"minimum":-9223372036854775808,"maximum":9223372036854775807},
        "logit_bias":{"type":["object","null"],"additionalProperties":false,
            "patternProperties":{"^(0|[1-9][0-9]*)$":{"type":"number","minimum":-100,"maximum":100}}},
        "stream":{"type":["boolean","null"],"default":false},
        "stream_options":{"type":["object","null"],"additionalProperties":false,"properties":{
            "include_usage":{"type":["boolean","null"]},"continuous_usage_stats":{"type":["boolean","null"]},
            "include_obfuscation":{"description":"No effect."}}},
        "user":{"type":["string","null"],"description":"No effect."},
        "metadata":{"description":"No effect."},"store":{"description":"No effect."},
        "service_tier":{"description":"No effect."},"safety_identifier":{"description":"No effect."},
        "prompt_cache_key":{"description":"No effect."},"request_id":{"description":"No effect."},
        "response_format":{"anyOf":[\#(reference("ResponseFormat")),{"type":"null"}]},
        "ignore_eos":{"type":["boolean","null"],"default":false},
        "presence_penalty":{"type":["number","null"],"minimum":-2,"maximum":2,"default":0},
        "frequency_penalty":{"type":["number","null"],"minimum":-2,"maximum":2,"default":0},
        "repetition_penalty":{"type":["number","null"],"minimum":0.01,"maximum":100,"default":1},
        "min_tokens":{"type":["integer","null"],"minimum":0,"default":0},
        "top_k":{"type":["integer","null"],"minimum":-1,"default":0},
        "min_p":{"type":["number","null"],"minimum":0,"maximum":1,"default":0},
        "stop_token_ids":{"type":["array","null"],"items":{"type":"integer"}},
        "include_stop_str_in_output":{"type":["boolean","null"],"default":false},
        "cache_salt":{"type":["string","null"],"description":"Prefixes are shared with requests of the same salt only."},
        "return_tokens_as_token_ids":{"type":["boolean","null"],"default":false},
        "priority":{"type":["integer","null"],"default":0,"description":"Of requests that wait, the lowest goes first."},
        "return_token_ids":{"type":["boolean","null"],"default":false},
        "prompt_logprobs":{"type":["integer","null"],"minimum":0,"maximum":20,"description":"Not in streams."}
        """#

    private static let chatRequest = #"""
        {"type":"object","required":["model","messages"],"additionalProperties":false,"properties":{
        "messages":\#(reference("Messages")),
        "max_tokens":{"type":["integer","null"],"minimum":1},
        "max_completion_tokens":{"type":["integer","null"],"minimum":1,"description":"Wins over `max_tokens`."},
        "logprobs":{"type":["boolean","null"],"default":false},
        "top_logprobs":{"type":["integer","null"],"minimum":0,"maximum":20,"description":"With `logprobs` only."},
        "tools":{"anyOf":[\#(reference("Tools")),{"type":"null"}]},
        "tool_choice":{"anyOf":[{"enum":["none","auto","required",null]},{"type":"object","required":["function"],
            "properties":{"type":{"const":"function"},"function":{"type":"object","required":["name"],
                "properties":{"name":{"type":"string"}}}}}],
            "description":"`required`, or a function of `tools`: the completion is a call of it."},
        "modalities":{"enum":[["text"],null]},
        "parallel_tool_calls":{"description":"No effect."},"reasoning_effort":{"description":"No effect."},
        "verbosity":{"description":"No effect."},
        "functions":{"type":["array","null"],"maxItems":128,"items":\#(function),"description":"Instead of `tools`."},
        "function_call":{"anyOf":[{"enum":["none","auto",null]},{"type":"object","required":["name"],
            "properties":{"name":{"type":"string"}}}]},
        "audio":{"type":"null"},
        "prediction":{"type":"null"},"web_search_options":{"type":"null"},
        \#(generation)}}
        """#

    private static let completionRequest = #"""
        {"type":"object","required":["model"],"additionalProperties":false,"properties":{
        "prompt":\#(prompt(orNull: true)),
        "max_tokens":{"type":["integer","null"],"minimum":0},
        "logprobs":{"type":["integer","null"],"minimum":0,"maximum":5},
        "best_of":{"type":["integer","null"],"minimum":1,"maximum":128,"description":"`n` to 20, or `n`."},
        "echo":{"type":["boolean","null"],"default":false},"suffix":{"enum":["",null]},
        \#(generation)}}
        """#

    /// A text, a list of texts, token ids, or a list of those.
    static func prompt(orNull isOptional: Bool) -> String {
        #"""
        {"anyOf":[{"type":\#(isOptional ? #"["string","null"]"# : #""string""#)},
            {"type":"array","minItems":1,"items":{"type":"integer"}},
            {"type":"array","minItems":1,"items":{"anyOf":[{"type":"string"},
                {"type":"array","minItems":1,"items":{"type":"integer"}}]}}]}
        """#
    }

    /// A chat.
    private static let messages = #"""
        {"type":"array","minItems":1,"items":{"type":"object","required":["role"],"properties":{
            "role":{"enum":["system","developer","user","assistant","tool","function"]},
            "content":{"anyOf":[{"type":["string","null"]},{"type":"array","items":{"type":"object",
                "required":["type","text"],"properties":{"type":{"const":"text"},"text":{"type":"string"}}}}]},
            \#(messageExtras)}}}
        """#

    /// Members of a message other than role and content.
    static let messageExtras = #"""
        "name":{"type":["string","null"]},"tool_call_id":{"type":["string","null"]},
        "function_call":{"type":["object","null"],"required":["name"],
            "properties":{"name":{"type":"string"},"arguments":{"type":["string","null"]}}},
        "tool_calls":{"type":["array","null"],"items":{"type":"object","required":["function"],"properties":{
            "id":{"type":["string","null"]},"type":{},"function":{"type":"object","required":["name"],
                "properties":{"name":{"type":"string"},"arguments":{"type":["string","null"]}}}}}}
        """#

    /// Members of `json_schema`.
    static let schemaFields = #"""
        "name":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"},"description":{"type":["string","null"]},
        "strict":{"type":["boolean","null"],"description":"No effect: a schema is always followed."},
        "schema":{"type":["object","null"],"description":"A JSON schema; docs/api.md has the keywords."}
        """#

    private static let responseFormat = #"""
        {"anyOf":[{"type":"object","required":["type"],"properties":{"type":{"enum":["text","json_object"]}}},
            {"type":"object","required":["type","json_schema"],"properties":{"type":{"const":"json_schema"},
                "json_schema":{"type":"object","required":["name"],"properties":{\#(schemaFields)}}}}]}
        """#

    private static let tools = #"""
        {"type":"array","maxItems":128,"items":{"type":"object","required":["function"],"properties":{
            "type":{"enum":["function",null]},"function":\#(function)}}}
        """#

    private static let function = #"""
        {"type":"object","required":["name"],"properties":{
            "name":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"},"description":{"type":["string","null"]},
            "strict":{"type":["boolean","null"],"description":"No effect: arguments always follow their schema."},
            "parameters":{"type":["object","null"]}}}
        """#

    private static let routingUpdate = #"""
        {"type":"object","additionalProperties":false,"properties":{
        "isolation":{"enum":[\#(names(of: Isolation.self)),null]},
        "preset":{"enum":[\#(RoutingRule.presets.map { text($0.name) }.joined(separator: ",")),null]},
        "capacity_factor":{"type":["number","null"],"exclusiveMinimum":0},
        "min_capacity":{"type":["integer","null"],"minimum":0,"maximum":9223372036854775807},
        "group_size":{"type":["integer","null"],"minimum":1,"maximum":9223372036854775807},
        "capacity_basis":{"enum":[\#(names(of: CapacityBasis.self)),null]},
        "slot_priority":{"enum":[\#(names(of: SlotPriority.self)),null]},
        "overflow":{"enum":[\#(names(of: OverflowPolicy.self)),null]},
        "seed":{"type":["integer","null"],"minimum":0,"maximum":9223372036854775807}}}
        """#
}
