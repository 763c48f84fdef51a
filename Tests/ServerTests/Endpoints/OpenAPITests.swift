import Foundation
import OpenAI
import TestSupport
import Testing

@testable import Server

@Suite struct `The OpenAPI document` {
    private static let server = Result { try TestServer() }

    @Test func `it is served`() throws {
        let document = try Self.server.get().send("GET", "/openapi.json").json
        #expect(document["openapi"] as? String == "3.1.0")
        #expect((document["info"] as? [String: Any])?["version"] as? String == Service.version)
    }

    @Test func `it has every route, and no other`() throws {
        let document = try Self.server.get().send("GET", "/openapi.json").json
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let routes = Dictionary(grouping: Route.all, by: \.path).mapValues {
            Set($0.map { $0.method.lowercased() })
        }
        #expect(paths.mapValues { Set($0.keys) } == routes)
    }

    @Test(arguments: Route.all.map { ($0.method, $0.path) })
    func `every route is answered`(method: String, path: String) throws {
        let path = path.replacing("{model}", with: "gpt-4")
        let response = try Self.server.get().send(method, path)
        #expect(response.error["code"] as? String != "unknown_url")
        #expect(response.error["code"] as? String != "method_not_supported")
    }

    @Test func `every schema that is referred to is there`() throws {
        let text = String(decoding: OpenAPIDocument.json(asksForKey: false), as: UTF8.self)
        let names = text.components(separatedBy: "#/components/schemas/").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
        #expect(Set(names).isSubset(of: Set(APISchema.all.map(\.name))))
    }

    @Test func `it knows every parameter, and only those`() throws {
        let document = try Self.server.get().send("GET", "/openapi.json").json
        let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: Any]
        func parameters(_ schema: String) throws -> Set<String> {
            let object = try #require(schemas?[schema] as? [String: Any])
            return Set(try #require(object["properties"] as? [String: Any]).keys)
        }
        #expect(try parameters("ChatCompletionRequest") == ChatCompletionRequest.known)
        #expect(try parameters("CompletionRequest") == CompletionRequest.known)
        #expect(try parameters("ResponsesRequest") == ResponsesRequest.known)
        #expect(try parameters("EmbeddingRequest") == EmbeddingRequest.known)
        #expect(try parameters("TokenizeRequest") == TokenizeRequest.known)
        #expect(try parameters("DetokenizeRequest") == DetokenizeRequest.known)
    }
}
