import GGUF
import JSON

/// A GGUF file of a supported architecture, and the metadata of this architecture.
struct GGUFModel {
    /// The supported values of `general.architecture`.
    enum Architecture: String, CaseIterable {
        case llama, qwen2, qwen3, qwen2moe, qwen3moe, olmoe, deepseek2
    }

    let parts: GGUFParts
    let architecture: Architecture

    var metadata: GGUFMetadata { parts.metadata }

    /// - Throws: `GGUFError` if the file has no language model, or one that is not supported.
    init(_ parts: GGUFParts) throws(GGUFError) {
        let metadata = parts.metadata
        self.parts = parts
        architecture = try Self.architecture(metadata)
        if try metadata.bool(key("attention.causal")) == false {
            throw metadata.error(
                key("attention.causal"), "is false: this is an encoder, which makes embeddings but no text")
        }
        if let pooling = try metadata.integer(key("pooling_type")), pooling != 0 {
            throw metadata.error(
                key("pooling_type"),
                "is \(pooling): this model makes embeddings or scores; name one that generates text")
        }
        guard hasTensor("token_embd.weight") else {
            throw GGUFError(
                parts.path, "has no tensor `token_embd.weight`: it is a vocabulary without a model")
        }
    }

    private static func architecture(_ metadata: GGUFMetadata) throws(GGUFError) -> Architecture {
        let typeKey = "general.type"
        let key = "general.architecture"
        switch try metadata.string(typeKey) ?? "model" {
        case "model": break
        case "adapter":
            throw metadata.error(
                typeKey,
                "is adapter: it only changes another model; merge the two with llama.cpp's llama-export-lora")
        case "mmproj": throw metadata.error(typeKey, "is mmproj: \(projector)")
        case let other: throw metadata.error(typeKey, "is \(other); only model can be served")
        }
        guard let name = try metadata.string(key) else { throw metadata.error(key, "is missing") }
        if let architecture = Architecture(rawValue: name) { return architecture }
        if name == "clip" { throw metadata.error(key, "is clip: \(projector)") }
        if name.contains("bert") || name.hasSuffix("encoder") || name.hasSuffix("-embedding") {
            throw metadata.error(key, "is \(name), an encoder, which makes embeddings but no text")
        }
        let supported = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
        throw metadata.error(key, "is \(name), which is not supported; supported are \(supported)")
    }

    private static let projector =
        "it is the image or audio part of a model; name the file of the language model, which serves text alone"

    func hasTensor(_ name: String) -> Bool { parts.tensors[name] != nil }

    /// The architecture's key of this name, such as `llama.block_count`.
    func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }

    func error(_ name: String, _ problem: String) -> GGUFError { metadata.error(key(name), problem) }

    /// An integer that is not negative, or an array that gives each layer the same one.
    func integer(_ name: String) throws(GGUFError) -> Int? {
        let number: Int?
        if case .integers(let numbers) = metadata[key(name)] {
            guard let first = numbers.first, numbers.allSatisfy({ $0 == first }) else {
                throw error(name, "differs between layers, which is not supported")
            }
            number = Int(first)
        } else {
            number = try metadata.integer(key(name))
        }
        if let number, number < 0 { throw error(name, "is \(number); it must not be negative") }
        return number
    }

    func required(_ name: String) throws(GGUFError) -> Int {
        guard let number = try integer(name) else { throw error(name, "is missing") }
        return number
    }

    /// A finite number; the shortest decimal of one that is stored in 32 bits.
    ///
    /// So 0.00001, which the converter rounded to 32 bits, does not become 0.0000099999997.
    func number(_ name: String) throws(GGUFError) -> Double? {
        guard let number = try metadata.number(key(name)) else { return nil }
        guard number.isFinite else { throw error(name, "is not finite") }
        guard case .float32(let float) = metadata[key(name)] else { return number }
        return float.shortestDecimal
    }
}

extension Float {
    /// The shortest decimal that rounds to this number.
    var shortestDecimal: Double { Double(description) ?? Double(self) }
}

extension [JSONValue.Member] {
    /// Appends a member unless its value is `nil`.
    mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { append(JSONValue.Member(name, value)) }
    }

    mutating func add(_ name: String, _ value: Int?) { add(name, value.map(JSONValue.integer)) }

    mutating func add(_ name: String, _ value: Double?) { add(name, value.map(JSONValue.number)) }
}
