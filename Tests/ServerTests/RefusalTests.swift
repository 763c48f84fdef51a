import Engine
import Foundation
import TestSupport
import Testing

@testable import Server

@Suite struct `Refusals` {
    private static let server = Result { try TestServer() }

    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        let body: String
        let status: Int
        let param: String?
        let code: String?
        let says: String

        var testDescription: String { "\(method) \(path) \(body.prefix(60))" }

        static func chat(
            _ body: String, _ param: String?, _ code: String?, _ says: String, status: Int = 400
        ) -> Case {
            Case(
                method: "POST", path: "/v1/chat/completions", body: body, status: status, param: param,
                code: code,
                says: says)
        }

        static func text(
            _ body: String, _ param: String?, _ code: String?, _ says: String, status: Int = 400
        ) -> Case {
            Case(
                method: "POST", path: "/v1/completions", body: body, status: status, param: param, code: code,
                says: says)
        }
    }

    private static let message = #""messages":[{"role":"user","content":"x"}]"#

    static let cases: [Case] = [
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
        .text(
            #"{"model":"davinci","response_format":{"type":"json_schema","json_schema":{"name":"p","schema":{"enum":[]}}}}"#,
            "response_format", "invalid_json_schema", "satisfies the schema"),
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
            #"{"model":"gpt-4",\#(message),"functions":[{"name":"f"}]}"#, "functions",
            "unsupported_parameter", "not supported"),
        .chat(
            #"{"model":"gpt-4","messages":[{"role":"assistant","tool_calls":[{"function":{}}]}]}"#,
            "messages[0].tool_calls[0].function.name", "missing_required_parameter",
            "tool_calls[0].function.name"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stream_options":{"include_usage":true,"foo":1}}"#,
            "stream_options.foo", "unknown_parameter", "stream_options.foo"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop_token_ids":[99999]}"#, "stop_token_ids", "invalid_value",
            "99999 is no token id"),
        .chat(
            #"{"model":"gpt-4",\#(message),"stop_token_ids":["a"]}"#, "stop_token_ids", "invalid_type",
            "expected an array of integers"),
        .chat(
            #"{"model":"gpt-4",\#(message),"frob":1}"#, "frob", "unknown_parameter",
            "Unrecognized request argument supplied: frob"),
        .text(#"{"model":"gpt-4","prompt":"x"}"#, "model", nil, "This is a chat model", status: 404),
        .text(#"{"model":"davinci","prompt":[]}"#, "prompt", "invalid_type", "expected a string"),
        .text(#"{"model":"davinci","prompt":[[]]}"#, "prompt", "invalid_type", "expected a string"),
        .text(#"{"model":"davinci","prompt":""}"#, "prompt", "invalid_value", "no tokens"),
        .text(#"{"model":"davinci","prompt":[99999]}"#, "prompt", "invalid_value", "99999 is no token id"),
        .text(#"{"model":"davinci","prompt":[-1]}"#, "prompt", "invalid_value", "-1 is no token id"),
        .text(#"{"model":"davinci","prompt":[99999999999]}"#, "prompt", "invalid_value", "no token id"),
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
        .chat(
            #"{"model":"gpt-4",\#(message),"logit_bias":{"+5":1}}"#, "logit_bias", nil,
            "Invalid key in 'logit_bias': +5"),
        .text(
            #"{"model":"davinci","n":128,"prompt":[[5],[5],[5],[5],[5],[5],[5],[5],[5]]}"#, "prompt",
            "invalid_value",
            "9 prompts with 128 completions each"),
        Case(
            method: "GET", path: "/v1/nothing", body: "", status: 404, param: nil, code: "unknown_url",
            says: "Unknown request URL: GET /v1/nothing"),
        Case(
            method: "GET", path: "/v1/completions", body: "", status: 405, param: nil,
            code: "method_not_supported", says: "POST"),
        Case(
            method: "GET", path: "/v1/models/gpt-9", body: "", status: 404, param: "model",
            code: "model_not_found", says: "gpt-9"),
        Case(
            method: "PUT", path: "/admin/routing", body: "[]", status: 400, param: nil, code: nil,
            says: "JSON object"),
        Case(
            method: "PUT", path: "/admin/routing", body: #"{"frob":1}"#, status: 400, param: nil, code: nil,
            says: "'frob' is unknown"),
        Case(
            method: "PUT", path: "/admin/routing", body: #"{"preset":"x"}"#, status: 400, param: nil,
            code: "invalid_value", says: "there is no preset 'x'"),
        Case(
            method: "PUT", path: "/admin/routing", body: #"{"group_size":0}"#, status: 400, param: nil,
            code: "invalid_value", says: "group size is 0"),
        Case(
            method: "PUT", path: "/admin/routing", body: #"{"group_size":512}"#, status: 400,
            param: "group_size", code: "invalid_value", says: "lower the group size"),
        Case(
            method: "PUT", path: "/admin/routing?model=x", body: "{}", status: 404, param: "model",
            code: "model_not_found", says: "does not exist"),
    ]

    @Test(arguments: cases)
    func `each refusal has its status and an error of four fields`(refusal: Case) throws {
        let response = try Self.server.get().send(refusal.method, refusal.path, refusal.body)
        #expect(response.status == refusal.status)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["x-request-id"]?.hasPrefix("req-") == true)
        #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        #expect(response.error["type"] as? String == "invalid_request_error")
        #expect(response.error["param"] as? String == refusal.param)
        #expect(response.error["code"] as? String == refusal.code)
        let message = response.error["message"] as? String ?? ""
        #expect(message.contains(refusal.says), "said: \(message)")
    }

    @Test func `a full queue is 503 with a time to come back`() throws {
        let server = try TestServer {
            $0.maximumRunning = 1
            $0.maximumQueued = 1
            $0.pace = Pace(perStep: .milliseconds(20))
        }
        let clients = try (0..<4).map { _ in try server.connect() }
        for client in clients {
            client.send(RawClient.request("POST", "/v1/chat/completions", body: chat(#""stream":true"#)))
        }
        let statuses = try clients.map { try $0.response() }
        let refused = statuses.filter { $0.status == 503 }
        #expect(!refused.isEmpty)
        #expect(statuses.contains { $0.status == 200 })
        for response in refused {
            #expect(response.headers["retry-after"] == "1")
            #expect(response.error["type"] as? String == "server_error")
            #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        }
    }
}
