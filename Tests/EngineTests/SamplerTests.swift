import ExpertRouting
import Numerics
import Testing
import TestSupport
import Tokenizers
import Transformer
@testable import Engine

@Suite struct SamplerTests {
    private static func sample(
        _ logits: [Float], _ sampling: Sampling, position: Int = 3, topLogprobs: Int? = nil
    ) -> SampledToken {
        var sampler = Sampler(kernels: Kernels())
        return logits.withUnsafeBufferPointer {
            sampler.sample($0, sampling, position: position, topLogprobs: topLogprobs)
        }
    }

    @Test func `temperature 0 takes the largest logit, ties to the lower id`() {
        #expect(Self.sample([1, 3, 2, 3], Sampling(temperature: 0)).token == 1)
    }

    @Test func `a bias moves the choice, and one beyond the vocabulary moves nothing`() {
        let sampling = Sampling(temperature: 0, logitBias: [1: -100, 100_257: 100, -4: 100])
        #expect(Self.sample([1, 3, 2], sampling).token == 2)
    }

    private static func sample(
        _ logits: [Float], penalties: (inout Penalties) -> Void, past: Sampler.Past
    ) -> TokenID {
        var sampling = Sampling(temperature: 0)
        penalties(&sampling.penalties)
        var sampler = Sampler(kernels: Kernels())
        return logits.withUnsafeBufferPointer {
            sampler.sample($0, sampling, position: 3, topLogprobs: nil, past: past).token
        }
    }

    @Test func `a presence penalty counts once, a frequency penalty each time`() {
        let past = Sampler.Past(prompt: [2], generated: [0: 3])
        #expect(Self.sample([2, 1, 0], penalties: { $0.presence = 0.9 }, past: past) == 0)
        #expect(Self.sample([2, 1, 0], penalties: { $0.presence = 1.1 }, past: past) == 1)
        #expect(Self.sample([2, 1, 0], penalties: { $0.frequency = 0.3 }, past: past) == 0)
        #expect(Self.sample([2, 1, 0], penalties: { $0.frequency = 0.4 }, past: past) == 1)
        // The prompt's tokens are not generated ones.
        #expect(Self.sample([0, 1, 2], penalties: { $0.presence = 2 }, past: past) == 2)
    }

    @Test func `a repetition penalty is for the prompt's tokens too, whatever their logit's sign`() {
        let past = Sampler.Past(prompt: [2], generated: [0: 1])
        #expect(Self.sample([0, 1, 1.9], penalties: { $0.repetition = 2 }, past: past) == 1)
        #expect(Self.sample([-1, -1.5, -9], penalties: { $0.repetition = 2 }, past: past) == 1)
    }

    @Test func `a barred token never comes`() {
        let past = Sampler.Past(barred: [0, 9_999])
        #expect(Self.sample([5, 1, 2], penalties: { _ in }, past: past) == 2)
    }

    @Test func `a NaN logit is never chosen`() {
        #expect(Self.sample([.nan, 1, .nan], Sampling(temperature: 0)).token == 1)
        #expect(Self.sample([.nan, .nan], Sampling(temperature: 1, seed: 4)).token < 2)
        #expect(Self.sample([.infinity, 1], Sampling(temperature: 1, seed: 4)).token < 2)
    }

    @Test func `log-probabilities are those of the biased distribution`() throws {
        let sampled = Self.sample(
            [0, 0, 0, 0], Sampling(temperature: 0, logitBias: [2: -100]), topLogprobs: 2)
        #expect(sampled.token == 0)
        #expect(abs(try #require(sampled.logprob) - -1.0986123) < 1e-6)
        #expect(sampled.top.map(\.token) == [0, 1])
    }

    @Test func `the most likely tokens come best first`() {
        let logits: [Float] = [0.5, 4, 1, 4, -3, 2]
        let sampled = Self.sample(logits, Sampling(temperature: 0), topLogprobs: 4)
        #expect(sampled.top.map(\.token) == [1, 3, 5, 2])
        #expect(sampled.top.first?.logprob == sampled.logprob)
    }

    /// Which tokens of four are drawn at all.
    private static func drawn(_ change: (inout Sampling) -> Void) -> Set<TokenID> {
        let logits: [Float] = [0, 2, 1, 2.5]
        return Set(
            (0..<400).map { seed in
                var sampling = Sampling(temperature: 1, seed: UInt64(seed))
                change(&sampling)
                return sample(logits, sampling).token
            })
    }

