import ExpertRouting
import Numerics
import Threads

/// The router of one layer, made from what its feed-forward network reads.
///
/// Spherical k-means (Dhillon and Modha, "Concept decompositions for large sparse text data using clustering", 2001) of
/// the centred inputs gives each expert a direction. A direction is made orthogonal to the mean input, so that no expert
/// is preferred by all tokens, and scaled so that its logits have unit deviation.
///
/// All sums are made in one order, by kernels whose bits depend on neither threads nor instruction set.
struct ClusteredRouter {
    private static let maximumRounds = 40

    let experts: Int
    /// [experts, width].
    private(set) var rows: [Float] = []
    /// How many of the tokens' choices each expert gets.
    private(set) var load: [Int] = []

    private let width: Int
    private let tokens: Int
    private let kernels: Kernels
    private let workers: WorkerPool

    /// `inputs`: [tokens, width].
    init(
        inputs: [Float], width: Int, experts: Int, choices: Int, seed: UInt64, kernels: Kernels,
        workers: WorkerPool
    ) {
        self.experts = experts
        self.width = width
        tokens = inputs.count / width
        self.kernels = kernels
        self.workers = workers
        let mean = mean(of: inputs)
        let directions = directions(of: inputs, from: mean)
        var random = SplitMix64(seed: seed)
        let centres = cluster(directions, from: seeds(among: directions, &random))
        rows = rows(from: centres, mean: mean, inputs: inputs)
        load = load(of: inputs, choices: choices)
    }

