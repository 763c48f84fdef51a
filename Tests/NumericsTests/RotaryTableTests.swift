import Glibc
import Numerics
import Testing

struct RotaryTableTests {
    @Test(arguments: [(64, 10000.0), (128, 1_000_000.0), (6, 500_000.0)])
    func `cosines and sines are those of the float32 angle, correctly rounded`(dimension: Int, theta: Double)
    {
        let table = RotaryTable(RotaryEmbedding(dimension: dimension, theta: theta), positions: 4001)
        var worst = 0.0
        for i in 0..<dimension / 2 {
            let exponent = Float(2 * i) / Float(dimension)
            let frequency = 1 / Float(pow(theta, Double(exponent)))
            for position in stride(from: 0, to: 4001, by: 40) {
                let angle = Double(Float(position) * frequency)
                worst = max(worst, ulps(table.cosines(at: position)[i], from: cos(angle)))
                worst = max(worst, ulps(table.sines(at: position)[i], from: sin(angle)))
            }
        }
        #expect(worst <= 0.501)
    }

    @Test func `far positions keep their accuracy`() {
        let table = RotaryTable(
            RotaryEmbedding(dimension: 2, theta: 10000), positions: RotaryTable.mostPositions)
        let far = RotaryTable.mostPositions - 1
        #expect(ulps(table.cosines(at: far)[0], from: cos(Double(far))) <= 0.501)
        #expect(ulps(table.sines(at: far)[0], from: sin(Double(far))) <= 0.501)
    }
}
