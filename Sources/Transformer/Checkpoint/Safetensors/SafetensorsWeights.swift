public import Numerics

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards listed in an index.
///
/// Every shard is mapped once and its header is checked. Weights are read on first use.
public final class SafetensorsWeights: WeightStore {
    /// The file that lists the tensors: the only weights file, or the index.
    let path: String
    let shards: [Safetensors]
    /// The shard that contains each tensor.
    private let shardNumbers: [String: Int]

    /// Opens the weights of a folder.
    ///
    /// - Throws: `CheckpointError` if a file is missing or malformed, or if the index does not match the shards.
    public convenience init(folder: String) throws(CheckpointError) {
        let single = folder + "/model.safetensors"
        let index = single + ".index.json"
        // If both exist, `transformers` takes the single file.
        if MappedFile.exists(single) {
            try self.init(file: single)
        } else if MappedFile.exists(index) {
            try self.init(path: index, shards: CheckpointIndex(contentsOf: index).shards(in: folder))
        } else {
            throw Self.withoutWeights(folder)
        }
    }

    /// Opens a single file of weights.
    ///
    /// - Throws: `CheckpointError` if it is missing or malformed.
    public convenience init(file: String) throws(CheckpointError) {
        try self.init(path: file, shards: [Safetensors(contentsOf: file)])
    }

    private init(path: String, shards: [Safetensors]) throws(CheckpointError) {
        self.path = path
        self.shards = shards
        var numbers: [String: Int] = [:]
        for (number, shard) in shards.enumerated() {
            for name in shard.names {
                if let other = numbers.updateValue(number, forKey: name) {
                    throw CheckpointError(
                        shard.path, "has tensor `\(name)`, and so does \(shards[other].path): which is meant?"
                    )
                }
            }
        }
        shardNumbers = numbers
    }

    private static func withoutWeights(_ folder: String) -> CheckpointError {
        let hasPickle = ["pytorch_model.bin", "pytorch_model.bin.index.json"].contains {
            MappedFile.exists(folder + "/" + $0)
        }
        guard hasPickle else {
            return CheckpointError(
                folder, "has neither model.safetensors nor model.safetensors.index.json: is it a checkpoint?")
        }
        return CheckpointError(
            folder + "/pytorch_model.bin",
            "is a pickle, which may run code when it is read, and there is no model.safetensors. To convert it: "
                + "python -c 'from transformers import AutoModelForCausalLM as M; import sys; "
                + #"M.from_pretrained(sys.argv[1], dtype="auto").save_pretrained(sys.argv[1])' "#
                + folder)
    }

    public func contains(_ name: String) -> Bool {
        shardNumbers[name] != nil
    }

    var files: [MappedFile] { shards.map(\.file) }

    var format: String { "safetensors" }

    var isQuantised: Bool { false }

    var tensors: [StoredTensor] { shards.flatMap(\.contents) }

    /// A two-dimensional weight of exactly this shape.
    ///
    /// It points into a mapped file and is valid as long as this object.
    public func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        try shard(with: name).matrix(name, outputs: outputs, inputs: inputs)
    }

    /// A one-dimensional weight, widened to Float.
    ///
    /// All its numbers are finite.
    public func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        try shard(with: name).vector(name, count: count)
    }

    public func release(_ matrices: [WeightMatrix]) {
        for matrix in matrices { shards.first { $0.contains(matrix.base) }?.release([matrix]) }
    }

    /// The error that a tensor of `columns` columns holds `what` at the address `place`.
    public func problem(
        at place: UnsafeRawPointer, columns: Int, holds what: String, because: String
    ) -> CheckpointError {
        shards.first { $0.contains(place) }?
            .problem(at: place, columns: columns, holds: what, because: because)
            ?? CheckpointError(path, "holds \(what)\(because)")
    }

    func storedNames(of name: String) -> [String] { [name] }

    public func element(of name: String, shape: [Int]) throws(CheckpointError) -> WeightMatrix.Element {
        try shard(with: name).element(of: name, shape: shape)
    }

    private func shard(with name: String) throws(CheckpointError) -> Safetensors {
        guard let number = shardNumbers[name] else {
            throw .missing(tensor: name, among: shardNumbers.keys, of: path)
        }
        return shards[number]
    }
}

/// `model.safetensors.index.json`: the shard of each tensor.
private struct CheckpointIndex {
    private struct File: Decodable {
        let weightMap: [String: String]

        enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }

    private let path: String
    /// File names by tensor.
    private let fileNames: [String: String]

    init(contentsOf path: String) throws(CheckpointError) {
        self.path = path
        fileNames = try MappedFile(path: path).decodeJSON(File.self).weightMap
        guard !fileNames.isEmpty else { throw CheckpointError(path, "`weight_map` is empty") }
        if let stranger = Set(fileNames.values).sorted().first(where: { !Self.isPlain($0) }) {
            throw CheckpointError(
                path, "`weight_map` names the file `\(stranger)`; shards lie in the folder of their index")
        }
    }

    /// Whether it is a plain file name that cannot leave the folder.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".."
            && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }

    /// The shards, each once, sorted by name.
    ///
    /// Each must contain the tensors that the index says.
    func shards(in folder: String) throws(CheckpointError) -> [Safetensors] {
        var shards: [String: Safetensors] = [:]
        for name in Set(fileNames.values).sorted() {
            shards[name] = try Safetensors(contentsOf: folder + "/" + name)
        }
        for (tensor, name) in fileNames.sorted(by: { $0.key < $1.key }) {
            guard let shard = shards[name], !shard.contains(tensor) else { continue }
            throw CheckpointError(shard.path, "has no tensor `\(tensor)`, though \(path) says so")
        }
        return shards.sorted { $0.key < $1.key }.map(\.value)
    }
}
