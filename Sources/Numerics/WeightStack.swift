import CKernels

/// Matrices of equal `inputs` stacked by output, to be multiplied in one pass over the input.
struct WeightStack {
    /// Each matrix, and the output that its first row becomes; outputs between them are zero.
    let matrices: [(first: Int, matrix: WeightMatrix)]
    let outputs: Int
    let inputs: Int

    /// One under another.
    init(_ matrices: [WeightMatrix]) {
        precondition(
            Set(matrices.map(\.inputs)).count == 1,
            "matrices stacked by output need equal inputs, at least one, not \(matrices.map(\.inputs))")
        var placed: [(Int, WeightMatrix)] = []
        var end = 0
        for matrix in matrices {
            placed.append((end, matrix))
            end += matrix.outputs
        }
        self.matrices = placed
        outputs = end
        inputs = matrices[0].inputs
    }

    /// Sixteen rows of `gate`, sixteen of `up`, and so on: what `jk_gated_matmul` and `jk_silu_multiply` read.
    init(gate: WeightMatrix, up: WeightMatrix) {
        precondition(
            gate.outputs == up.outputs && gate.inputs == up.inputs, "a gate needs the shape of what it gates")
        let width = Int(JK_PANEL_COLUMNS)
        var placed: [(Int, WeightMatrix)] = []
        for first in stride(from: 0, to: gate.outputs, by: width) {
            let rows = first..<min(first + width, gate.outputs)
            placed.append((2 * first, gate.rows(rows)))
            placed.append((2 * first + width, up.rows(rows)))
        }
        matrices = placed
        outputs = (gate.outputs + width - 1) / width * 2 * width
        inputs = gate.inputs
    }

    /// The type of every matrix, if they have the same.
    var commonElement: WeightMatrix.Element? {
        let first = matrices[0].matrix.element
        return matrices.allSatisfy { $0.matrix.element == first } ? first : nil
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
