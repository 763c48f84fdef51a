import ExpertRouting
import Testing

@Suite struct SplitMix64Tests {
    /// The first outputs of the reference implementation (Vigna, splitmix64.c) for this seed.
    private static let reference: [UInt64] = [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]

    @Test func `the numbers are the reference implementation's`() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect((0..<5).map { _ in generator.next() } == Self.reference)
    }

    @Test func `the number of a count is the generator's`() {
        #expect((0..<5).map { SplitMix64.bits(seed: 1_234_567, count: $0) } == Self.reference)
    }
}
