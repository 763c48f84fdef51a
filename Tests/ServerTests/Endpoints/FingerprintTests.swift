import Engine
import ExpertRouting
import Foundation
import Numerics
import TestSupport
import Testing
@testable import Server

/// `system_fingerprint` changes exactly when weights, routing, numerics or isolation do.
@Suite struct `A system fingerprint` {
    private static func fingerprint(
        _ server: TestServer, _ fields: String = "", model: String = "gpt-4"
    ) throws -> String {
        let response = try server.send("POST", "/v1/chat/completions", chat(fields, model: model))
        return try #require(response.json["system_fingerprint"] as? String)
    }

    @Test func `is the same for every request, whatever the sizes, threads and kernels`() throws {
        let server = try TestServer()
        let one = try Self.fingerprint(server)
        #expect(one.wholeMatch(of: /fp_[0-9a-f]{16}/) != nil)
        #expect(try Self.fingerprint(server, #""seed":5,"n":2,"stream":false,"tools":[]"#) == one)
        #expect(try Self.fingerprint(TestServer { $0.engine.maximumRunning = 3 }) == one)
        #expect(try Self.fingerprint(TestServer { $0.threads = 2 }) == one)
        #expect(try Self.fingerprint(TestServer { $0.engine.cachesPrefixes = false }) == one)
        #expect(try Self.fingerprint(TestServer { $0.kernels = .portable }) == one)
    }

    @Test func `changes with the isolation, however that is chosen, and back`() throws {
        let server = try TestServer()
        let shared = try Self.fingerprint(server)
        let isolated = try Self.fingerprint(server, #""isolation":"per-sequence""#)
        #expect(isolated != shared)
        #expect(try Self.fingerprint(server, model: "gpt-4:per-sequence") == isolated)
        #expect(try Self.fingerprint(TestServer { $0.isolation = .perSequence }) == isolated)
        #expect(try Self.fingerprint(server, model: "gpt-4:dropless") != isolated)
        _ = try server.send("PUT", "/admin/routing", #"{"isolation":"per-sequence"}"#)
        #expect(try Self.fingerprint(server) == isolated)
        _ = try server.send("PUT", "/admin/routing", #"{"isolation":"cross-sequence"}"#)
        #expect(try Self.fingerprint(server) == shared)
    }

    @Test(arguments: [
        ("capacity_factor", "4"), ("overflow", #""reroute""#), ("group_size", "64"),
        ("slot_priority", #""random""#), ("min_capacity", "7"), ("capacity_basis", #""padded""#),
    ])
    func `changes with the routing, and back`(knob: String, value: String) throws {
        let server = try TestServer()
        func put(_ body: String) throws {
            let response = try server.send("PUT", "/admin/routing?model=gpt-4", body)
            #expect(response.status == 200, "\(response.text)")
        }
        let before = try Self.fingerprint(server)
        let routing = try server.send("GET", "/admin/routing?model=gpt-4").json
        let old = try #require((routing["data"] as? [[String: Any]])?.first?[knob])
        try put("{\"\(knob)\":\(value)}")
        #expect(try Self.fingerprint(server) != before)
        let restored = try JSONSerialization.data(withJSONObject: [knob: old])
        try put(String(decoding: restored, as: UTF8.self))
        #expect(try Self.fingerprint(server) == before)
    }

    @Test func `changes with numerics and with what weights are rounded to`() throws {
        var seen: [String] = []
        for numerics in NumericsMode.allCases {
            seen.append(try Self.fingerprint(TestServer { $0.numerics = numerics }))
        }
        seen.append(try Self.fingerprint(TestServer { $0.weightType = .int8 }))
        #expect(Set(seen).count == NumericsMode.allCases.count + 1)
    }

    @Test func `differs between models with different weights or rules`() throws {
        let server = try TestServer()
        let names = ["gpt-4", "gpt-3.5-turbo"]
        #expect(Set(try names.map { try Self.fingerprint(server, model: $0) }).count == 2)
    }
}
