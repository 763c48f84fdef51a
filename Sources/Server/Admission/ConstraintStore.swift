import Catalog
import ConstrainedDecoding
import Engine
import OpenAI
import Threads
import Transformer

/// Makes the constraints of requests, and keeps the latest: clients send the same schema again and again.
final class ConstraintStore: Sendable {
    private struct State {
        /// The one used last comes last.
        var constraints: [(shape: OutputShape, constraint: OutputConstraint)] = []
        /// By the checkpoint's folder.
        var vocabularies: [String: ConstrainedVocabulary] = [:]
    }

    /// Of all that are kept together; one state takes some 50 bytes.
    private static let maximumStates = 1_000_000

    private let state = Locked(State())

    /// The constraint that `shape`, if there is any, is on a completion of `served`; making it can take a few tenths of a
    /// second.
    ///
    /// `field`: where the request has a format.
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
            let folder = served.entry.checkpoint
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
