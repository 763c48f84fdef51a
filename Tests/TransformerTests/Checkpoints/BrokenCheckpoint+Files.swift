import Foundation
import Glibc
import TestSupport
import Testing

private let weights = GoodCheckpoint.weights
private let index = GoodCheckpoint.index

extension BrokenCheckpoint {
    /// Files that are none, or not whole.
    static let files: [BrokenCheckpoint] = [
        BrokenCheckpoint(testDescription: "no config", file: "config.json", fault: "No such file") {
            try $0.remove("config.json")
        },
        BrokenCheckpoint(testDescription: "no tokenizer", file: "tokenizer.json", fault: "No such file") {
            try $0.remove("tokenizer.json")
        },
        BrokenCheckpoint(testDescription: "no weights", file: "", fault: "has neither model.safetensors nor")
        {
            try $0.remove(weights)
        },
        BrokenCheckpoint(testDescription: "a pickle", file: "pytorch_model.bin", fault: "To convert it") {
            try $0.remove(weights)
            try $0.write("pytorch_model.bin", "PK")
        },
        BrokenCheckpoint(testDescription: "empty weights", file: weights, fault: "is empty") {
            try $0.resize(weights, to: 0)
        },
        BrokenCheckpoint(testDescription: "seven bytes", file: weights, fault: "has only 7 bytes") {
            try $0.resize(weights, to: 7)
        },
        BrokenCheckpoint(testDescription: "a cut header", file: weights, fault: "is it truncated?") {
            try $0.resize(weights, to: 100)
        },
        BrokenCheckpoint(testDescription: "cut data", file: weights, fault: "is the file truncated?") {
            try $0.resize(weights, to: $0.byteCount(weights) - 1)
        },
        BrokenCheckpoint(testDescription: "data behind the end", file: weights, fault: "has 1 bytes behind") {
            try $0.resize(weights, to: $0.byteCount(weights) + 1)
        },
        BrokenCheckpoint(testDescription: "an empty config", file: "config.json", fault: "is empty") {
            try $0.write("config.json", "")
        },
        BrokenCheckpoint(testDescription: "a cut config", file: "config.json", fault: "is not valid JSON") {
            try $0.resize("config.json", to: 100)
        },
        BrokenCheckpoint(
            testDescription: "weights that are a folder", file: weights, fault: "is not a regular file"
        ) {
            try $0.remove(weights)
            try FileManager.default.createDirectory(
                atPath: $0.path(weights), withIntermediateDirectories: false)
        },
        BrokenCheckpoint(
            testDescription: "weights that are a pipe", file: weights, fault: "is not a regular file"
        ) {
            try $0.remove(weights)
            try #require(mkfifo($0.path(weights), 0o600) == 0)
        },
        BrokenCheckpoint(
            testDescription: "a config that is a pipe", file: "config.json", fault: "is not a regular file"
        ) {
            try $0.remove("config.json")
            try #require(mkfifo($0.path("config.json"), 0o600) == 0)
        },
        BrokenCheckpoint(
            testDescription: "a config that is a device", file: "config.json", fault: "is not a regular file"
        ) {
            try $0.remove("config.json")
            try FileManager.default.createSymbolicLink(
                atPath: $0.path("config.json"), withDestinationPath: "/dev/zero")
        },
        BrokenCheckpoint(testDescription: "a loop of links", file: weights, fault: "symbolic links") {
            try $0.remove(weights)
            try FileManager.default.createSymbolicLink(atPath: $0.path(weights), withDestinationPath: weights)
        },
        BrokenCheckpoint(testDescription: "a link to nowhere", file: weights, fault: "No such file") {
            try $0.remove(weights)
            try FileManager.default.createSymbolicLink(
                atPath: $0.path(weights), withDestinationPath: "../blobs/0")
        },
        BrokenCheckpoint(
            testDescription: "an index out of the folder", file: index, fault: "`../a.safetensors`"
        ) {
            try $0.shard { $0["lm_head.weight"] = "../a.safetensors" }
        },
        BrokenCheckpoint(testDescription: "a missing shard", file: "c.safetensors", fault: "No such file") {
            try $0.shard { $0["model.norm.weight"] = "c.safetensors" }
        },
        BrokenCheckpoint(
            testDescription: "a tensor that the index has elsewhere", file: "b.safetensors",
            fault: "though"
        ) {
            try $0.shard { $0 = $0.mapValues { _ in "b.safetensors" } }
        },
        BrokenCheckpoint(testDescription: "an empty index", file: index, fault: "`weight_map` is empty") {
            try $0.shard { $0 = [:] }
        },
        BrokenCheckpoint(testDescription: "a key twice in the index", file: index, fault: "has `a` twice") {
            try $0.remove(weights)
            try $0.write(index, #"{"weight_map":{"a":"a.safetensors","\u0061":"b.safetensors"}}"#)
        },
        BrokenCheckpoint(testDescription: "an index as a shard", file: index, fault: "limit of 100000000") {
            try $0.shard { $0["model.norm.weight"] = index }
        },
    ]

    /// Headers that lie.
    static let headers: [BrokenCheckpoint] = [
        BrokenCheckpoint(
            testDescription: "a header of ten gigabytes", file: weights,
            fault: "claims a header of 10000000000 bytes, over the format's limit"
        ) { try $0.header(claiming: 10_000_000_000) { _ in } },
        BrokenCheckpoint(
            testDescription: "a header of 2⁶⁴ - 1 bytes", file: weights, fault: "over the format's limit"
        ) { try $0.header(claiming: .max) { _ in } },
        BrokenCheckpoint(
            testDescription: "a header longer than the file", file: weights, fault: "but has only"
        ) { try $0.header(claiming: 99_999_999) { _ in } },
        BrokenCheckpoint(testDescription: "a header into the data", file: weights, fault: "is not valid JSON")
        {
            try $0.header(claiming: 100_000) { _ in }
        },
        BrokenCheckpoint(testDescription: "an empty header", file: weights, fault: "is not valid JSON") {
            try $0.header(claiming: 0) { _ in }
        },
        BrokenCheckpoint(testDescription: "a header that is an array", file: weights, fault: "the top level")
        {
            try $0.header { $0 = "[1,2,3]" }
        },
        BrokenCheckpoint(testDescription: "a deep header", file: weights, fault: "is not valid JSON") {
            try $0.header { $0 = String(repeating: #"{"a":"#, count: 100_000) }
        },
        BrokenCheckpoint(
            testDescription: "a tensor twice", file: weights, fault: "has `model.norm.weight` twice"
        ) {
            try $0.header { header in
                let entry = try #require(header.firstRange(of: #""model.norm.weight""#))
                header.insert(
                    contentsOf: #""model.norm.weight":{"dtype":"F16","shape":[0],"data_offsets":[0,0]},"#,
                    at: entry.lowerBound)
            }
        },
        BrokenCheckpoint(testDescription: "a field twice", file: weights, fault: "has `dtype` twice") {
            try $0.header {
                $0.replace(#""dtype":"F16""#, with: #""dtype":"F16","dtype":"F16""#, maxReplacements: 1)
            }
        },
        BrokenCheckpoint(
            testDescription: "offsets the wrong way round", file: weights, fault: "expected [begin, end]"
        ) { try $0.offsets("[9,0]") },
        BrokenCheckpoint(testDescription: "negative offsets", file: weights, fault: "expected [begin, end]") {
            try $0.offsets("[-8,0]")
        },
        BrokenCheckpoint(testDescription: "offsets of 2⁶³", file: weights, fault: "does not fit") {
            try $0.offsets("[0,9223372036854775808]")
        },
        BrokenCheckpoint(testDescription: "offsets of 1e999", file: weights, fault: "beyond all doubles") {
            try $0.offsets("[0,1e999]")
        },
        BrokenCheckpoint(testDescription: "offsets out of the file", file: weights, fault: "ends at byte") {
            try $0.offsets("[0,9223372036854775807]")
        },
        BrokenCheckpoint(testDescription: "three offsets", file: weights, fault: "expected [begin, end]") {
            try $0.offsets("[0,0,0]")
        },
        BrokenCheckpoint(testDescription: "overlapping tensors", file: weights, fault: "overlap") {
            try $0.header { header in
                header.insert(
                    contentsOf: #""twin":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"#,
                    at: header.index(after: header.startIndex))
            }
        },
        BrokenCheckpoint(testDescription: "a hole", file: weights, fault: "that no tensor owns") {
            try $0.header { header in
                header = String(
                    header.replacing(
                        /"model.layers.1.input_layernorm.weight":\{[^}]*\},/, with: "", maxReplacements: 1))
            }
        },
        BrokenCheckpoint(testDescription: "a shape of 2⁶³", file: weights, fault: "does not fit") {
            try $0.shape("[9223372036854775808]")
        },
        BrokenCheckpoint(
            testDescription: "a shape that overflows", file: weights, fault: "too large to exist"
        ) {
            try $0.shape("[4294967296,4294967296]")
        },
        BrokenCheckpoint(testDescription: "a negative shape", file: weights, fault: "negative extent") {
            try $0.shape("[-64]")
        },
        BrokenCheckpoint(testDescription: "a shape of another size", file: weights, fault: "does not fill") {
            try $0.shape("[63]")
        },
        BrokenCheckpoint(
            testDescription: "a huge tensor of an unknown type", file: weights, fault: "does not fill"
        ) {
            try $0.header { header in
                header = header.replacing(
                    /("model.norm.weight":\{"dtype":)"F16","shape":\[64\]/,
                    with: { $0.1 + #""X","shape":[4611686018427387904]"# })
            }
        },
    ]
}

extension GoodCheckpoint {
    /// Gives the final norm other `data_offsets`.
    fileprivate func offsets(_ text: String) throws {
        try header { header in
            header = header.replacing(
                /("model.norm.weight":\{[^}]*"data_offsets":)\[[^\]]*\]/, with: { $0.1 + text })
        }
    }

    /// Gives the final norm another shape.
    fileprivate func shape(_ text: String) throws {
        try header { header in
            header = header.replacing(
                /("model.norm.weight":\{[^}]*"shape":)\[[^\]]*\]/, with: { $0.1 + text })
        }
    }
}
