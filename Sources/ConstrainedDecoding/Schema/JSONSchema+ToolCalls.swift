public import JSON

/// A function that a model may call.
public struct ToolFunction: Sendable, Hashable {
    public var name: String
    /// The schema of the arguments; `nil` where there are none.
    public var parameters: JSONValue?

    public init(name: String, parameters: JSONValue?) {
        self.name = name
        self.parameters = parameters
    }
}

/// Which call a model has to make.
public enum ToolChoice: Hashable, Sendable {
    /// One of the function of this name: the output is the object of its arguments.
    case named(String)
    /// One of any function: the output is `{"name": …, "arguments": {…}}`.
    case required
}

extension JSONSchema {
    /// What a forced call of one of `functions` looks like.
    ///
    /// The path of an error starts with the index of the function: `#/tools/0/parameters/…`.
    public static func toolCall(
        of functions: [ToolFunction], choice: ToolChoice
    ) throws(SchemaError) -> JSONSchema {
        let source = SchemaSource.toolCall(functions, choice)
        var reader = SchemaReader()
        var calls: [ValueShape] = []
        for (index, function) in functions.enumerated() {
            if case .named(let name) = choice, !name.utf8.elementsEqual(function.name.utf8) { continue }
            let path = "#/tools/\(index)/parameters"
            let parameters = function.parameters ?? .object([.init("type", .string("object"))])
            let place = try reader.place(for: parameters, at: path)
            let objects = reader.places[place].filter { if case .object = $0 { true } else { false } }
            guard !objects.isEmpty else {
                throw SchemaError(path: path, reason: "the parameters of a function must be an object")
            }
            let shapes = function.parameters == nil ? [.object(ObjectShape())] : objects
            let arguments = reader.add(shapes, at: path)
            if case .named = choice { return reader.finish(root: arguments, source: source) }
            calls.append(call(of: function.name, arguments: arguments, in: &reader))
        }
        guard !calls.isEmpty else {
            throw SchemaError(path: "#/tool_choice", reason: "there is no such function to call")
        }
        let root = reader.add(calls, at: "#/tools")
        return reader.finish(root: root, source: source)
    }

    private static func call(
        of name: String, arguments: Int, in reader: inout SchemaReader
    ) -> ValueShape {
        let names = reader.add([.strings([Array(name.utf8)])], at: "#/tools")
        return .object(
            ObjectShape(properties: [
                .init(name: Array("name".utf8), place: names, isRequired: true),
                .init(name: Array("arguments".utf8), place: arguments, isRequired: true),
            ]))
    }
}
