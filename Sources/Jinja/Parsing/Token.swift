/// A token of a template.
struct Token: Equatable {
    enum Kind: Equatable {
        /// Text between tags.
        case data(String)
        case blockBegin
        case blockEnd
        case variableBegin
        case variableEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int

    var description: String {
        switch kind {
        case .data: "text"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .name(let text), .symbol(let text): "'\(text)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .end: "the end of the template"
        }
    }
}
