import HTTP
import Testing

@Suite struct `Comparing keys` {
    @Test func `a key of one length is not another's beginning`() {
        var keys = APIKeys()
        let longest = String(repeating: "a", count: 256)
        let taken = [longest, longest + "a", "", "with space", "ключ"].map { keys.insert($0) }
        #expect(taken == [true, false, false, false, false])
        #expect(keys.admit(longest))
        #expect(!keys.admit(String(repeating: "a", count: 255)))
        #expect(!keys.admit(longest + longest))
        #expect(!keys.admit("a") && !keys.admit(""))
    }
}
