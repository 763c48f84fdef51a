import CKernels
import Threads

/// Immutable weights [outputs, inputs], packed in the kernels' panels.
struct PackedWeights: Sendable {
    let outputs: Int
    let inputs: Int
    private let element: jk_element
    private let memory: WeightMemory
    private let isa: jk_isa

    /// Packs the matrices of `stack` as `type` for the kernels of `isa`.
    ///
    /// `workers`, if given, share the work.
    ///
    /// - Throws: The first weight that is not finite, before or after rounding.
    init(
        _ stack: WeightStack, type: WeightType = .auto, isa: jk_isa, in arena: WeightArena? = nil,
        workers: WorkerPool? = nil
    ) throws(UnsuitableWeight) {
        self.isa = isa
        element = type.element(for: stack)
        outputs = stack.outputs
        inputs = stack.inputs
        memory = WeightMemory(byteCount: jk_panels_bytes(element, outputs, inputs), in: arena)
        if arena?.isMeasuring == true { return }
        let panels = panelCount
        let parts = workers.map {
            // Approximate picoseconds to pack a weight that is already in memory.
            $0.partCount(picoseconds: outputs * inputs * 1500, units: panels)
        }
        let found = Locked<UnsuitableWeight?>(nil)
        let body = { [self] part in
            let cuts = (part...part + 1).map { $0 * panels / (parts ?? 1) * Int(JK_PANEL_COLUMNS) }
            do throws(UnsuitableWeight) {
                try stack.pack(cuts[0]..<min(cuts[1], outputs), as: element, into: memory.base)
            } catch {
                found.withLock { first in
                    if first.map({ error.precedes($0) }) ?? true { first = error }
                }
            }
        }
        if let workers, let parts { workers.run(parts: parts, body) } else { body(0) }
        if let weight = found.withLock({ $0 }) { throw weight }
    }

    var byteCount: Int {
        element == .i8
            ? outputs * (inputs + (inputs + Int(JK_INT8_INPUTS) - 1) / Int(JK_INT8_INPUTS) * 4)
            : outputs * inputs * (element == .f32 ? 4 : 2)
    }

    /// Panels of 16 outputs: the unit in which the work can be split.
    var panelCount: Int { (outputs + Int(JK_PANEL_COLUMNS) - 1) / Int(JK_PANEL_COLUMNS) }

    /// Number of parts to cut the panels into, when one loop computes `layers` layers of this size.
    func partCount(rows: Int, for workers: WorkerPool, layers: Int) -> Int {
        // A weight takes about 0.1 ns to read from memory and 0.02 ns to multiply with a row.
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

    /// Maximum number of panels that the kernels read together.
    private static let panelsTogether = 4

    private var panels: jk_panels {
        jk_panels(base: memory.base, outputs: outputs, inputs: inputs, element: element)
    }

    /// Writes the outputs of `panels` of y = x Wᵀ; x: [rows, inputs], y: [rows, outputs], both dense.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, panels: Range<Int>
    ) {
        var weights = self.panels
        jk_matmul(isa, &weights, panels.lowerBound, panels.upperBound, x, inputs, rows, y, outputs)
    }

    /// Writes the activations of `panels`, which alternate between gate and up; `out`: [rows, width].
    func multiplyGated(
        _ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>, width: Int,
        panels: Range<Int>
    ) {
        var weights = self.panels
        jk_gated_matmul(
            isa, &weights, panels.lowerBound, panels.upperBound, x, inputs, rows, width, out, width)
    }
}

extension UnsuitableWeight {
    /// Whether it comes before `other`, by matrix, then by row.
    ///
    /// The reported weight must not depend on thread timing.
    fileprivate func precedes(_ other: UnsuitableWeight) -> Bool {
        (matrix, row, column) < (other.matrix, other.row, other.column)
    }
}