    @Test func `top-k, min-p and top-p leave the likeliest tokens, each of what the one before left`() {
        #expect(Self.drawn { _ in } == [0, 1, 2, 3])
        #expect(Self.drawn { $0.topK = 1 } == [3])
        #expect(Self.drawn { $0.topK = 3 } == [1, 2, 3])
        #expect(Self.drawn { $0.topK = 9 } == [0, 1, 2, 3])
        // The second has e^-0.5 = 0.61 of the likeliest's probability, the third 0.22.
        #expect(Self.drawn { $0.minimumP = 0.6 } == [1, 3])
        #expect(Self.drawn { $0.minimumP = 0.2 } == [1, 2, 3])
        #expect(Self.drawn { $0.minimumP = 1 } == [3])
        // Of the two that top-k leaves the likeliest has 0.62, of all it has 0.51.
        #expect(Self.drawn { $0.topP = 0.6 } == [1, 3])
        #expect(
            Self.drawn {
                $0.topK = 2
                $0.topP = 0.6
            } == [3])
    }

    @Test func `draws follow the probabilities`() {
        let logits: [Float] = [0, 0.6931472, 1.0986123]
        var counts = [0, 0, 0]
        for position in 0..<6_000 {
            counts[Int(Self.sample(logits, Sampling(temperature: 1, seed: 99), position: position).token)] +=
                1
        }
        // 1 : 2 : 3
        for (count, expected) in zip(counts, [1_000, 2_000, 3_000]) { #expect(abs(count - expected) < 150) }
    }

    @Test func `top_p keeps the fewest tokens that reach it`() {
        let logits: [Float] = [0, 0.6931472, 1.0986123]
        let drawn = Set(
            (0..<500).map {
                Self.sample(logits, Sampling(temperature: 1, topP: 0.7, seed: 5), position: $0).token
            })
        #expect(drawn == [1, 2])
        let single = Set(
            (0..<500).map {
                Self.sample(logits, Sampling(temperature: 1, topP: 0, seed: 5), position: $0).token
            })
        #expect(single == [2])
    }

    /// The token that a ranking of the whole vocabulary gives.
    private static func drawnFromAll(_ logits: [Float], _ sampling: Sampling, position: Int) -> TokenID {
        let largest = logits.max() ?? 0
        var shares = logits.map { ($0 - largest) / sampling.temperature }
        Kernels().softmax(&shares, count: shares.count)
        var ranked = shares.indices.sorted { (shares[$0], $1) > (shares[$1], $0) }[...]
        var total: Float = 1
        if sampling.topK != nil || sampling.minimumP > 0 {
            let least = sampling.minimumP * shares[ranked[0]]
            ranked = ranked.prefix { shares[$0] >= least }.prefix(sampling.topK ?? shares.count)
            total = ranked.reduce(0) { $0 + shares[$1] }
        }
        var reached: Float = 0
        let size = ranked.firstIndex {
            reached += shares[$0]
            return reached >= sampling.topP * total
        }
        if sampling.topP < 1, let size { ranked = ranked[...size] }
        var rest =
            Sampler.uniform(seed: sampling.seed, position: position)
            * ranked.reduce(Float(0)) { $0 + shares[$1] }
        let token = ranked.first {
            rest -= shares[$0]
            return rest < 0
        }
        return TokenID(token ?? ranked.last { shares[$0] > 0 } ?? 0)
    }

    @Test(arguments: [0.3, 1, 4] as [Float])
    func `ranking only the likeliest tokens draws what ranking all of them does`(temperature: Float) {
        var numbers = SplitMix64(seed: 8)
        let logits = (0..<3_000).map { _ in Float.random(in: -9...9, using: &numbers) }
        for (topP, topK, minimumP) in [
            (0.5, nil, 0), (0.95, nil, 0), (0.9999, nil, 0), (1, 40, 0), (1, 2_999, 0), (0.9, 700, 0),
            (1, nil, 0.01), (0.8, nil, 0.0001), (0.99999994, 3_000, 1e-12), (0, nil, 0.5),
        ] as [(Float, Int?, Float)] {
            for position in 0..<20 {
                var sampling = Sampling(temperature: temperature, topP: topP, seed: 21)
                (sampling.topK, sampling.minimumP) = (topK, minimumP)
                #expect(
                    Self.sample(logits, sampling, position: position).token
                        == Self.drawnFromAll(logits, sampling, position: position))
            }
        }
    }

    @Test func `logits that are no numbers end a draw, too`() {
        let logits: [Float] = [.infinity, .infinity, 1]
        _ = Self.sample(logits, Sampling(temperature: 1, topP: 0.5, seed: 1))
    }

    @Test func `a draw depends on seed and position alone`() {
        let numbers = (0..<1_000).map { Sampler.uniform(seed: 1, position: $0) }
        #expect(numbers == (0..<1_000).map { Sampler.uniform(seed: 1, position: $0) })
        #expect(Set(numbers).count > 990)
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(abs(numbers.reduce(0, +) / 1_000 - 0.5) < 0.05)
        #expect(numbers != (0..<1_000).map { Sampler.uniform(seed: 2, position: $0) })
    }
}
