import GGUF

/// A GGUF model: one file, or the parts that llama.cpp split it into.
///
/// The first part has the metadata; each part has some of the tensors.
struct GGUFParts: Sendable {
    /// A tensor, and the part that it is in.
    struct Tensor: Sendable {
        let part: Int
        let header: GGUFTensor
    }

    /// The format counts parts in 16 bits.
    private static let maximumParts = 65_535

    let files: [MappedFile]
    /// The version of the format.
    let version: Int
    let metadata: GGUFMetadata
    /// By the file's own names.
    let tensors: [String: Tensor]

    var path: String { files[0].path }

    /// Maps all parts and checks their headers.
    ///
    /// - Throws: `CheckpointError` with the byte offset of a fault, or with the part that is missing.
    init(contentsOf path: String) throws(CheckpointError) {
        let first = try Part(path)
        version = Int(first.header.version)
        metadata = first.header.metadata
        var parts = [first]
        for other in try Self.otherParts(of: first) { parts.append(try Part(other)) }
        files = parts.map(\.file)
        var tensors: [String: Tensor] = [:]
        for (number, part) in parts.enumerated() {
            for tensor in part.header.tensors {
                guard
                    let other = tensors.updateValue(Tensor(part: number, header: tensor), forKey: tensor.name)
                else { continue }
                throw CheckpointError(
                    part.file.path,
                    "has tensor `\(tensor.name)`, and so does \(parts[other.part].file.path): which is meant?"
                )
            }
        }
        self.tensors = tensors
        let claimed = try Self.integer("split.tensors.count", first)
        if let claimed, claimed != tensors.count {
            throw CheckpointError(
                path, "`split.tensors.count` is \(claimed), but its parts have \(tensors.count) tensors")
        }
    }

    private struct Part {
        let file: MappedFile
        let header: GGUFFile

        init(_ path: String) throws(CheckpointError) {
            file = try MappedFile(path: path)
            do throws(GGUFError) {
                header = try GGUFFile(parsing: file.bytes, path: path)
            } catch {
                throw CheckpointError(error)
            }
        }
    }

    private static func integer(_ key: String, _ part: Part) throws(CheckpointError) -> Int? {
        do throws(GGUFError) {
            return try part.header.metadata.integer(key)
        } catch {
            throw CheckpointError(error)
        }
    }

    /// The paths of the parts behind the first: `NAME-00002-of-00003.gguf` and so on.
    private static func otherParts(of first: Part) throws(CheckpointError) -> [String] {
        let path = first.file.path
        guard let count = try integer("split.count", first), count > 1 else { return [] }
        let ending = "-of-\(padded(count)).gguf"
        guard count <= maximumParts else {
            throw CheckpointError(path, "`split.count` is \(count); the limit is \(maximumParts)")
        }
        guard let number = try integer("split.no", first), number == 0, path.hasSuffix("-00001" + ending)
        else {
            throw CheckpointError(
                path,
                "is a part of a model in \(count) files; name the first, which ends with -00001\(ending)")
        }
        let stem = path.dropLast(ending.count + 6)
        return try (2...count).map { (part) throws(CheckpointError) in
            let other = "\(stem)-\(padded(part))\(ending)"
            guard MappedFile.exists(other) else {
                throw CheckpointError(other, "is missing; \(path) is the first of \(count) parts")
            }
            return other
        }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

extension CheckpointError {
    init(_ error: GGUFError) {
        self.init(error.path, error.place + error.problem)
    }
}
