import ConstrainedDecoding
import JSON
import OpenAI

/// What a completion's text is asked to look like.
enum OutputShape: Hashable, Sendable {
    case object
    case schema(JSONValue, name: String)
    /// The call that is forced.
    case call(ChatTools)

    /// A forced call wins over a format; `nil` where any text will do.
    init?(_ request: ChatCompletionRequest) {
        guard let shape = OutputShape(request.tools) ?? OutputShape(request.parameters.responseFormat) else {
            return nil
        }
        self = shape
    }

    /// `nil` where any text will do.
    init?(_ format: ResponseFormat) {
        switch format {
        case .text: return nil
        case .object: self = .object
        case .schema(let schema, let name): self = .schema(schema, name: name)
        }
    }

    /// `nil` where no call is forced.
    private init?(_ tools: ChatTools) {
        switch tools.choice {
        case .none, .auto: return nil
        case .required, .function: self = .call(tools)
        }
    }

    /// Makes the automaton.
    func constraint() throws(SchemaError) -> OutputConstraint {
        switch self {
        case .object: return try OutputConstraint(.anyObject)
        case .schema(let schema, _): return try OutputConstraint(schema)
        case .call(let tools):
            var choice = ToolChoice.required
            if case .function(let name) = tools.choice { choice = .named(name) }
            return try OutputConstraint(
                .toolCall(
                    of: tools.functions.map { ToolFunction(name: $0.name, parameters: $0.parameters) },
                    choice: choice))
        }
    }

    /// Why there is no automaton, in the API's words.
    ///
    /// `field`: where the request has a format.
    func refusal(_ error: SchemaError, field: String) -> InvalidField {
        switch self {
        case .object, .schema:
            let name = if case .schema(_, let name) = self { " '\(name)'" } else { "" }
            return InvalidField(
                "Invalid schema for \(field)\(name): \(error).", param: field, code: "invalid_json_schema")
        case .call(let tools):
            let steps = error.path.split(separator: "/")
            guard steps.count > 2, steps[1] == "tools", let index = Int(steps[2]),
                tools.functions.indices.contains(index)
            else {
                return InvalidField(
                    "Invalid tools: \(error).", param: tools.style == .tools ? "tools" : "functions",
                    code: "invalid_function_parameters")
            }
            let place = (["#"] + steps.dropFirst(4)).joined(separator: "/")
            return InvalidField(
                "Invalid schema for function '\(tools.functions[index].name)': \(place): \(error.reason).",
                param: tools.style == .tools
                    ? "tools[\(index)].function.parameters" : "functions[\(index)].parameters",
                code: "invalid_function_parameters")
        }
    }
}
