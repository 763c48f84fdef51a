public import Foundation
import TestSupport

extension FuzzTarget {
    /// Small inputs that are read well, from which a fuzzer sets out.
    public func seeds() throws -> [Data] {
        switch self {
        case .safetensors:
            [
                TensorFile.small(names: ["a"]).bytes, TensorFile.small(names: ["a", "b"]).bytes,
                TensorFile.small(names: ["model.norm.weight", "b"], dtype: "BF16").bytes,
                TensorFile.small(names: ["a", "b"], dtype: "F16", shape: [2, 3]).bytes,
                TensorFile.bytes(header: #"{"__metadata__":{"format":"pt"}}"#),
            ]
        case .index:
            [
                Data(
                    #"{"metadata":{"total_size":8},"weight_map":{"a":"one.safetensors","c":"two.safetensors"}}"#
                        .utf8),
                Data(
                    #"{"weight_map":{"b":"one.safetensors","model.norm.weight":"two.safetensors"}}"#.utf8),
            ]
        case .gguf:
            // The fuzzer would cut what is longer.
            try Self.files(in: "gguf") { $0.pathExtension == "gguf" ? $0 : nil }.filter { $0.count <= 65_536 }
        case .config: try Self.files(in: "checkpoints") { $0.appending(path: "config.json") }
        case .tokenizer:
            try Self.files(in: "tokenizer") { $0 }.filter { $0.starts(with: Data("{\"version\"".utf8)) }
        case .template:
            try Self.files(in: "../../JinjaTests/Fixtures/templates") { $0 }.filter {
                $0.range(of: Data("{%".utf8)) != nil
            }
        case .request: Self.requests.map { Data($0.utf8) }
        case .schema: Self.schemas.map { Data($0.utf8) }
        }
    }

    /// Files in a folder of the fixtures, in order of its names; `nil` for none.
    private static func files(in folder: String, at place: (URL) -> URL?) throws -> [Data] {
        try FileManager.default.contentsOfDirectory(
            at: Checkpoints.fixtures.appending(path: folder), includingPropertiesForKeys: nil
        )
        .sorted { $0.path < $1.path }.compactMap(place).map { try Data(contentsOf: $0) }
    }

    private static let requests = [
        #"{"model":"gpt-4","messages":[{"role":"system","content":"a"},{"role":"user","content":"b\n\u00e9\ud83e\udd8a"}],"#
            + #""temperature":0,"max_tokens":5,"stream":true,"stream_options":{"include_usage":true},"stop":["x"]}"#,
        #"{"model":"gpt-4","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"n":2,"seed":-1,"#
            + #""top_p":0.5,"logprobs":true,"top_logprobs":3,"logit_bias":{"50256":-100},"user":null,"#
            + #""frequency_penalty":1e-1,"presence_penalty":-2.0,"response_format":{"type":"text"}}"#,
        #"{"model":"davinci","prompt":["a",[1,2]],"echo":true,"logprobs":5,"best_of":2,"suffix":null,"top_k":4,"#
            + #""isolation":"per-sequence"}"#,
        #"{"model":"davinci","prompt":[[1,2],[3]],"max_tokens":0}"#,
        #"{"model":"e","input":["a","b"],"encoding_format":"base64","dimensions":8}"#,
        #"{"model":"gpt-4","input":[{"role":"user","content":"a"}],"instructions":"b","max_output_tokens":3}"#,
        #"{"model":"e","input":[1,2,3]}"#, #"{"model":"e","tokens":[1,2]}"#, #"{"model":"e","text":"a"}"#,
    ]
}

extension FuzzTarget {
    private static let schemas = [
        ##"{"type":"object","properties":{"a":{"type":"string","maxLength":3},"b":{"$ref":"#/$defs/t"}},"##
            + ##""required":["a"],"additionalProperties":false,"$defs":{"t":{"anyOf":[{"type":"null"},{"$ref":"#"}]}}}"##,
        #"{"type":"array","items":{"enum":[1,"a",null,[true]]},"minItems":1,"maxItems":3}"#,
        #"{"type":"string","pattern":"^[a-z]{2,4}(x|\\d+)?$"}"#, #"{"type":"string","format":"date-time"}"#,
        #"{"type":"integer","minimum":-7,"exclusiveMaximum":130,"multipleOf":3}"#,
        #"{"type":"number","minimum":0.5,"maximum":1e3}"#,
        #"{"allOf":[{"type":["string","null"]},{"minLength":2}]}"#,
        #"{"prefixItems":[{"const":1},{"type":"boolean"}],"items":false,"oneOf":[{"minItems":2},{"maxItems":1}]}"#,
        #"{"additionalProperties":{"type":"number"},"description":"d"}"#, "true", "{}",
    ]
}

extension TensorFile {
    /// Equal tensors, of counting bytes.
    static func small(names: [String], dtype: String = "F32", shape: [Int] = [4]) -> TensorFile {
        let size = dtype == "F32" ? 4 : 2
        return TensorFile(
            names.map { name in
                let count = shape.reduce(size, *)
                return Tensor(
                    name: name, dtype: dtype, shape: shape, data: Data((0..<count).map { UInt8($0) }))
            })
    }
}
