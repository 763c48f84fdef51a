import Numerics
import Threads

/// All experts of a layer, computed in this process.
struct LocalExperts: ExpertBackend {
    let networks: [FeedForwardNetwork]

    var parametersPerExpert: Int { networks[0].parameterCount }
    var weightBytesPerExpert: Int { networks[0].weightBytes }
    var scratchPerRow: Int { networks[0].gateUp.scratchPerRow }

    /// Runs each expert once over its rows.
    ///
    /// The first halves of all experts are one loop and the second halves another, cut by expert and by output.
    func run(
        _ dispatch: ExpertDispatch, input: borrowing Matrix, output: borrowing Matrix, in pass: ForwardPass
    ) {
        let active = dispatch.active
        guard let first = active.first else { return }
        let workspace = pass.workspace
        let rowsEach = dispatch.place.count / active.count
        let inputBase = Rows(input)
        let gateUpParts = networks[first].gateUp.partCount(
            rows: rowsEach, for: pass.workers, layers: active.count)
        pass.workers.run(parts: active.count * gateUpParts) { part in
            let expert = active[part / gateUpParts]
            let rows = dispatch.rows(of: expert)
            networks[expert].gateUp.apply(
                inputBase[rows.lowerBound], rows: rows.count,
                into: workspace.activated.row(rows.lowerBound),
                scratch: workspace.gateUp.row(rows.lowerBound), part: part % gateUpParts, of: gateUpParts)
        }
        let outputBase = Rows(output)
        let downParts = networks[first].down.partCount(
            rows: rowsEach, for: pass.workers, layers: active.count)
        pass.workers.run(parts: active.count * downParts) { part in
            let expert = active[part / downParts]
            let rows = dispatch.rows(of: expert)
            networks[expert].down.apply(
                workspace.activated.row(rows.lowerBound), rows: rows.count,
                into: outputBase[rows.lowerBound], part: part % downParts, of: downParts)
        }
    }
}

/// The rows of a matrix that a closure may capture: the matrix itself cannot be copied.
private struct Rows {
    private let base: UnsafeMutablePointer<Float>
    private let columns: Int

    init(_ matrix: borrowing Matrix) {
        base = matrix.base
        columns = matrix.columns
    }

    subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * columns }
}
