import ExpertRouting
import OpenAI

/// Bodies of the other endpoints.
extension APISchema {
    private static let model = #""model":{"type":"string"}"#
    private static let isolation = "\"isolation\":{\"enum\":[\(names(of: Isolation.self)),null]}"

    static let responsesRequest = #"""
        {"type":"object","required":["model","input"],"additionalProperties":false,"properties":{
        \#(model),\#(isolation),\#(timeout),
        "input":{"anyOf":[{"type":"string"},{"type":"array","minItems":1,"items":{"type":"object","required":["role"],
            "properties":{"type":{"const":"message"},
            "role":{"enum":["system","developer","user","assistant","tool","function"]},
            \#(messageExtras),
            "content":{"anyOf":[{"type":["string","null"]},{"type":"array","items":{"type":"object",
                "required":["type","text"],"properties":{"type":{"enum":["input_text","output_text","text"]},
                "text":{"type":"string"}}}}]}}}}]},
        "instructions":{"type":["string","null"]},
        "max_output_tokens":{"type":["integer","null"],"minimum":1},
        "temperature":{"type":["number","null"],"minimum":0,"maximum":2,"default":1},
        "top_p":{"type":["number","null"],"minimum":0,"maximum":1,"default":1},
        "stream":{"type":["boolean","null"],"default":false},
        "ignore_eos":{"type":["boolean","null"],"default":false},
        "user":{"type":["string","null"]},
        "metadata":{"type":["object","null"],"additionalProperties":{"type":"string"}},
        "text":{"type":["object","null"],"properties":{"format":{"anyOf":[{"type":"null"},
            {"type":"object","required":["type"],"properties":{"type":{"enum":["text","json_object"]}}},
            {"type":"object","required":["type","name"],"properties":{"type":{"const":"json_schema"},
                \#(schemaFields)}}]}}},
        "tools":{"type":["array","null"],"maxItems":0},"tool_choice":{"enum":["none","auto",null]},
        "truncation":{"enum":["disabled",null]},"include":{"type":["array","null"],"maxItems":0},
        "top_logprobs":{"enum":[0,null]},"background":{"enum":[false,null]},
        "previous_response_id":{"type":"null"},"conversation":{"type":"null"},"prompt":{"type":"null"},
        "max_tool_calls":{"type":"null"},
        "store":{"description":"No effect."},"parallel_tool_calls":{"description":"No effect."},
        "reasoning":{"description":"No effect."},"service_tier":{"description":"No effect."},
        "safety_identifier":{"description":"No effect."},"prompt_cache_key":{"description":"No effect."},
        "stream_options":{"description":"No effect."}}}
        """#

    static let embeddingRequest = #"""
        {"type":"object","required":["model","input"],"additionalProperties":false,"properties":{
        \#(model),\#(isolation),\#(timeout),"input":\#(prompt(orNull: false)),
        "encoding_format":{"enum":[\#(names(of: EmbeddingRequest.Format.self)),null]},
        "dimensions":{"type":["integer","null"],"minimum":1,"description":"The model's own width only."},
        "user":{"type":["string","null"],"description":"No effect."}}}
        """#

    static let tokenizeRequest = #"""
        {"type":"object","required":["model"],"additionalProperties":false,"properties":{
        \#(model),"prompt":{"type":["string","null"]},"messages":{"anyOf":[\#(reference("Messages")),{"type":"null"}]},
        "add_special_tokens":{"type":["boolean","null"],"default":true},
        "return_token_strs":{"type":["boolean","null"],"default":false},
        "add_generation_prompt":{"enum":[true,null]},
        "tools":{"anyOf":[\#(reference("Tools")),{"type":"null"}]}},
        "oneOf":[
            {"required":["prompt"],"properties":{"prompt":{"type":"string"},"messages":{"type":"null"}}},
            {"required":["messages"],"properties":{"messages":{"type":"array"},"prompt":{"type":"null"}}}]}
        """#

    static let detokenizeRequest = #"""
        {"type":"object","required":["model","tokens"],"additionalProperties":false,"properties":{
        \#(model),"tokens":{"type":"array","items":{"type":"integer"}}}}
        """#
}
