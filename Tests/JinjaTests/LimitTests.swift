import ExpertRouting
import Foundation
import Jinja
import Testing

@Suite struct `A hostile template` {
    /// The error of a rendering on a thread with a quarter of the usual stack.
    private static func error(
        _ source: String, _ context: [String: ContextValue] = [:], steps: Int? = nil
    ) throws -> TemplateError {
        final class Box: @unchecked Sendable {
            var error: TemplateError?
        }
        var limits = RenderingLimits()
        limits.steps = steps ?? 100_000
        let box = Box()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread { [limits] in
            do throws(TemplateError) {
                _ = try Template(source, limits: limits).render(context)
            } catch {
                box.error = error
            }
            done.signal()
        }
        thread.stackSize = 2 << 20
        thread.start()
        done.wait()
        return try #require(box.error)
    }

    private static func grown(_ change: String, from start: String) -> String {
        "{% set ns = namespace(x=\(start)) %}{% for i in range(9999) %}{% set ns.x = \(change) %}{% endfor %}{{ ns.x }}"
    }

    @Test(arguments: [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% for i in range(9) %}{{ m(n + 1) }}{% endfor %}{% endmacro %}{{ m(0) }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% for i in range(99999) %}{{ 'a' * 99999 }}{% endfor %}",
        "{% set a = range(99999)|list %}{% for i in a %}{% for j in a %}{% break %}{% endfor %}{% endfor %}",
        "{% set a = ' ' * 999999 %}{% for i in range(99999) %}{{ a|trim }}{{ a|int }}{{ a.strip() }}{% endfor %}",
    ])
    func `that never ends is stopped`(source: String) throws {
        #expect(try Self.error(source).kind == .limit)
    }

    @Test(arguments: [
        grown("ns.x ~ ns.x", from: "'ab'"), grown("ns.x + ns.x", from: "[1]"), grown("[ns.x]", from: "1"),
        grown("[ns.x, ns.x]", from: "1"), grown("{'a': ns.x, 'b': ns.x}", from: "1"),
        grown("(ns.x, ns.x)", from: "1"),
        grown("ns.x|list|map('string')|list + [ns.x]", from: "[1]"), grown("[ns.x]|select", from: "1"),
        grown("ns.x|tojson", from: "'\"'"), grown("ns.x * 2", from: "1"), grown("ns", from: "1"),
        "{{ 'a' * 10 ** 12 }}", "{{ [1] * 10 ** 12 }}", "{{ range(10 ** 12) }}", "{{ 'a'.center(10 ** 12) }}",
        "{{ 'a'|indent(10 ** 12) }}", "{{ [1]|tojson(indent=10 ** 12) }}",
        "{{ [1]|batch(10 ** 12, 1)|list }}",
        "{{ 'a'.zfill(10 ** 12) }}", "{{ 10 ** 99 }}", "{{ 9223372036854775807 + 1 }}",
        "{% set a = 'a' * 99999 %}{{ a.replace('a', a) }}", "{% set a = 'a' * 99999 %}{{ a.join(a|list) }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}",
    ])
    func `that grows a value without end is stopped`(source: String) throws {
        let error = try Self.error(source, steps: 150_000)
        #expect(error.kind == .limit, "\(error)")
    }

    @Test(arguments: [
        ("{{ ", "(", "1"), ("{{ ", "[", "1"), ("{{ ", "{1:", "1"), ("{{ ", "not ", "1"), ("{{ ", "-", "1"),
        ("{{ ", "1 + ", "1"), ("{{ ", "1 ** ", "1"), ("{{ 1", "|abs", ""), ("{{ x", ".a", ""),
        ("{{ x", "[0]", ""),
        ("{{ x", "()", ""), ("{{ ", "1 if ", "1"), ("{{ ", "1 if 1 else ", "1"), ("{{ ", "f(", "1"),
        ("{{ ", "1 or ", "1"), ("", "{% if 1 %}", ""), ("", "{% for i in x %}", ""), ("{% set ", "(", "a"),
        ("", "{% set x %}", ""), ("", "{% filter upper %}", ""), ("{{ 1", "|f(1", ""),
        ("{{ 1", " is x(1", ""),
        ("{{ ", "1 in ", "1"), ("{{ ", "-+", "1"), ("{{ x", "[", ""), ("{{ x", "[1:", ""),
    ])
    func `that is nested without end is refused`(begin: String, nested: String, end: String) throws {
        let source = begin + String(repeating: nested, count: 20_000) + end + " }}"
        #expect([.limit, .syntax, .evaluation].contains(try Self.error(source).kind))
    }

    @Test func `that is as deep as allowed renders`() throws {
        let depth = 25
        let source =
            String(repeating: "{% if 1 %}", count: depth) + "{{ " + String(repeating: "(1 + ", count: depth)
            + "1"
            + String(repeating: ")", count: depth) + " }}" + String(repeating: "{% endif %}", count: depth)
        #expect(try Template(source).render([:]) == [Segment(text: "\(depth + 1)", isTemplate: true)])
    }

    @Test func `that looks for patterns in patterns takes linear time`() throws {
        let text = String(repeating: "a", count: 200_000)
        let pattern = String(repeating: "a", count: 100_000) + "b"
        let segments = try Template("{{ pattern in text }}{{ text.count(pattern) }}{{ text.rfind(pattern) }}")
            .render([
                "text": .text(text), "pattern": .text(pattern),
            ])
        #expect(segments.map(\.text) == ["False0-1"])
    }

    @Test func `longer than allowed is refused`() {
        let source = String(repeating: "a", count: Template.maximumCount + 1)
        let error = #expect(throws: TemplateError.self) { try Template(source) }
        #expect(error?.kind == .limit)
        #expect(error?.message == "the template has more than \(Template.maximumCount) characters")
    }

    @Test func `given values nested without end is refused`() throws {
        var value = ContextValue.none
        for _ in 0..<1000 { value = .list([value]) }
        #expect(try Self.error("{{ x }}", ["x": value]).kind == .limit)
    }
}

@Suite struct `A broken template` {
    private static func mutated(_ source: [Unicode.Scalar], _ numbers: inout SplitMix64) -> String {
        var scalars = source
        let pieces = [
            "{{", "}}", "{%", "%}", "-", "(", ")", "[", "]", "|", "'", " ", "\n", ".", "not ", "loop", "0",
            "{#", "is ",
        ]
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let place = Int.random(in: 0..<scalars.count, using: &numbers)
            let end = min(scalars.count, place + Int.random(in: 0...6, using: &numbers))
            let piece = pieces.randomElement(using: &numbers) ?? ""
            scalars.replaceSubrange(
                place..<end, with: Bool.random(using: &numbers) ? Array(piece.unicodeScalars) : [])
            if scalars.isEmpty { break }
        }
        return text(scalars)
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test(arguments: try TemplateFixtures.templates.get().keys.sorted())
    func `is an error or renders, and never more`(name: String) throws {
        let source = Array(try #require(try TemplateFixtures.templates.get()[name]).unicodeScalars)
        let conversations = try TemplateFixtures.conversations.get()
        var numbers = SplitMix64(seed: UInt64(source.count))
        var limits = RenderingLimits()
        limits.steps = 5000
        for round in 0..<60 {
            let broken =
                round.isMultiple(of: 3)
                ? Self.text(source.prefix(Int.random(in: 0..<source.count, using: &numbers)))
                : Self.mutated(source, &numbers)
            let context = conversations[round % conversations.count].context.values
            do throws(TemplateError) {
                _ = try Template(broken, limits: limits).render(context)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
