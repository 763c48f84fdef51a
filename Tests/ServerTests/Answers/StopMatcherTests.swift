import Testing

@testable import Server

@Suite struct `Stop strings` {
    /// Feeds pieces; returns what was released after each, with `!` where a stop was found.
    private static func run(_ stops: [String], _ pieces: [String]) -> [String] {
        var matcher = StopMatcher(stops)
        var released: [String] = []
        for piece in pieces {
            let (text, isMatch) = matcher.append(piece)
            released.append(text + (isMatch ? "!" : ""))
            if isMatch { return released }
        }
        return released + [matcher.finish()]
    }

    @Test(arguments: [
        (["stop"], ["a st", "op b"], "a stop"), (["ab", "abc"], ["xabc"], "xab"),
        (["abc", "b"], ["xa", "bc"], "xabc"),
    ])
    func `an included stop string is the shortest of those that start first`(
        stops: [String], pieces: [String], expected: String
    ) {
        var matcher = StopMatcher(stops, includesStop: true)
        #expect(pieces.map { matcher.append($0).released }.joined() == expected)
    }

    @Test(arguments: [
        (["stop"], ["a st", "op b"], ["a ", "!"]),
        (["stop"], ["a st", "ar"], ["a ", "star", ""]),
        (["stop"], ["a sto"], ["a ", "sto"]),
        (["ab", "b"], ["xab"], ["x!"]),
        (["aab"], ["aa", "ab"], ["", "a!"]),
        (["é"], ["caf\u{e9}s"], ["caf!"]),
        (["\n\n"], ["one\n", "two\n", "\nthree"], ["one", "\ntwo", "!"]),
        ([], ["as it", " comes"], ["as it", " comes", ""]),
    ])
    func `text is held back while it may be the beginning of one`(
        stops: [String], pieces: [String], expected: [String]
    ) {
        #expect(Self.run(stops, pieces) == expected)
    }
}
