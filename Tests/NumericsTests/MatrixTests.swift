import Numerics
import Testing

struct MatrixTests {
    @Test func `a matrix starts at zero, aligned, with dense rows`() {
        let matrix = Matrix(rows: 3, columns: 5)
        #expect(Int(bitPattern: matrix.base) % 64 == 0)
        #expect((0..<15).allSatisfy { matrix.base[$0] == 0 })
        #expect(matrix.row(2) == matrix.base + 10)
    }

    @Test func `fewer rows reuse the storage, more get their own`() {
        var matrix = Matrix(rows: 4, columns: 3)
        let storage = matrix.base
        matrix.row(0)[1] = 7
        matrix.resize(rows: 1)
        #expect(matrix.rows == 1)
        #expect(matrix.base == storage)
        matrix.resize(rows: 4)
        #expect(matrix.base == storage)
        #expect(matrix.row(0)[1] == 7)
        matrix.resize(rows: 100)
        #expect(matrix.rows == 100)
        #expect((0..<300).allSatisfy { matrix.base[$0] == 0 })
    }
}
