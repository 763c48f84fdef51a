/// A value of the template language, with Python's semantics.
enum Value {
    /// An undefined value; the text says what is undefined.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(Text)
    case list(Items)
    case tuple(Items)
    case mapping(Mapping)
    case range(Progression)
    case view(View)
    case iterator(OnePass)
    case loop(Loop)
    case method(Method)
    case function(Function)
    // Values that can contain themselves are owned by the interpreter and referenced by number, so that no reference
    // cycle survives it.
    case namespace(Int)
    case macro(Int)

    static func text(_ string: String) -> Value { .text(Text(string)) }

    /// The size of its contents: the cost of visiting all of it.
    var extent: Extent {
        switch self {
        case .text(let text): Extent(depth: 0, weight: 1 + text.count / Text.lettersPerStep)
        case .list(let items), .tuple(let items): items.extent
        case .mapping(let mapping): mapping.extent
        case .view(let view): view.items.extent
        case .iterator(let iterator): iterator.extent
        case .loop(let loop): loop.extent
        case .method(let method): method.receiver.extent
        default: Extent(depth: 0, weight: 1)
        }
    }

    /// Python's truth value.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let bool): bool
        case .integer(let integer): integer != 0
        case .float(let float): float != 0
        case .text(let text): !text.isEmpty
        case .list(let items), .tuple(let items): !items.values.isEmpty
        case .mapping(let mapping): !mapping.keys.isEmpty
        case .range(let range): range.count > 0
        case .view(let view): !view.items.values.isEmpty
        case .iterator, .loop, .method, .function, .namespace, .macro: true
        }
    }

    /// Its Python type name, for messages.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .text: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .mapping: "dict"
        case .range: "range"
        case .view(let view): view.kind.rawValue
        case .iterator: "generator"
        case .loop: "LoopContext"
        case .method, .function: "function"
        case .namespace: "Namespace"
        case .macro: "Macro"
        }
    }
}

/// The depth and total size of a value.
///
/// Shared parts count each time they occur.
///
/// A template can put a list into a list twice, and that list into another twice, and so on. A few steps then create a
/// value that takes forever to print or compare, or overflows the stack.
struct Extent {
    private static let maximumDepth = 300
    private static let maximumWeight = 16_000_000

    private(set) var depth = 1
    private(set) var weight = 1

    init(depth: Int, weight: Int) {
        self.depth = depth
        self.weight = weight
    }

    init(ofContainerWith values: [Value]...) throws(TemplateError) {
        for value in values.joined() {
            let extent = value.extent
            depth = max(depth, extent.depth + 1)
            weight += extent.weight
            guard depth <= Self.maximumDepth else {
                throw TemplateError(.limit, "lists are nested more than \(Self.maximumDepth) deep")
            }
            guard weight <= Self.maximumWeight else {
                throw TemplateError(.limit, "a list holds too much")
            }
        }
    }
}

/// The values of a list or tuple.
///
/// Immutable, as the sandbox requires.
struct Items {
    static let maximumCount = 1_000_000

    let values: [Value]
    let extent: Extent

    init(_ values: [Value]) throws(TemplateError) {
        guard values.count <= Self.maximumCount else {
            throw TemplateError(.limit, "a list has more than \(Self.maximumCount) values")
        }
        self.values = values
        extent = try Extent(ofContainerWith: values)
    }
}

/// A dictionary in insertion order.
final class Mapping {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    let extent: Extent
    private var positions: [Key: Int] = [:]

    init(_ pairs: [(key: Value, value: Value)]) throws(TemplateError) {
        guard pairs.count <= Items.maximumCount else {
            throw TemplateError(.limit, "a dict has more than \(Items.maximumCount) keys")
        }
        extent = try Extent(ofContainerWith: pairs.map(\.key), pairs.map(\.value))
        for (key, value) in pairs {
            guard let name = Key(key) else {
                throw .evaluation("unhashable type: '\(key.typeName)'")
            }
            if let position = positions[name] {
                values[position] = value
            } else {
                positions[name] = keys.count
                keys.append(key)
                values.append(value)
            }
        }
    }

    var pairs: [(key: Value, value: Value)] {
        zip(keys, values).map { ($0, $1) }
    }

    subscript(key: Value) -> Value? {
        Key(key).flatMap { positions[$0] }.map { values[$0] }
    }

    subscript(key: String) -> Value? {
        self[.text(key)]
    }
}

/// A dictionary key: equal numbers are the same key.
enum Key: Hashable {
    case none
    case undefined
    case integer(Int)
    case float(Double)
    case text(Text)
    case tuple([Key])

    /// `nil` for values that Python cannot hash.
    init?(_ value: Value) {
        switch value {
        case .none: self = .none
        case .undefined: self = .undefined
        case .bool(let bool): self = .integer(bool ? 1 : 0)
        case .integer(let integer): self = .integer(integer)
        case .float(let float): self = Int(exactly: float).map(Key.integer) ?? .float(float)
        case .text(let text): self = .text(text)
        case .tuple(let items):
            var keys: [Key] = []
            for item in items.values {
                guard let key = Key(item) else { return nil }
                keys.append(key)
            }
            self = .tuple(keys)
        default: return nil
        }
    }
}

/// The result of `range()`.
struct Progression: Hashable {
    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    /// The limit of Jinja's sandbox.
    static let maximumCount = 100_000

    init(start: Int, stop: Int, step: Int) throws(TemplateError) {
        guard step != 0 else { throw .evaluation("range() arg 3 must not be zero") }
        self.start = start
        self.stop = stop
        self.step = step
        let (distance, overflow) =
            step > 0
            ? stop.subtractingReportingOverflow(start)
            : start.subtractingReportingOverflow(stop)
        let stride = step.magnitude
        guard !overflow, distance <= 0 || (UInt(distance) - 1) / stride < UInt(Self.maximumCount) else {
            throw TemplateError(.limit, "range() has more than \(Self.maximumCount) values")
        }
        count = distance <= 0 ? 0 : Int((UInt(distance) - 1) / stride) + 1
    }

    var values: [Value] { (0..<count).map { .integer(start + $0 * step) } }
}

/// The result of `dict.keys()`, `.values()` and `.items()`.
struct View {
    enum Kind: String {
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }
    let kind: Kind
    let items: Items
}

/// Values that can be iterated once, like a Python generator.
final class OnePass {
    private var rest: ArraySlice<Value>
    let extent: Extent

    init(_ items: Items) {
        rest = items.values[...]
        extent = items.extent
    }

    func next() -> Value? { rest.popFirst() }

    func takeAll() -> [Value] {
        defer { rest = [] }
        return Array(rest)
    }
}

/// A method bound to its value.
final class Method {
    let receiver: Value
    let name: String

    init(_ receiver: Value, _ name: String) {
        self.receiver = receiver
        self.name = name
    }
}

/// A function that every template can call.
enum Function: String, CaseIterable {
    case range
    case dict
    case namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}
