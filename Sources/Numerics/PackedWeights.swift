import CKernels

/// Immutable weights [outputs, inputs] in the kernels' panels, in their stored type.
struct PackedWeights: Sendable {
    let outputs: Int
    let inputs: Int
    private let element: WeightMatrix.Element
    private let memory: WeightMemory

    /// Packs matrices of equal `inputs`, at least one, stacked by output.
    ///
    /// Mixed element types are widened to float, which is exact.
    init(stacking matrices: [WeightMatrix], in arena: WeightArena? = nil) {
        let isUniform = Set(matrices.map(\.element)).count == 1
        element = isUniform ? matrices[0].element : .float32
        outputs = matrices.reduce(0) { $0 + $1.outputs }
        inputs = matrices[0].inputs
        memory = WeightMemory(byteCount: jk_panels_bytes(element.stored, outputs, inputs), in: arena)
        var first = 0
        for matrix in matrices {
            if matrix.element == element {
                pack(matrix.base, outputs: first..<first + matrix.outputs)
            } else {
                let wide = WeightMemory(
                    byteCount: matrix.outputs * matrix.inputs * MemoryLayout<Float>.stride)
                matrix.widen(into: wide.floats)
                withExtendedLifetime(wide) { pack(wide.base, outputs: first..<first + matrix.outputs) }
            }
            first += matrix.outputs
        }
    }

    private func pack(_ rows: UnsafeRawPointer, outputs: Range<Int>) {
        jk_pack_rows(element.stored, rows, inputs, outputs.lowerBound, outputs.count, memory.base)
    }

    /// Panels of 16 outputs: the unit in which the work can be split.
    var panelCount: Int { (outputs + Int(JK_PANEL_COLUMNS) - 1) / Int(JK_PANEL_COLUMNS) }

    /// Writes the outputs of `panels` of y = x Wᵀ; x: [rows, inputs], y: [rows, outputs], both dense.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, panels: Range<Int>,
        kernels: KernelSet
    ) {
        var weights = jk_panels(base: memory.base, outputs: outputs, inputs: inputs, element: element.stored)
        jk_matmul(kernels.isa, &weights, panels.lowerBound, panels.upperBound, x, inputs, rows, y, outputs)
    }
}
