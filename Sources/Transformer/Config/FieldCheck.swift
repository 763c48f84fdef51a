import Tokenizers

/// Range checks whose errors name the file and the field.
struct FieldCheck {
    /// Far above any real model; sums and products of smaller sizes cannot overflow.
    static let maximumSize = 1 << 22
    /// Far above any real model; memory is allocated for each.
    static let maximumLayers = 1 << 12
    static let maximumExperts = 1 << 14
    static let maximumHeads = 1 << 12
    static let maximumHeadDimension = 1 << 10

    let path: String

    func fault(_ field: String, _ problem: String) -> CheckpointError {
        CheckpointError(path, "`\(field)` \(problem)")
    }

    func size(
        _ value: Int?, _ field: String, atMost limit: Int = maximumSize
    ) throws(CheckpointError) -> Int {
        guard let value else { throw fault(field, "is missing") }
        guard 1...limit ~= value else {
            throw fault(field, "is \(value); it must lie in 1 ... \(limit)")
        }
        return value
    }

    /// A positive number that fits in a 32-bit float.
    func positive(_ value: Double?, _ field: String) throws(CheckpointError) -> Double {
        guard let value else { throw fault(field, "is missing") }
        guard value > 0, Float(value).isFinite, Float(value) > 0 else {
            throw fault(field, "is \(value); it must be positive and fit a 32-bit float")
        }
        return value
    }

    func tokens(
        _ tokens: ModelConfigFile.EndTokens?, vocabularySize: Int
    ) throws(CheckpointError) -> [TokenID] {
        let ids = tokens?.ids ?? []
        if let stranger = ids.first(where: { !(0..<vocabularySize ~= Int($0)) }) {
            throw fault("eos_token_id", "names token \(stranger), but vocab_size is \(vocabularySize)")
        }
        return ids
    }
}
