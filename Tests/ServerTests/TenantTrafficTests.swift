import Engine
import Testing
import TestSupport
import Threads
@testable import Server

@Suite struct `Tenants` {
    private static var options: TenantOptions {
        var options = TenantOptions()
        options.count = 4
        options.think = 0.5
        options.models = ["a", "b"]
        options.prompts = ["x", "y", "z"]
        options.maximumTokens = 10...20
        return options
    }

    private static func turns(
        _ options: TenantOptions, tenant: Int, count: Int = 2_000
    ) -> [TenantSchedule.Turn] {
        var schedule = TenantSchedule(options, tenant: tenant)
        return (0..<count).map { _ in schedule.next() }
    }

    @Test func `a seed makes the same traffic again, and tenants differ`() {
        let one = Self.turns(Self.options, tenant: 1)
        #expect(one == Self.turns(Self.options, tenant: 1))
        #expect(one != Self.turns(Self.options, tenant: 2))
        var other = Self.options
        other.seed = 2
        #expect(one != Self.turns(other, tenant: 1))
    }

    @Test func `they think for an exponential time with the mean they were given`() {
        let seconds = Self.turns(Self.options, tenant: 0).map(\.think.seconds)
        #expect(abs(seconds.reduce(0, +) / 2_000 - 0.5) < 0.05)
        // Of an exponential distribution 1/e is beyond the mean.
        #expect(abs(Double(seconds.count { $0 > 0.5 }) / 2_000 - 0.368) < 0.04)
    }

    @Test func `they use every model, prompt and length in their range`() {
        let turns = Self.turns(Self.options, tenant: 0)
        #expect(Set(turns.map(\.model)) == ["a", "b"])
        #expect(Set(turns.map(\.prompt)) == ["x", "y", "z"])
        #expect(Set(turns.map(\.maximumTokens)) == Set(10...20))
    }

    @Test func `their requests share steps with a client's, and change its answer`() throws {
        let server = try TestServer {
            $0.tenants.count = 6
            $0.tenants.think = 0.02
            $0.tenants.models = ["gpt-4"]
            $0.engine.pace = Pace(perStep: .milliseconds(1))
        }
        #expect(
            try server.eventually {
                (try server.metric(#"jostle:mixed_groups_total{model_name="gpt-4"}"#) ?? 0) > 20
            })
        let body = chat().replacing("12", with: "60")
        func texts(_ body: String, _ count: Int) throws -> Set<String?> {
            Set(try (0..<count).map { _ in try server.send("POST", "/v1/chat/completions", body).content })
        }
        #expect(try texts(body, 12).count > 1)
        #expect(try texts(body.replacing("gpt-4", with: "gpt-4:per-sequence"), 12).count == 1)
    }

    @Test func `they cannot ask a model that is not served`() {
        let error = #expect(throws: ServiceError.self) {
            _ = try TestServer {
                $0.tenants.count = 1
                $0.tenants.models = ["gpt-9"]
            }
        }
        #expect(error?.kind == .configuration)
        #expect(error?.description.hasPrefix("tenants: 'gpt-9' ") == true, "\(error?.description ?? "")")
    }
}
