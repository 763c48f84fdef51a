import Testing
import Threads

@testable import Numerics

/// Contract: weights are rounded to nearest, ties to even, and what cannot be rounded is refused by its place.
struct WeightTypeTests {
    /// Ordinary numbers, ties of bf16 and of f16 both ways, subnormals of f16, and the largest that f16 holds.
    static let numbers: [Float] = [
        0, -0.0, 1, -3.3, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-11, 1 + 3 * 0x1p-11,
        1 + 0x1p-11 + 0x1p-20, -0x1p-14, 0x1p-15, 0x1p-24, 0x1p-25, 0x1p-25 + 0x1p-40, 3 * 0x1p-25,
        -0x1.ffep-15, 0x1.fffp-15, 0x1p-40, 65504, 65519,
    ]

    /// What a matrix with one input holds.
    private func packed(
        _ numbers: [Float], as type: WeightType, mode: NumericsMode = .invariant
    ) throws -> [Float] {
        let linear = try StoredWeights(floats: numbers, outputs: numbers.count).packed(as: type, mode: mode)
        return linear.apply([1])
    }

    @Test(arguments: NumericsMode.allCases.filter { $0 != .blasBF16 })
    func `float16 is the nearest there is`(mode: NumericsMode) throws {
        let rounded = try packed(Self.numbers, as: .float16, mode: mode)
        let expected = Self.numbers.map { Float(Float16($0)) }
        #expect(rounded == expected)
    }

    @Test(arguments: NumericsMode.allCases)
    func `bfloat16 is the nearest there is`(mode: NumericsMode) throws {
        let rounded = try packed(Self.numbers, as: .bfloat16, mode: mode)
        let expected = Self.numbers.map { number in
            let bits: UInt32 = number.bitPattern
            let isOdd: UInt32 = (bits >> 16) & 1
            return Float(bitPattern: (bits + 0x7fff + isOdd) & 0xffff_0000)
        }
        #expect(rounded == expected)
    }

    @Test func `float32 and auto change nothing`() throws {
        #expect(try packed(Self.numbers, as: .float32) == Self.numbers)
        #expect(try packed(Self.numbers, as: .auto) == Self.numbers)
    }

    @Test(arguments: [WeightMatrix.Element.bfloat16, .float16], [WeightType.float32, .float16, .bfloat16])
    func `a type is left for another as if by way of float32`(from: WeightMatrix.Element, to: WeightType) {
        var random = RandomFloats(seed: 31)
        let stored = StoredWeights(from, outputs: 50, inputs: 77, random: &random)
        let x = random.array(3 * 77)
        let floats = StoredWeights(floats: stored.floats, outputs: 50)
        #expect(sameBits(stored.linear(type: to).apply(x), floats.linear(type: to).apply(x)))
    }

    @Test(arguments: NumericsMode.allCases, WeightType.allCases)
    func `NaN and infinity are refused with their place`(mode: NumericsMode, type: WeightType) {
        for (value, place) in [(Float.nan, 0), (.infinity, 3 * 100 + 99), (-.infinity, 36 * 100 + 7)] {
            var numbers = [Float](repeating: 0.5, count: 37 * 100)
            numbers[place] = value
            let weights = StoredWeights(floats: numbers, outputs: 37)
            let error = #expect(throws: UnsuitableWeight.self) { try weights.packed(as: type, mode: mode) }
            #expect(error.map { [$0.matrix, $0.row, $0.column] } == [0, place / 100, place % 100])
            #expect(error?.value.isFinite == false)
        }
    }

    @Test func `every NaN and infinity bit pattern is found`() {
        for bits: UInt32 in [0x7f80_0001, 0x7fff_ffff, 0xffff_ffff, 0xff80_0000, 0x7fc0_0000] {
            for type in WeightType.allCases {
                let error = #expect(throws: UnsuitableWeight.self) {
                    try packed([Float(bitPattern: bits)], as: type)
                }
                #expect(error.map { [$0.matrix, $0.row, $0.column] } == [0, 0, 0])
            }
        }
    }

    @Test func `what float16 cannot hold is refused, with its value`() {
        let error = #expect(throws: UnsuitableWeight.self) { try packed([1, 65504, 65520], as: .float16) }
        #expect(error == UnsuitableWeight(matrix: 0, row: 2, column: 0, value: 65520))
    }

    @Test(arguments: [2, 5])
    func `workers pack the same bits, and name the same weight`(threads: Int) throws {
        var random = RandomFloats(seed: 32)
        let stored = StoredWeights(.bfloat16, outputs: 1000, inputs: 333, random: &random)
        let workers = WorkerPool(threadCount: threads)
        let x = random.array(2 * 333)
        for type in WeightType.allCases {
            let linear = try stored.packed(as: type, workers: workers)
            #expect(sameBits(linear.apply(x), stored.linear(type: type).apply(x)))
        }
        var floats = stored.floats
        for row in [990, 400, 7] { floats[row * 333] = .nan }
        let spoilt = StoredWeights(floats: floats, outputs: 1000)
        let error = #expect(throws: UnsuitableWeight.self) {
            try spoilt.packed(as: .int8, workers: workers)
        }
        #expect(error?.row == 7)
    }

    @Test func `a gate's weight and one of what it gates are told apart`() {
        var random = RandomFloats(seed: 33)
        let good = StoredWeights(.float32, outputs: 40, inputs: 20, random: &random)
        var floats = good.floats
        floats[33 * 20 + 3] = .infinity
        let bad = StoredWeights(floats: floats, outputs: 40)
        for (gate, up, matrix) in [(bad, good, 0), (good, bad, 1)] {
            let error = #expect(throws: UnsuitableWeight.self) {
                try gate.withMatrix { gate in
                    try up.withMatrix { up in
                        _ = try GatedLinear(gate: gate, up: up, mode: .invariant, kernels: Kernels())
                    }
                }
            }
            #expect(error == UnsuitableWeight(matrix: matrix, row: 33, column: 3, value: .infinity))
        }
    }
}

extension StoredWeights {
    fileprivate func packed(
        as type: WeightType, mode: NumericsMode = .invariant, workers: WorkerPool? = nil
    ) throws -> Linear {
        try withMatrix { matrix in
            try Linear([matrix], mode: mode, type: type, kernels: Kernels(), workers: workers)
        }
    }
}
