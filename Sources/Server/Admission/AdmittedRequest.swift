import Engine
import ExpertRouting
import Tokenizers

/// A request that was accepted: the sequences to generate, and what the answer contains.
struct AdmittedRequest: Sendable {
    /// What a choice continues.
    struct Prompt: Sendable {
        let tokens: [TokenID]
        /// As the client sees it; empty for a chat.
        let text: String
    }

    /// What the answer contains beside the text.
    struct OutputOptions: Sendable {
        /// The completion begins with the prompt.
        var echoes = false
        /// Log-probabilities of the tokens.
        var reportsTokens = false
        var returnsTokenIDs = false
        /// Log-probabilities call tokens by their ids.
        var namesTokensByID = false
        /// Log-probabilities of the prompt's tokens.
        var reportsPrompt = false
        /// A stop string is part of the completion that it ends.
        var includesStop = false
    }

    let served: ServedModel
    let isolation: Isolation
    let prompts: [Prompt]
    /// Sequences of each prompt (`best_of`).
    let candidates: Int
    /// How many of them are returned (`n`): the likeliest.
    let choices: Int
    /// At index prompt · candidates + sample.
    let sequences: [GenerationRequest]
    let stop: [String]
    let output: OutputOptions

    /// The prompt of a sequence.
    func prompt(of sequence: Int) -> Prompt { prompts[sequence / candidates] }

    /// Over the prompts, each counted once.
    var promptTokens: Int { prompts.reduce(0) { $0 + $1.tokens.count } }
}
