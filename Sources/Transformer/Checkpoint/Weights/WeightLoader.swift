import Numerics
import Threads

/// Packs a checkpoint's weights for one kind of arithmetic.
///
/// File pages are released after packing.
struct WeightLoader {
    let file: any WeightSource
    let mode: NumericsMode
    let type: WeightType
    let kernels: Kernels
    let workers: WorkerPool?
    var arena = WeightArena()

    /// The weight `name`, [outputs, inputs]; not converted if `staysStored`.
    func linear(
        _ name: String, outputs: Int, inputs: Int, staysStored: Bool = false
    ) throws(CheckpointError) -> Linear {
        try linear(
            [try file.matrix(name, outputs: outputs, inputs: inputs)], as: staysStored ? .auto : type)
    }

    /// Rows of weights, stacked by output.
    func linear(_ matrices: [WeightMatrix]) throws(CheckpointError) -> Linear {
        try linear(matrices, as: type)
    }

    /// Several weights stacked by output, computed in one pass over the input.
    func linear(stacking parts: [(name: String, outputs: Int)], inputs: Int) throws(CheckpointError) -> Linear
    {
        var matrices: [WeightMatrix] = []
        for part in parts {
            matrices.append(try file.matrix(part.name, outputs: part.outputs, inputs: inputs))
        }
        return try linear(matrices, as: type)
    }

    private func linear(_ matrices: [WeightMatrix], as type: WeightType) throws(CheckpointError) -> Linear {
        defer { file.release(matrices) }
        do throws(UnsuitableWeight) {
            return try Linear(
                matrices, mode: mode, type: type, kernels: kernels, arena: arena, workers: workers)
        } catch {
            throw problem(error, in: matrices)
        }
    }

    /// The first half of a gated feed-forward network, from the weights `gate` and `up`, both [outputs, inputs].
    func gatedLinear(
        gate: String, up: String, outputs: Int, inputs: Int
    ) throws(CheckpointError) -> GatedLinear {
        let matrices = [
            try file.matrix(gate, outputs: outputs, inputs: inputs),
            try file.matrix(up, outputs: outputs, inputs: inputs),
        ]
        defer { file.release(matrices) }
        do throws(UnsuitableWeight) {
            return try GatedLinear(
                gate: matrices[0], up: matrices[1], mode: mode, type: type, kernels: kernels,
                arena: arena, workers: workers)
        } catch {
            throw problem(error, in: matrices)
        }
    }

    private func problem(_ weight: UnsuitableWeight, in matrices: [WeightMatrix]) -> CheckpointError {
        let matrix = matrices[weight.matrix]
        // The matrix may be a part of a tensor, so the file is asked for the tensor's name.
        let index = weight.row * matrix.inputs + weight.column
        let place = matrix.base + index * matrix.element.size
        return weight.value.isFinite
            ? file.problem(
                at: place, columns: matrix.inputs, holds: "\(weight.value)",
                because: ", which is too large for \(type.rawValue)")
            : file.problem(at: place, columns: matrix.inputs, holds: "NaN or infinity", because: "")
    }
}
