public import Foundation
public import Numerics
public import Transformer

/// The repository's own checkpoints, loaded once per test process.
public enum Checkpoints {
    /// The folder of a checkpoint in `Models/`.
    public static func folder(_ name: String) -> String {
        repositoryRoot.appending(path: "Models").appending(path: name).path
    }

    /// The trained sparse checkpoint: 6 layers, 8 experts, top-2.
    public static func sparse(
        numerics: NumericsMode = .invariant, weightType: WeightType = .auto, kernels: KernelSet = .best
    ) throws -> Model {
        try cache.model("story-moe", numerics, weightType, kernels)
    }

    /// The trained dense checkpoint.
    public static func dense() throws -> Model {
        try cache.model("story-dense", .invariant, .auto, .best)
    }

    /// Where the test fixtures lie.
    public static var fixtures: URL { repositoryRoot.appending(path: "Tests/TransformerTests/Fixtures") }

    /// The repository.
    public static var repositoryRoot: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private static let cache = ModelCache()
}

private final class ModelCache: @unchecked Sendable {
    // Guarded by `lock`.
    private var models: [String: Model] = [:]
    private let lock = NSLock()

    func model(
        _ name: String, _ numerics: NumericsMode, _ weightType: WeightType, _ kernels: KernelSet
    ) throws -> Model {
        try lock.withLock {
            let key = "\(name) \(numerics) \(weightType) \(kernels)"
            if let model = models[key] { return model }
            let model = try Model(
                checkpoint: Checkpoints.folder(name), numerics: numerics, weightType: weightType,
                kernels: Kernels(kernels))
            models[key] = model
            return model
        }
    }
}
