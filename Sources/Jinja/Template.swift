/// A chat template in the Jinja2 dialect of `transformers`.
///
/// ```swift
/// let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}")
/// let segments = try template.render(["messages": .list([…])])
/// ```
///
/// The text equals that of `apply_chat_template`: an immutable sandboxed environment with `trim_blocks`,
/// `lstrip_blocks`, loop controls, generation blocks, `tojson`, `raise_exception` and `strftime_now`. Templates and
/// values may be hostile: exceeding a limit is an error.
public struct Template: Sendable {
    /// Maximum characters of a template.
    public static let maximumCount = 1 << 20

    private let statements: [Statement]
    public let limits: RenderingLimits

    /// - Throws: `TemplateError` with the line.
    public init(_ source: String, limits: RenderingLimits = RenderingLimits()) throws(TemplateError) {
        guard source.unicodeScalars.count <= Self.maximumCount else {
            throw TemplateError(.limit, "the template has more than \(Self.maximumCount) characters")
        }
        statements = try Parser.parse(source)
        self.limits = limits
    }

    /// Renders the template.
    ///
    /// The result is divided by origin: text of the template, and text of the request.
    ///
    /// - Parameters:
    /// - context: The names that the template can use.
    /// - secondsSince1970: The time for `strftime_now`; `nil` for the current time.
    /// - Returns: The segments in order. Neighbours have different origins.
    /// - Throws: `TemplateError`. Its kind is `.raised` if the template refuses the values.
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

/// A part of a rendered text.
public struct Segment: Sendable, Hashable {
    public let text: String
    /// Whether it comes from the template, or from values that count as the template's.
    ///
    /// Otherwise it comes from the request.
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

/// Limits on rendering.
public struct RenderingLimits: Sendable, Hashable {
    /// Operations.
    ///
    /// Long texts and lists count as several.
    public var steps = 10_000_000
    /// Characters of the rendered text.
    public var outputCount = 1 << 24
    /// Nested statements, expressions and calls.
    ///
    /// Each takes up to 3 kB of stack.
    public var depth = 200

    public init() {}
}
