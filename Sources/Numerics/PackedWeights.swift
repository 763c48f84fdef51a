import CKernels
import Threads

/// Immutable weights [outputs, inputs] in the kernels' panels, in their stored type.
struct PackedWeights: Sendable {
    let outputs: Int
    let inputs: Int
    private let element: WeightMatrix.Element
    private let memory: WeightMemory
    private let isa: jk_isa

    /// Packs the matrices of `stack` for the kernels of `isa`.
    ///
    /// Mixed element types are widened to float, which is exact.
    init(_ stack: WeightStack, isa: jk_isa, in arena: WeightArena? = nil) {
        self.isa = isa
        element = stack.commonElement ?? .float32
        outputs = stack.outputs
        inputs = stack.inputs
        memory = WeightMemory(byteCount: jk_panels_bytes(element.stored, outputs, inputs), in: arena)
        for (first, matrix) in stack.matrices {
            if matrix.element == element {
                pack(matrix.base, outputs: first..<first + matrix.outputs)
            } else {
                let wide = WeightMemory(
                    byteCount: matrix.outputs * matrix.inputs * MemoryLayout<Float>.stride)
                matrix.widen(into: wide.floats)
                withExtendedLifetime(wide) { pack(wide.base, outputs: first..<first + matrix.outputs) }
            }
        }
    }

    private func pack(_ rows: UnsafeRawPointer, outputs: Range<Int>) {
        jk_pack_rows(element.stored, rows, inputs, outputs.lowerBound, outputs.count, memory.base)
    }

    var byteCount: Int { outputs * inputs * element.size }

    /// Panels of 16 outputs: the unit in which the work can be split.
    var panelCount: Int { (outputs + Int(JK_PANEL_COLUMNS) - 1) / Int(JK_PANEL_COLUMNS) }

    /// Into how many parts to cut the panels, where `layers` layers as large are computed in one loop.
    func partCount(rows: Int, for workers: WorkerPool, layers: Int) -> Int {
        // A weight takes a tenth of a nanosecond to come from memory, and a fiftieth to be multiplied with a row.
        workers.partCount(
            picoseconds: outputs * inputs * max(100, 20 * rows), units: panelCount / Self.panelsTogether,
            loops: layers)
    }

    /// The panels of one of `parts` parts.
    func panels(of part: Int, in parts: Int) -> Range<Int> {
        let groups = (panelCount + Self.panelsTogether - 1) / Self.panelsTogether
        let first = part * groups / parts * Self.panelsTogether
        return first..<min((part + 1) * groups / parts * Self.panelsTogether, panelCount)
    }

    /// Panels that the kernels read together, at most.
    private static let panelsTogether = 4

    private var panels: jk_panels {
        jk_panels(base: memory.base, outputs: outputs, inputs: inputs, element: element.stored)
    }

    /// Writes the outputs of `panels` of y = x Wᵀ; x: [rows, inputs], y: [rows, outputs], both dense.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, panels: Range<Int>
    ) {
        var weights = self.panels
        jk_matmul(isa, &weights, panels.lowerBound, panels.upperBound, x, inputs, rows, y, outputs)
    }

    /// Writes the activations that `panels`, gate and up in turn, give; `out`: [rows, width].
    func multiplyGated(
        _ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>, width: Int,
        panels: Range<Int>
    ) {
        var weights = self.panels
        jk_gated_matmul(
            isa, &weights, panels.lowerBound, panels.upperBound, x, inputs, rows, width, out, width)
    }
}
