import Jinja
import Testing

@Suite struct `A template` {
    @Test(arguments: try TemplateFixtures.templates.get().keys.sorted())
    func `renders every conversation as transformers renders it`(name: String) throws {
        let template = try #require(try TemplateFixtures.templates.get()[name])
        let expected = try #require(try TemplateFixtures.renderings.get()[name])
        let conversations = try TemplateFixtures.conversations.get()
        #expect(expected.count == conversations.count)
        for (conversation, expected) in zip(conversations, expected) {
            let rendering = TemplateFixtures.Rendering(template, conversation.context.values)
            #expect(rendering == expected, "\(name): \(conversation.name)")
        }
    }

    @Test func `is one of at least twenty, each with at least fifteen conversations`() throws {
        #expect(try TemplateFixtures.templates.get().count >= 20)
        #expect(try TemplateFixtures.conversations.get().count >= 15)
    }

    @Test func `evaluates every expression as transformers does`() throws {
        let expressions = try TemplateFixtures.read(TemplateFixtures.Expressions.self, "expressions.json")
        #expect(expressions.templates.count >= 300)
        for expression in expressions.templates {
            let rendering = TemplateFixtures.Rendering(expression.template, expressions.context.values)
            #expect(rendering == expression.rendering, "\(expression.template)")
        }
    }
}