    /// The dot product of each token with each of `centres`: [tokens, centres].
    private func products(_ x: [Float], _ centres: [Float]) -> [Float] {
        let count = centres.count / width
        var products = [Float](repeating: 0, count: tokens * count)
        centres.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let matrix = WeightMatrix(base: base, element: .float32, outputs: count, inputs: width)
            do throws(UnsuitableWeight) {
                let linear = try Linear([matrix], mode: .invariant, kernels: kernels)
                linear.apply(x, rows: tokens, into: &products, workers: workers)
            } catch {
                preconditionFailure("a direction is not finite: \(error)")
            }
        }
        return products
    }

    private func mean(of inputs: [Float]) -> [Double] {
        var sums = [Double](repeating: 0, count: width)
        for token in 0..<tokens {
            for column in 0..<width { sums[column] += Double(inputs[token * width + column]) }
        }
        return sums.map { $0 / Double(tokens) }
    }

    /// The inputs less their mean, each of length 1, or 0 for an input that is the mean.
    private func directions(of inputs: [Float], from mean: [Double]) -> [Float] {
        var directions = [Float](repeating: 0, count: inputs.count)
        for token in 0..<tokens {
            var square = 0.0
            for column in 0..<width {
                let part = Double(inputs[token * width + column]) - mean[column]
                square += part * part
            }
            guard square > 0 else { continue }
            let length = square.squareRoot()
            for column in 0..<width {
                let place = token * width + column
                directions[place] = Float((Double(inputs[place]) - mean[column]) / length)
            }
        }
        return directions
    }

    /// The first centres: tokens, each drawn with a probability that grows with its distance from those before it
    /// (k-means++, Arthur and Vassilvitskii, 2007).
    private func seeds(among directions: [Float], _ random: inout SplitMix64) -> [Float] {
        var centres: [Float] = []
        var distances = [Double](repeating: 1, count: tokens)
        for _ in 0..<experts {
            let token = draw(distances, &random)
            let centre = Array(directions[token * width..<(token + 1) * width])
            centres += centre
            for (other, product) in products(directions, centre).enumerated() {
                distances[other] = min(distances[other], max(0, 1 - Double(product)))
            }
        }
        return centres
    }

    /// An index, drawn with probabilities in proportion to `weights`.
    private func draw(_ weights: [Double], _ random: inout SplitMix64) -> Int {
        let total = weights.reduce(0, +)
        var rest = Double(random.next() >> 11) * 0x1p-53 * total
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }

    /// Moves the centres until no token changes its cluster.
    private func cluster(_ directions: [Float], from seeds: [Float]) -> [Float] {
        var centres = seeds
        var clusters: [Int] = []
        for _ in 0..<Self.maximumRounds {
            let products = products(directions, centres)
            let former = clusters
            clusters = (0..<tokens).map { token in
                var best = 0
                for expert in 1..<experts
                where products[token * experts + expert] > products[token * experts + best] { best = expert }
                return best
            }
            if clusters == former { break }
            fillEmpty(&clusters, products)
            centres = centroids(directions, clusters)
        }
        return centres
    }

    /// Gives each empty cluster the token that is farthest from its own centre.
    private func fillEmpty(_ clusters: inout [Int], _ products: [Float]) {
        var sizes = [Int](repeating: 0, count: experts)
        for cluster in clusters { sizes[cluster] += 1 }
        for expert in 0..<experts where sizes[expert] == 0 {
            var farthest: (token: Int, product: Float)?
            for token in 0..<tokens where sizes[clusters[token]] > 1 {
                let product = products[token * experts + clusters[token]]
                if product < farthest?.product ?? .infinity { farthest = (token, product) }
            }
            guard let token = farthest?.token else { return }
            sizes[clusters[token]] -= 1
            clusters[token] = expert
            sizes[expert] = 1
        }
    }

    /// The direction of the sum of each cluster's tokens.
    private func centroids(_ directions: [Float], _ clusters: [Int]) -> [Float] {
        var sums = [Float](repeating: 0, count: experts * width)
        directions.withUnsafeBufferPointer { directions in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let source = directions.baseAddress, let target = sums.baseAddress else { return }
                for (token, cluster) in clusters.enumerated() {
                    kernels.add(source + token * width, to: target + cluster * width, count: width)
                }
            }
        }
        for expert in 0..<experts {
            let row = expert * width..<(expert + 1) * width
            let length = sums[row].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard length > 0 else { continue }
            for place in row { sums[place] = Float(Double(sums[place]) / length) }
        }
        return sums
    }

    /// The centres without what they share with the mean, scaled so that their logits have unit deviation.
    private func rows(from centres: [Float], mean: [Double], inputs: [Float]) -> [Float] {
        let square = mean.reduce(0.0) { $0 + $1 * $1 }
        var rows = centres
        for expert in 0..<experts where square > 0 {
            var product = 0.0
            for column in 0..<width { product += Double(centres[expert * width + column]) * mean[column] }
            for column in 0..<width {
                let place = expert * width + column
                rows[place] = Float(Double(centres[place]) - product / square * mean[column])
            }
        }
        let logits = products(inputs, rows)
        for expert in 0..<experts {
            var (sum, squares) = (0.0, 0.0)
            for token in 0..<tokens { sum += Double(logits[token * experts + expert]) }
            let average = sum / Double(tokens)
            for token in 0..<tokens {
                let part = Double(logits[token * experts + expert]) - average
                squares += part * part
            }
            let deviation = (squares / Double(tokens)).squareRoot()
            // Dividing by less than a normal number could make infinite rows.
            guard deviation >= Double(Float.leastNormalMagnitude), deviation.isFinite else { continue }
            for place in expert * width..<(expert + 1) * width {
                rows[place] = Float(Double(rows[place]) / deviation)
            }
        }
        return rows
    }

    private func load(of inputs: [Float], choices: Int) -> [Int] {
        let logits = products(inputs, rows)
        var load = [Int](repeating: 0, count: experts)
        var best = [Int](repeating: 0, count: choices)
        for token in 0..<tokens {
            let own = Array(logits[token * experts..<(token + 1) * experts])
            best.withUnsafeMutableBufferPointer { best in
                var best = MutableSpan(_unsafeElements: best)
                Choices.top(choices, of: own.span, into: &best)
            }
            for expert in best { load[expert] += 1 }
        }
        return load
    }
}
