/// An expression and its line.
struct Expression: Sendable {
    indirect enum Kind: Sendable {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        case text(Text)
        case name(String)
        case list([Expression])
        case tuple([Expression])
        case mapping([(key: Expression, value: Expression)])
        case attribute(Expression, String)
        case item(Expression, Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, CallArguments)
        /// `value` is `nil` where a block's text is filtered.
        case filter(Expression?, name: String, CallArguments)
        case test(Expression, name: String, CallArguments)
        case negative(Expression)
        case positive(Expression)
        case not(Expression)
        case and(Expression, Expression)
        case or(Expression, Expression)
        case binary(BinaryOperator, Expression, Expression)
        case concatenation([Expression])
        case comparison(Expression, [(Comparison, Expression)])
        case conditional(Expression, then: Expression, otherwise: Expression?)
    }

    let kind: Kind
    let line: Int
    /// Nested expressions; the parser bounds the depth.
    let depth: Int
}

/// The arguments of a call.
struct CallArguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
    /// The list in `f(*list)`.
    var unpacked: Expression?
    /// The dict in `f(**dict)`.
    var unpackedNamed: Expression?

    var all: [Expression] {
        positional + named.map(\.value) + [unpacked, unpackedNamed].compactMap(\.self)
    }
}

enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

/// A target of `=`, or of a `for` loop.
indirect enum Target: Sendable {
    case name(String)
    case attribute(ofNamespace: String, String)
    case tuple([Target])
}

/// A tag with its contents, or text between tags.
struct Statement: Sendable {
    indirect enum Kind: Sendable {
        case text(Text)
        case output([Expression])
        case set(Target, Expression)
        case setBlock(Target, filter: Expression?, [Statement])
        case conditional([(test: Expression, body: [Statement])], otherwise: [Statement])
        case loop(ForLoop)
        case macro(MacroDefinition)
        case callBlock(MacroDefinition, call: Expression)
        case filterBlock(Expression, [Statement])
        case with([(Target, Expression)], [Statement])
        /// A named or generation block: only a scope.
        case scope([Statement])
        case breakLoop
        case continueLoop
    }

    let kind: Kind
    let line: Int
}

struct ForLoop: Sendable {
    let target: Target
    let items: Expression
    let test: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
}

struct MacroDefinition: Sendable {
    let name: String
    let parameters: [(name: String, value: Expression?)]
    let body: [Statement]
    /// Whether the body uses these names, so that a call may pass more than the parameters.
    let takesPositional: Bool
    let takesNamed: Bool
    let takesCaller: Bool
}
