import Catalog
import HTTP
import OpenAI
import Tokenizers
import Transformer

/// `POST /tokenize`.
struct TokenizeEndpoint: DirectEndpoint {
    let models: ModelRegistry

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let asked = try parse { () throws(InvalidField) in try TokenizeRequest(parsing: request.body) }
        let (served, _) = try models.resolve(asked.model)
        let tokens: [TokenID]
        switch asked.text {
        case .prompt(let text, let addsSpecialTokens):
            tokens = try encoded(what: "prompt") { () throws(TokenizationError) in
                try served.model.tokenizer.encode(
                    text, parsingSpecialTokens: true, addingSpecialTokens: addsSpecialTokens)
            }
        case .chat(let messages, let tools):
            guard let template = served.chatTemplate else { throw .notAChatModel(asked.model) }
            tokens = try served.render(messages, tools: tools, template, what: "messages")
        }
        let texts =
            asked.returnsTexts
            ? tokens.map { served.model.tokenizer.decode([$0], skippingSpecialTokens: false) } : nil
        return .json(
            TokenizeResponse(tokens: tokens, texts: texts, maximumLength: served.entry.contextLength))
    }
}

/// `POST /detokenize`.
struct DetokenizeEndpoint: DirectEndpoint {
    let models: ModelRegistry

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let asked = try parse { () throws(InvalidField) in try DetokenizeRequest(parsing: request.body) }
        let (served, _) = try models.resolve(asked.model)
        let tokens = try served.checked(asked.tokens, what: "tokens")
        return .json(
            DetokenizeResponse(
                prompt: served.model.tokenizer.decode(tokens, skippingSpecialTokens: false)))
    }
}
