import Catalog
import Engine
import JSON
import OpenAI
import Tokenizers
import Transformer

extension ServedModel {
    /// Renders a chat with the template.
    ///
    /// `what`: the field with the messages.
    func render(
        _ messages: [ChatMessage], tools: [JSONValue] = [], _ template: ChatTemplate, what: String
    ) throws(APIError) -> [TokenID] {
        do throws(UnsuitableMessages) {
            return try template.render(
                messages.map {
                    ChatTemplate.Message(role: $0.role, content: $0.content, others: $0.others)
                },
                tools: tools, with: model.tokenizer)
        } catch {
            throw .invalid(InvalidField(error.description, param: what, code: "invalid_value"))
        }
    }

    /// A prompt's token ids and its text.
    ///
    /// `what`: the field with the prompt.
    func tokens(
        of prompt: CompletionRequest.Prompt, what: String
    ) throws(APIError) -> AdmittedRequest.Prompt {
        switch prompt {
        case .text(let text):
            let tokens = try encoded(what: what) { () throws(TokenizationError) in
                try model.tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true)
            }
            return AdmittedRequest.Prompt(tokens: tokens, text: text)
        case .tokens(let ids):
            let tokens = try checked(ids, what: what)
            return AdmittedRequest.Prompt(
                tokens: tokens, text: model.tokenizer.decode(tokens, skippingSpecialTokens: false))
        }
    }

    /// Checks that all ids are tokens of the model.
    func checked(_ ids: [Int], what: String) throws(APIError) -> [TokenID] {
        var tokens: [TokenID] = []
        for id in ids {
            guard let token = TokenID(exactly: id), 0..<model.config.vocabularySize ~= id else {
                throw APIError(
                    .tokenOutOfRange(
                        TokenID(clamping: id), vocabularySize: model.config.vocabularySize), what: what)
            }
            tokens.append(token)
        }
        return tokens
    }

    /// Biases of the checkpoint's tokens.
    ///
    /// Clients send ids of the vocabulary the API model is known for. An alias maps such an id to a token of the checkpoint.
    /// Ids beyond the checkpoint's vocabulary without an alias have no effect.
    func logitBias(_ biases: [Int: Double]) throws(APIError) -> [TokenID: Float] {
        var found: [TokenID: Float] = [:]
        // Sorted: if an id and an alias mean the same token, the result is the same in every run.
        for (id, bias) in biases.sorted(by: { $0.key < $1.key }) {
            guard id <= entry.maximumTokenID else {
                throw .invalid(
                    InvalidField(
                        "Invalid key in 'logit_bias': \(id). Maximum value is \(entry.maximumTokenID).",
                        param: "logit_bias"))
            }
            if let alias = entry.tokenAliases[id] {
                if let token = model.tokenizer.specialTokens[alias] { found[token] = Float(bias) }
            } else if id < model.config.vocabularySize {
                found[TokenID(id)] = Float(bias)
            }
        }
        return found
    }
}

/// Encodes a prompt; refuses a text that the tokenizer's pattern cannot match within its limits.
func encoded(
    what: String, _ encode: () throws(TokenizationError) -> [TokenID]
) throws(APIError) -> [TokenID] {
    do throws(TokenizationError) {
        return try encode()
    } catch {
        throw .invalid(
            InvalidField(
                "Invalid '\(what)': it cannot be tokenized: \(error).", param: what,
                code: "invalid_value"))
    }
}

extension APIError {
    /// `what`: the field with the prompt.
    init(_ error: InvalidRequest, what: String) {
        switch error {
        case .emptyPrompt:
            self = .invalid(
                InvalidField("Invalid '\(what)': it has no tokens.", param: what, code: "invalid_value"))
        case .negativeMaximum:
            self = .invalid(
                InvalidField(
                    "Invalid 'max_tokens': it must not be negative.", param: "max_tokens",
                    code: "invalid_value"))
        case .tokenOutOfRange(let token, let size):
            self = .invalid(
                InvalidField(
                    "Invalid '\(what)': \(token) is not a token id of this model, which has 0 to \(size - 1).",
                    param: what,
                    code: "invalid_value"))
        case .tooLong(let prompt, let completion, let contextLength):
            self = .tooLong(prompt: prompt, completion: completion, contextLength: contextLength, what: what)
        }
    }
}
