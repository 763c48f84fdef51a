import Jinja
import Testing

@Suite struct `An error of a template` {
    private static func error(_ source: String) throws -> TemplateError {
        try #require(throws: TemplateError.self) { try Template(source).render(["n": .integer(7)]) }
    }

    @Test(arguments: [
        ("a\n{{ n.b.c }}", 2, "has no attribute 'b'"), ("{{ nope.x }}", 1, "'nope' is undefined"),
        ("\n\n{% if n %}\n{{ n|nope }}{% endif %}", 4, "no filter 'nope'"),
        ("{{ n is nope }}", 1, "no test 'nope'"),
        ("{% if n %}\nx", 2, "'elif' or 'else' or 'endif' is missing"),
        ("x\n{% nope %}", 2, "unknown tag 'nope'"),
        ("\n{{ 'x }}", 2, "the string has no end"), ("a\n\n{# b", 3, "the comment has no end"),
        ("{{ 1 +\n\n }}", 3, "expected an expression, but found '}}'"),
        ("{% include 'x' %}", 1, "'include' is not supported"),
        ("{{ n + 'a' }}", 1, "unsupported operand type(s) for +: 'int' and 'str'"),
        ("a\n{% set x = [] %}\n{{ x.append(1) }}", 3, "'append' of 'list' object is unsafe"),
        ("{% for i in n %}{% endfor %}", 1, "'int' object is not iterable"),
        ("{{ n", 1, "the tag has no end"),
    ])
    func `names its line and what is wrong`(source: String, line: Int, message: String) throws {
        let error = try Self.error(source)
        #expect(error.line == line, "\(error)")
        #expect(error.description.contains(message), "\(error)")
        #expect(error.kind != .raised)
    }

    @Test func `that the template raises has the template's words`() throws {
        let error = try Self.error("\n{{ raise_exception('No ' ~ n ~ '!') }}")
        #expect(error.kind == .raised)
        #expect(error.message == "No 7!")
        #expect(error.line == 2)
    }

    @Test func `is known when the template is parsed, unless it depends on values`() {
        let error = #expect(throws: TemplateError.self) { try Template("{% if %}") }
        #expect(error?.kind == .syntax)
        #expect(error?.line == 1)
        #expect(throws: Never.self) { try Template("{{ n.b.c }}") }
    }
}
