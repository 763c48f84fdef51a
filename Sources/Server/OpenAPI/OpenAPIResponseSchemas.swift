import ExpertRouting
import Numerics

extension APISchema {
    /// Headers of every response.
    static let headers = #"{"x-request-id":{"required":true,"schema":{"type":"string"}}}"#

    static let responses: [(name: String, schema: String)] = [
        ("ChatCompletion", chatCompletion), ("Completion", completion), ("StreamEvent", streamEvent),
        ("Usage", usage),
        ("RunReport", runReport), ("Model", model),
        ("ModelList", list(of: "Model", alsoRequiring: #""object":{"const":"list"}"#)),
        ("Routing", routing), ("RoutingList", list(of: "Routing")),
        ("Response", response), ("EmbeddingList", embeddingList),
        (
            "Tokens",
            #"{"type":"object","required":["tokens","count","max_model_len"],"properties":{"tokens":{"type":"array","items":{"type":"integer"}},"count":{"type":"integer"},"max_model_len":{"type":"integer"},"token_strs":{"type":"array","items":{"type":"string"}}}}"#
        ),
        ("Text", #"{"type":"object","required":["prompt"],"properties":{"prompt":{"type":"string"}}}"#),
        ("Health", #"{"type":"object","required":["status"],"properties":{"status":{"const":"ok"}}}"#),
        ("Version", #"{"type":"object","required":["version"],"properties":{"version":{"type":"string"}}}"#),
        ("Error", error),
    ]

    private static func list(of item: String, alsoRequiring member: String? = nil) -> String {
        let members =
            ["\"data\":{\"type\":\"array\",\"items\":\(reference(item))}"] + (member.map { [$0] } ?? [])
        let names = member == nil ? #""data""# : #""data","object""#
        return
            "{\"type\":\"object\",\"required\":[\(names)],\"properties\":{\(members.joined(separator: ","))}}"
    }

    /// A completion; `choice` has the members of its choices.
    private static func completion(object: String, choice: String) -> String {
        #"""
        {"type":"object","required":["id","object","created","model","system_fingerprint","choices","usage","jostle"],
        "properties":{"id":{"type":"string"},"object":{"const":"\#(object)"},"created":{"type":"integer"},
        "model":{"type":"string"},"system_fingerprint":{"type":"string"},
        "choices":{"type":"array","minItems":1,"items":{"type":"object","required":["index","finish_reason","logprobs"],
            "properties":{"index":{"type":"integer","minimum":0},"finish_reason":{"enum":["stop","length","tool_calls"]},\#(choice),
            \#(tokens)}}},
        \#(tokens),
        "usage":\#(reference("Usage")),"jostle":\#(reference("RunReport"))}}
        """#
    }

    /// Members with `return_token_ids` and `prompt_logprobs`: in each choice, or for a chat's prompt beside the choices.
    private static let tokens = #"""
        "token_ids":{"type":"array","items":{"type":"integer"}},
        "prompt_token_ids":{"type":"array","items":{"type":"integer"}},
        "prompt_logprobs":{"type":"array","items":{"type":["object","null"],"additionalProperties":{"type":"object",
            "required":["logprob","rank","decoded_token"],"properties":{"logprob":{"type":"number"},
            "rank":{"type":"integer"},"decoded_token":{"type":"string"}}}}}
        """#

    private static let logprob = #"""
        "token":{"type":"string"},"logprob":{"type":"number"},"bytes":{"type":["array","null"],"items":{"type":"integer"}}
        """#

    private static let chatCompletion = completion(
        object: "chat.completion",
        choice: #"""
            "message":{"type":"object","required":["role","content","refusal"],"properties":{
                "role":{"const":"assistant"},"content":{"type":["string","null"]},"refusal":{"type":["string","null"]},
                "function_call":{"type":"object","required":["name","arguments"],
                    "properties":{"name":{"type":"string"},"arguments":{"type":"string"}}},
                "tool_calls":{"type":"array","items":{"type":"object","required":["id","type","function"],"properties":{
                    "id":{"type":"string"},"type":{"const":"function"},"function":{"type":"object",
                        "required":["name","arguments"],
                        "properties":{"name":{"type":"string"},"arguments":{"type":"string"}}}}}}}},
            "logprobs":{"type":["object","null"],"required":["content"],"properties":{"content":{"type":"array","items":{
                "type":"object","required":["token","logprob","bytes","top_logprobs"],"properties":{\#(logprob),
                "top_logprobs":{"type":"array","items":{"type":"object","required":["token","logprob","bytes"],
                    "properties":{\#(logprob)}}}}}}}}
            """#)

    private static let completion = completion(
        object: "text_completion",
        choice: #"""
            "text":{"type":"string"},
            "logprobs":{"type":["object","null"],"required":["tokens","token_logprobs","top_logprobs","text_offset"],
                "properties":{"tokens":{"type":"array","items":{"type":"string"}},
                "token_logprobs":{"type":"array","items":{"type":["number","null"]}},
                "top_logprobs":{"type":"array","items":{"type":["object","null"],"additionalProperties":{"type":"number"}}},
                "text_offset":{"type":"array","items":{"type":"integer"}}}}
            """#)

    /// Tools check each event of a stream against this, as an object of its fields.
    private static let streamEvent = #"""
        {"type":"object","required":["data"],"properties":{"data":{"type":"string",
        "description":"A chunk in JSON, an Error in JSON, or `[DONE]`, which is the last."}}}
        """#

    private static let usage = #"""
        {"type":"object","required":["prompt_tokens","completion_tokens","total_tokens"],"properties":{
        "prompt_tokens":{"type":"integer"},"completion_tokens":{"type":"integer"},"total_tokens":{"type":"integer"},
        "prompt_tokens_details":{"type":"object","required":["cached_tokens"],"properties":{
            "cached_tokens":{"type":"integer","minimum":0}}}}}
        """#

    private static let embeddingList = #"""
        {"type":"object","required":["object","data","model","usage"],"properties":{"object":{"const":"list"},
        "data":{"type":"array","items":{"type":"object","required":["object","index","embedding"],"properties":{
            "object":{"const":"embedding"},"index":{"type":"integer"},
            "embedding":{"anyOf":[{"type":"array","items":{"type":"number"}},{"type":"string"}]}}}},
        "model":{"type":"string"},"usage":{"type":"object","required":["prompt_tokens","total_tokens"],"properties":{
            "prompt_tokens":{"type":"integer"},"total_tokens":{"type":"integer"}}}}}
        """#

    private static let response = #"""
        {"type":"object","required":["id","object","created_at","status","model","output","usage","error",
            "incomplete_details","jostle"],
        "properties":{"id":{"type":"string"},"object":{"const":"response"},"created_at":{"type":"integer"},
        "status":{"enum":["completed","incomplete"]},"model":{"type":"string"},"error":{"type":"null"},
        "incomplete_details":{"type":["object","null"],"properties":{"reason":{"const":"max_output_tokens"}}},
        "output":{"type":"array","items":{"type":"object","required":["type","id","status","role","content"],
            "properties":{"type":{"const":"message"},"id":{"type":"string"},"role":{"const":"assistant"},
            "content":{"type":"array","items":{"type":"object","required":["type","text","annotations"],"properties":{
                "type":{"const":"output_text"},"text":{"type":"string"},"annotations":{"type":"array"}}}}}}},
        "usage":{"type":"object","required":["input_tokens","output_tokens","total_tokens"],"properties":{
            "input_tokens":{"type":"integer"},"output_tokens":{"type":"integer"},"total_tokens":{"type":"integer"}}},
        "jostle":\#(reference("RunReport"))}}
        """#

    private static let runReport = #"""
        {"type":"object","required":["isolation","numerics","dropped_assignments","shared_steps"],"properties":{
        "isolation":{"enum":[\#(names(of: Isolation.self))]},"numerics":{"enum":[\#(names(of: NumericsMode.self))]},
        "dropped_assignments":{"type":"integer","minimum":0},"shared_steps":{"type":"integer","minimum":0}}}
        """#

    private static let model = #"""
        {"type":"object","required":["id","object","created","owned_by","max_model_len"],"properties":{
        "id":{"type":"string"},"object":{"const":"model"},"created":{"type":"integer"},"owned_by":{"type":"string"},
        "max_model_len":{"type":"integer","minimum":1}}}
        """#

    private static let routing = #"""
        {"type":"object","required":["model","isolation","preset","group_size","capacity_factor","min_capacity",
            "capacity_basis","slot_priority","overflow","limits_generated_tokens","seed"],"properties":{
        "model":{"type":"string"},"isolation":{"enum":[\#(names(of: Isolation.self))]},"preset":{"type":"string"},
        "group_size":{"type":"integer"},"capacity_factor":{"type":"number"},"min_capacity":{"type":"integer"},
        "capacity_basis":{"enum":[\#(names(of: CapacityBasis.self))]},
        "slot_priority":{"enum":[\#(names(of: SlotPriority.self))]},
        "overflow":{"enum":[\#(names(of: OverflowPolicy.self))]},
        "limits_generated_tokens":{"type":"boolean"},"seed":{"type":"integer","minimum":0}}}
        """#

    private static let error = #"""
        {"type":"object","required":["error"],"properties":{"error":{"type":"object","additionalProperties":false,
        "required":["message","type","param","code"],"properties":{"message":{"type":"string"},
        "type":{"enum":["invalid_request_error","server_error"]},"param":{"type":["string","null"]},
        "code":{"type":["string","null"]}}}}}
        """#
}
