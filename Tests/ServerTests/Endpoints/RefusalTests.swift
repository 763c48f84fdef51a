import Catalog
import Engine
import Foundation
import HTTP
import Testing
import TestSupport
@testable import Server

@Suite struct `Refusals` {
    private static let server = Result { try TestServer(.memory) }
    private static let listening = Result { try TestServer(.socket) }

    @Test(arguments: Refusal.all, Transport.allCases)
    func `each refusal has its status and an error of four fields`(
        refusal: Refusal, transport: Transport
    ) throws {
        let server = transport == .memory ? Self.server : Self.listening
        let response = try server.get().send(refusal.method, refusal.path, refusal.body)
        #expect(response.status == refusal.status)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["x-request-id"]?.hasPrefix("req-") == true)
        #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        #expect(response.error["type"] as? String == "invalid_request_error")
        #expect(response.error["param"] as? String == refusal.param)
        #expect(response.error["code"] as? String == refusal.code)
        let message = response.error["message"] as? String ?? ""
        #expect(message.contains(refusal.says), "said: \(message)")
    }

    @Test func `a full queue is 503 with a time to come back`() throws {
        let server = try TestServer(.socket) {
            $0.engine.maximumRunning = 1
            $0.engine.maximumQueued = 1
            $0.engine.pace = Pace(perStep: .milliseconds(20))
        }
        let clients = try (0..<4).map { _ in try server.connect() }
        for client in clients {
            client.send(RawClient.request("POST", "/v1/chat/completions", body: chat(#""stream":true"#)))
        }
        let statuses = try clients.map { try $0.response() }
        let refused = statuses.filter { $0.status == 503 }
        #expect(!refused.isEmpty)
        #expect(statuses.contains { $0.status == 200 })
        for response in refused {
            #expect(response.headers["retry-after"] == "1")
            #expect(response.error["type"] as? String == "server_error")
            #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        }
    }

    @Test func `refusals are counted by status and code`() throws {
        let server = try TestServer(.socket) { _ = $0.keys.insert("sk-1") }
        _ = try server.send("GET", "/v1/nothing")
        let key = "Authorization: Bearer sk-1\r\n"
        for _ in 0..<2 { _ = try server.send("POST", "/v1/completions", "{}", headers: key) }
        _ = try server.send("POST", "/v1/chat/completions", chat(model: "nobody"), headers: key)
        let page = try server.send("GET", "/metrics", headers: key).text
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("jostle:refused_requests_total{") }
        #expect(
            lines == [
                #"jostle:refused_requests_total{status="400",code=""} 2"#,
                #"jostle:refused_requests_total{status="401",code="invalid_api_key"} 1"#,
                #"jostle:refused_requests_total{status="404",code="model_not_found"} 1"#,
            ])
    }

    @Test func `a chat template refuses messages in its own words, or is said not to take them`() throws {
        let source = Checkpoints.fixtures.appending(path: "checkpoints/tiny-mixtral-f32")
        let folder = try TemporaryFolder()
        for name in ["config.json", "tokenizer.json", "model.safetensors"] {
            _ = try folder.write(name, Data(contentsOf: source.appending(path: name)))
        }
        _ = try folder.write(
            "chat_template.jinja",
            "{% if messages[0].role != 'user' %}{{ raise_exception('Users only!') }}{% endif %}{{ nope.x }}")
        let catalogue = try folder.write(
            "catalog.yaml",
            """
            models:
              - {name: m, checkpoint: ., endpoints: [chat], context_length: 32, maximum_token_id: 9}
            """)
        let server = try TestServer { $0.models = .catalogue(catalogue) }
        for (role, says) in [
            ("system", "Users only!"), ("user", "The chat template cannot render these messages"),
        ] {
            let body = #"{"model":"m","messages":[{"role":"\#(role)","content":"x"}]}"#
            let response = try server.send("POST", "/v1/chat/completions", body)
            #expect(response.status == 400)
            #expect(response.error["param"] as? String == "messages")
            #expect(response.error["code"] as? String == "invalid_value")
            #expect((response.error["message"] as? String ?? "").hasPrefix(says))
        }
    }

    /// What is refused in other suites, with the suites' names.
    private static let elsewhere: [(status: Int, code: String?, param: String?)] =
        `Unreadable requests`.cases.map { ($0.1, $0.2, nil) } + [
            // `Access`
            (401, "invalid_api_key", nil),
            // `Connections`
            (503, "shutting_down", nil), (504, "timeout", nil),
            // `Readiness`
            (503, "loading", nil),
            // Above.
            (503, "queue_full", nil),
        ]

    @Test func `docs/api.md has a row for each refusal, and each row a test`() throws {
        let tested = Refusal.all.map { ($0.status, $0.code, $0.param) } + Self.elsewhere
        let rows = try RefusalRow.table(in: "docs/api.md")
        #expect(rows.count > 30)
        for (status, code, param) in tested {
            #expect(
                rows.contains { $0.covers(status, code, param) },
                "no row for \(status) \(code ?? "null") \(param ?? "null")")
        }
        for row in rows {
            #expect(tested.contains { row.covers($0.0, $0.1, $0.2) }, "no test for \(row.text)")
        }
    }
}

/// A row of the table of refusals: `| status | type | code | param | when |`.
private struct RefusalRow {
    let text: String
    private let status: Int
    private let type: String
    private let code: String
    /// As in `messages[i].role`; in plain words where it is whatever parameter is at fault.
    private let params: [String]

    static func table(in path: String) throws -> [RefusalRow] {
        let document = try String(
            contentsOf: Checkpoints.repositoryRoot.appending(path: path), encoding: .utf8)
        let rest = try #require(document.split(separator: "## Refusals").last)
        let section = rest.split(separator: "\n## ")[0]
        return try section.split(separator: "\n").filter { $0.wholeMatch(of: /\| [45]\d\d \|.*/) != nil }
            .map { try RefusalRow(String($0)) }
    }

    private init(_ line: String) throws {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        text = line
        status = try #require(Int(cells[0]))
        type = cells[1]
        code = cells[2]
        params = cells[3].components(separatedBy: ", ")
        #expect(
            type == ([503, 504].contains(status) ? "`server_error`" : "`invalid_request_error`"), "\(line)")
    }

    func covers(_ status: Int, _ code: String?, _ param: String?) -> Bool {
        let place = param.map { "`" + $0.replacing(/\d+/, with: "i") + "`" } ?? "null"
        return status == self.status && self.code == (code.map { "`\($0)`" } ?? "null")
            && (params.contains(place) || (param != nil && !params[0].contains(/`|null/)))
    }
}
