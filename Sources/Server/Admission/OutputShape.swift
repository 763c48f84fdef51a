import ConstrainedDecoding
import JSON
import OpenAI

/// A constraint that a request puts on the completion's text.
enum OutputShape: Hashable, Sendable {
    case object
    case schema(JSONValue, name: String)
    /// A forced tool call.
    case call(ChatTools)

    /// A forced call overrides a response format; `nil` if there is no constraint.
    init?(_ request: ChatCompletionRequest) {
        guard let shape = OutputShape(request.tools) ?? OutputShape(request.parameters.responseFormat) else {
            return nil
        }
        self = shape
    }

    /// `nil` if there is no constraint.
    init?(_ format: ResponseFormat) {
        switch format {
        case .text: return nil
        case .object: self = .object
        case .schema(let schema, let name): self = .schema(schema, name: name)
        }
    }

    /// `nil` if no call is forced.
    private init?(_ tools: ChatTools) {
        switch tools.choice {
        case .none, .auto: return nil
        case .required, .function: self = .call(tools)
        }
    }

    /// Builds the automaton.
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

    /// The refusal of a request whose schema cannot be followed; `field` is the one that has the format.
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
