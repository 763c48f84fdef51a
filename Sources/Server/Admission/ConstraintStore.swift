import Catalog
import ConstrainedDecoding
import Engine
import OpenAI
import Threads
import Transformer

/// Builds the constraints of requests, and caches the latest: clients often send the same schema.
final class ConstraintStore: Sendable {
    private struct State {
        /// The one used last is last.
        var constraints: [(shape: OutputShape, constraint: OutputConstraint)] = []
        /// By checkpoint folder.
        var vocabularies: [String: ConstrainedVocabulary] = [:]
    }

    /// The most states in the cache; a state takes about 50 bytes.
    private static let maximumStates = 1_000_000

    private let state = Locked(State())

    /// The constraint for `shape` on a model; building it can take some tenths of a second.
    ///
    /// `field`: the one that has the format.
    func constraint(
        _ shape: OutputShape?, on served: ServedModel, field: String
    ) throws(APIError) -> TokenConstraint? {
        guard let shape else { return nil }
        let vocabulary = vocabulary(of: served)
        guard vocabulary.hasAllBytes else {
            throw .invalid(
                InvalidField(
                    "Unsupported parameter: '\(field)' needs a model whose vocabulary can spell any text, and that of '\(served.entry.name)' cannot.",
                    param: field, code: "unsupported_parameter"))
        }
        if let constraint = known(shape) { return TokenConstraint(constraint, over: vocabulary) }
        do throws(SchemaError) {
            let constraint = try shape.constraint()
            keep(constraint, for: shape)
            return TokenConstraint(constraint, over: vocabulary)
        } catch {
            throw .invalid(shape.refusal(error, field: field))
        }
    }

    private func vocabulary(of served: ServedModel) -> ConstrainedVocabulary {
        state.withLock { state in
            let folder = served.entry.checkpoint.path
            if let vocabulary = state.vocabularies[folder] { return vocabulary }
            let vocabulary = ConstrainedVocabulary(served.model.tokenizer)
            state.vocabularies[folder] = vocabulary
            return vocabulary
        }
    }

    private func known(_ shape: OutputShape) -> OutputConstraint? {
        state.withLock { state in
            guard let index = state.constraints.firstIndex(where: { $0.shape == shape }) else { return nil }
            let found = state.constraints.remove(at: index)
            state.constraints.append(found)
            return found.constraint
        }
    }

    private func keep(_ constraint: OutputConstraint, for shape: OutputShape) {
        state.withLock { state in
            state.constraints.append((shape, constraint))
            var states = state.constraints.reduce(0) { $0 + $1.constraint.stateCount }
            while states > Self.maximumStates || state.constraints.count > 64 {
                states -= state.constraints.removeFirst().constraint.stateCount
            }
        }
    }
}
