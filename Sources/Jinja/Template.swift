/// A chat template in Jinja2's language, as `transformers` runs it.
///
/// ```swift
/// let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}")
/// let segments = try template.render(["messages": .list([…])])
/// ```
///
/// The text equals that of `apply_chat_template`: an immutable sandboxed environment with `trim_blocks`,
/// `lstrip_blocks`, loop controls, generation blocks, `tojson`, `raise_exception` and `strftime_now`. Templates
/// and values may be hostile: what goes beyond a limit is an error.
public struct Template: Sendable {
    /// Characters of a template that is read.
    public static let maximumCount = 1 << 20

    private let statements: [Statement]
    public let limits: RenderingLimits

    /// - Throws: `TemplateError` that names the line.
    public init(_ source: String, limits: RenderingLimits = RenderingLimits()) throws(TemplateError) {
        guard source.unicodeScalars.count <= Self.maximumCount else {
            throw TemplateError(.limit, "the template has more than \(Self.maximumCount) characters")
        }
        statements = try Parser.parse(source)
        self.limits = limits
    }

    /// The template's text for the values, in pieces by who wrote them.
    ///
    /// - Parameters:
    ///   - context: the names that the template can use.
    ///   - secondsSince1970: the time that `strftime_now` tells, or `nil` for the clock's.
    /// - Returns: the segments in order, no two neighbours of the same hand.
    /// - Throws: `TemplateError`; its kind is `.raised` where the template refuses the values.
    public func render(
        _ context: [String: ContextValue], secondsSince1970: Int? = nil
    ) throws(TemplateError) -> [Segment] {
        var values: [String: Value] = [:]
        for (name, value) in context { values[name] = try value.value() }
        let interpreter = Interpreter(context: values, limits: limits, time: secondsSince1970)
        _ = try interpreter.execute(statements)
        return Segment.segments(of: interpreter.output)
    }
}

/// A piece of a rendered text.
public struct Segment: Sendable, Hashable {
    public let text: String
    /// Whether the template wrote it, or values that count as its own; otherwise it came with the request.
    public let isTemplate: Bool

    public init(text: String, isTemplate: Bool) {
        self.text = text
        self.isTemplate = isTemplate
    }

    static func segments(of letters: [Letter]) -> [Segment] {
        var segments: [Segment] = []
        var rest = letters[...]
        while let first = rest.first {
            let run = rest.prefix { $0.isTemplate == first.isTemplate }
            segments.append(Segment(text: Text(run).string, isTemplate: first.isTemplate))
            rest = rest[run.endIndex...]
        }
        return segments
    }
}

/// What a template may take before it is stopped.
public struct RenderingLimits: Sendable, Hashable {
    /// Operations; long texts and lists count as several.
    public var steps = 10_000_000
    /// Characters of the rendered text.
    public var outputCount = 1 << 24
    /// Statements, expressions and calls within each other; each takes up to 3 kB of the stack.
    public var depth = 200

    public init() {}
}
