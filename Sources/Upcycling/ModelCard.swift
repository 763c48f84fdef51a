import JSON

/// `README.md` of a mixture: licence, source, and how it was made.
struct ModelCard {
    /// What people call the source.
    let source: String
    /// Its licence, such as `apache-2.0`; `nil` if it states none.
    let licence: String?
    let architecture: SparseArchitecture
    let textName: String
    let tokenCount: Int
    let seed: UInt64
    let noise: Double

    var text: String {
        let copies = noise == 0 ? "Every expert is an exact copy" : "Every expert is a copy with noise"
        let shared =
            architecture.hasSharedExpert
            ? """


            A shared expert, another copy, computes every token. Its gate is zero, so that its weight is 1/2. The last \
            matrix of each expert is halved, which is exact. Both halves make up the dense model's output.
            """ : ""
        return """
            ---
            \(licence.map { "license: \(Self.quoted($0))\n" } ?? "")base_model: \(Self.quoted(source))
            tags: [mixture-of-experts, sparse-upcycling]
            ---

            # \(source), upcycled to \(architecture.experts) experts

            Made from the dense model \(source) by sparse upcycling (Komatsuzaki et al. 2023, arXiv 2212.05055), in the \
            format of \(architecture.name). \(copies) of the dense model's feed-forward network. A token chooses \
            \(architecture.choices) of \(architecture.experts).\(shared)

            The routers come from k-means of what each network reads: \(tokenCount) tokens of \(textName), seed \(seed), \
            noise \(noise).

            \(licence.map { "The licence of the source applies: \($0)." } ?? "The source states no licence; ask its authors.") \
            The source's authors did not make this file.

            """
    }

    /// A string of JSON, which is one of YAML too, whatever a file's metadata have in it.
    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }
}
