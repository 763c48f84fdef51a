import CKernels

/// Matrices of equal `inputs` stacked by output, so that one pass over the input multiplies them all.
struct WeightStack {
    /// Consecutive rows of a matrix, and the output index of the first.
    ///
    /// Outputs that no run covers are zero.
    struct Piece {
        let first: Int
        let rows: WeightMatrix
        /// Index of the matrix, and of the first row in it.
        let matrix: Int
        let row: Int
    }

    let pieces: [Piece]
    let outputs: Int
    let inputs: Int

    /// One matrix below the other.
    init(_ matrices: [WeightMatrix]) {
        precondition(
            Set(matrices.map(\.inputs)).count == 1,
            "matrices stacked by output need equal inputs, at least one, not \(matrices.map(\.inputs))")
        var pieces: [Piece] = []
        var end = 0
        for (index, matrix) in matrices.enumerated() {
            pieces.append(Piece(first: end, rows: matrix, matrix: index, row: 0))
            end += matrix.outputs
        }
        self.pieces = pieces
        outputs = end
        inputs = matrices[0].inputs
    }

    /// Sixteen rows of `gate`, sixteen of `up`, and so on: the order that `jk_gated_matmul` and `jk_silu_multiply`
    /// read.
    init(gate: WeightMatrix, up: WeightMatrix) {
        precondition(
            gate.outputs == up.outputs && gate.inputs == up.inputs, "a gate needs the shape of what it gates")
        let width = Int(JK_PANEL_COLUMNS)
        var pieces: [Piece] = []
        for row in stride(from: 0, to: gate.outputs, by: width) {
            let rows = row..<min(row + width, gate.outputs)
            pieces.append(Piece(first: 2 * row, rows: gate.rows(rows), matrix: 0, row: row))
            pieces.append(Piece(first: 2 * row + width, rows: up.rows(rows), matrix: 1, row: row))
        }
        self.pieces = pieces
        outputs = (gate.outputs + width - 1) / width * 2 * width
        inputs = gate.inputs
    }

    /// The common type of all matrices, or `nil`.
    var commonElement: WeightMatrix.Element? {
        let first = pieces[0].rows.element
        return pieces.allSatisfy { $0.rows.element == first } ? first : nil
    }

    /// Packs the outputs `outputs` into `panels`, whose memory for them must be zero.
    func pack(
        _ outputs: Range<Int>, as element: jk_element, into panels: UnsafeMutableRawPointer
    ) throws(UnsuitableWeight) {
        for piece in pieces {
            let part = outputs.clamped(to: piece.first..<piece.first + piece.rows.outputs)
            guard !part.isEmpty else { continue }
            let first = part.lowerBound - piece.first
            let rows = piece.rows.rows(first..<first + part.count)
            let place = jk_pack_rows(
                rows.element.stored, rows.base, inputs, part.lowerBound, part.count, element, panels)
            if place < part.count * inputs { throw unsuitable(rows, at: place, in: piece, after: first) }
        }
    }

    /// Writes all weights as row-major floats, with the values they have once packed as `element`; `out`: [outputs,
    /// inputs].
    func widen(as element: jk_element, into out: UnsafeMutablePointer<Float>) throws(UnsuitableWeight) {
        for piece in pieces {
            let floats = out + piece.first * inputs
            piece.rows.widen(into: floats)
            let place = jk_round_rows(element, floats, inputs, piece.rows.outputs)
            if place < piece.rows.outputs * inputs {
                throw unsuitable(piece.rows, at: place, in: piece, after: 0)
            }
        }
    }

    private func unsuitable(
        _ rows: WeightMatrix, at place: Int, in piece: Piece, after first: Int
    ) -> UnsuitableWeight {
        var value: Float = 0
        jk_widen(rows.element.stored, rows.base + place * rows.element.size, &value, 1)
        return UnsuitableWeight(
            matrix: piece.matrix, row: piece.row + first + place / inputs, column: place % inputs,
            value: value)
    }
}

extension WeightMatrix {
    /// A part of the rows, in the same memory.
    public func rows(_ range: Range<Int>) -> WeightMatrix {
        WeightMatrix(
            base: base + range.lowerBound * inputs * element.size, element: element, outputs: range.count,
            inputs: inputs)
    }
}
