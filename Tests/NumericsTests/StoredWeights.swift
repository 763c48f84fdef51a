import Numerics

/// A weight matrix in its stored bits, and the floats they stand for.
struct StoredWeights {
    let element: WeightMatrix.Element
    let outputs: Int
    let inputs: Int
    let bytes: [UInt8]
    /// The values: [outputs, inputs].
    let floats: [Float]

    init(_ element: WeightMatrix.Element, outputs: Int, inputs: Int, random: inout RandomFloats) {
        self.element = element
        self.outputs = outputs
        self.inputs = inputs
        let exact = random.array(outputs * inputs)
        switch element {
        case .float32:
            floats = exact
            bytes = exact.withUnsafeBytes(Array.init)
        case .bfloat16:
            let halves = exact.map { UInt16($0.bitPattern >> 16) }
            floats = halves.map { Float(bitPattern: UInt32($0) << 16) }
            bytes = halves.withUnsafeBytes(Array.init)
        case .float16:
            let halves = exact.map { Float16($0) }
            floats = halves.map { Float($0) }
            bytes = halves.withUnsafeBytes(Array.init)
        }
    }

    /// Floats as they are, [outputs, inputs].
    init(floats: [Float], outputs: Int) {
        element = .float32
        self.outputs = outputs
        inputs = floats.count / outputs
        bytes = floats.withUnsafeBytes(Array.init)
        self.floats = floats
    }

    func withMatrix<Result>(_ body: (WeightMatrix) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("no weights") }
            return try body(WeightMatrix(base: base, element: element, outputs: outputs, inputs: inputs))
        }
    }

    func linear(
        _ kernels: KernelSet = .best, mode: NumericsMode = .invariant, type: WeightType = .auto
    ) -> Linear {
        withMatrix { matrix in
            suitable { () throws(UnsuitableWeight) in
                try Linear([matrix], mode: mode, type: type, kernels: Kernels(kernels))
            }
        }
    }
}

/// What `body` makes of weights that are all finite.
func suitable<Result>(_ body: () throws(UnsuitableWeight) -> Result) -> Result {
    do throws(UnsuitableWeight) {
        return try body()
    } catch {
        preconditionFailure("\(error)")
    }
}

extension Linear {
    /// y of the rows in `x`.
    func apply(_ x: [Float]) -> [Float] {
        let rows = x.count / inputs
        return [Float](unsafeUninitializedCapacity: rows * outputs) { buffer, initialised in
            guard let y = buffer.baseAddress else { return }
            apply(x, rows: rows, into: y)
            initialised = rows * outputs
        }
    }
}
