import ConstrainedDecoding
import ExpertRouting
import Tokenizers

/// What decoding a request needs: a request is always valid, so decoding checks it.
public struct RequestDecoding: Sendable {
    public let limits: EngineLimits
    /// Needed to decode constraints.
    public let vocabulary: ConstrainedVocabulary?

    public init(limits: EngineLimits, vocabulary: ConstrainedVocabulary? = nil) {
        self.limits = limits
        self.vocabulary = vocabulary
    }
}

extension CodingUserInfoKey {
    /// Key of the `RequestDecoding` in a decoder's `userInfo`.
    public static let requestDecoding = CodingUserInfoKey.literal("jostle.request-decoding")

    private static func literal(_ name: String) -> CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: name) else {
            preconditionFailure("'\(name)' is not a key")
        }
        return key
    }
}

/// A constraint is encoded as the source of its schema; decoding compiles it again.
extension GenerationRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case prompt, maximumTokens, minimumTokens, sampling, stopTokens, isolation, report, priority
        case cacheSalt, constraint
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(prompt, forKey: .prompt)
        try container.encode(maximumTokens, forKey: .maximumTokens)
        try container.encode(minimumTokens, forKey: .minimumTokens)
        try container.encode(sampling, forKey: .sampling)
        try container.encode(stopTokens.sorted(), forKey: .stopTokens)
        try container.encode(isolation, forKey: .isolation)
        try container.encode(report, forKey: .report)
        try container.encode(priority, forKey: .priority)
        try container.encodeIfPresent(cacheSalt, forKey: .cacheSalt)
        try container.encodeIfPresent(constraint?.output.source, forKey: .constraint)
    }

    /// - Throws: `DecodingError` that says what makes the request impossible.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let decoding = decoder.userInfo[.requestDecoding] as? RequestDecoding else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a request is decoded with userInfo[.requestDecoding]"))
        }
        let source = try container.decodeIfPresent(SchemaSource.self, forKey: .constraint)
        let constraint = try source.map { source in
            guard let vocabulary = decoding.vocabulary else {
                throw DecodingError.dataCorruptedError(
                    forKey: .constraint, in: container,
                    debugDescription: "a constraint is decoded with the model's vocabulary")
            }
            do throws(SchemaError) {
                return TokenConstraint(try OutputConstraint(source.schema()), over: vocabulary)
            } catch {
                throw DecodingError.dataCorruptedError(
                    forKey: .constraint, in: container, debugDescription: "\(error)")
            }
        }
        let prompt = try container.decode([TokenID].self, forKey: .prompt)
        let maximumTokens = try container.decode(Int.self, forKey: .maximumTokens)
        let minimumTokens = try container.decode(Int.self, forKey: .minimumTokens)
        let sampling = try container.decode(Sampling.self, forKey: .sampling)
        let stopTokens = try container.decode(Set<TokenID>.self, forKey: .stopTokens)
        let isolation = try container.decode(Isolation.self, forKey: .isolation)
        let report = try container.decode(Report.self, forKey: .report)
        let priority = try container.decode(Int.self, forKey: .priority)
        let cacheSalt = try container.decodeIfPresent(String.self, forKey: .cacheSalt)
        do throws(InvalidRequest) {
            try self.init(
                prompt: prompt, maximumTokens: maximumTokens, minimumTokens: minimumTokens,
                sampling: sampling, stopTokens: stopTokens, isolation: isolation, report: report,
                priority: priority, cacheSalt: cacheSalt, constraint: constraint, limits: decoding.limits)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the request is impossible: \(error)")
            )
        }
    }
}
