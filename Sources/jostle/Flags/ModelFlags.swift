import ArgumentParser
import ExpertRouting
import Numerics

/// Routing and arithmetic, where they differ from the catalogue.
struct ModelFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Which tokens compete for expert slots, unless a request says: cross-sequence (all), per-sequence (each \
            request's own) or dropless (none). (default: the catalogue's)
            """, valueName: "mode"))
    var isolation: Isolation?

    @Option(
        help: ArgumentHelp(
            "Routing rule of a published implementation: \(RoutingRule.presets.map(\.name).joined(separator: ", ")).",
            valueName: "name"))
    var routingPreset: String?

    @Option(
        help: ArgumentHelp(
            "Slots per expert, as a multiple of an even share. (default: the catalogue's)",
            valueName: "factor"))
    var capacityFactor: Double?

    @Option(
        help: ArgumentHelp(
            "Maximum tokens in a routing group. (default: the catalogue's)", valueName: "tokens"))
    var groupSize: Int?

    @Option(
        help: ArgumentHelp(
            "\(NumericsMode.help) (default: the catalogue's)", valueName: "mode"))
    var numerics: NumericsMode?

    @Option(
        help: ArgumentHelp("\(WeightType.help) (default: the catalogue's)", valueName: "type"))
    var dtype: WeightType?

    @Option(
        help: ArgumentHelp(
            """
            Instruction set of the invariant kernels: portable, avx2, avx512 or neon. All give the same bits. \
            (default: the fastest supported)
            """, valueName: "set"))
    var kernels: KernelSet?
}
