import ArgumentParser
import ExpertRouting
import Numerics

/// Under which rule and arithmetic models run, where it is not as the catalogue has it.
struct ModelFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Whose tokens compete, where a request does not say: cross-sequence, per-sequence or dropless. \
            (default: as the catalogue has it)
            """, valueName: "mode"))
    var isolation: Isolation?

    @Option(
        help: ArgumentHelp(
            "The routing of a published implementation: \(RoutingRule.presets.map(\.name).joined(separator: ", ")).",
            valueName: "name"))
    var routingPreset: String?

    @Option(help: ArgumentHelp("Slots per expert, as a multiple of an even share.", valueName: "factor"))
    var capacityFactor: Double?

    @Option(help: ArgumentHelp("Tokens that share expert capacity, at most.", valueName: "tokens"))
    var groupSize: Int?

    @Option(
        help: ArgumentHelp(
            "\(NumericsMode.help) (default: as the catalogue has it)", valueName: "mode"))
    var numerics: NumericsMode?

    @Option(
        help: ArgumentHelp("\(WeightType.help) (default: as the catalogue has it)", valueName: "type"))
    var dtype: WeightType?

    @Option(
        help: ArgumentHelp(
            """
            Instruction set of the invariant kernels: portable, avx2, avx512 or neon; same bits. (default: the \
            best here)
            """, valueName: "set"))
    var kernels: KernelSet?
}
