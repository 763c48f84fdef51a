/// Each token's chosen experts, from the router's logits.
public struct Choices: Sendable, Hashable {
    public let tokenCount: Int
    public let expertCount: Int
    public let choicesPerToken: Int
    /// Shape [T·K], token-major; choice 0 is the best.
    public let experts: [Int]
    /// Shape [T·K]: the weight of each choice, as the checkpoint's config defines it.
    public let gates: [Float]
    /// Shape [T·E]: the router's logits, for `reroute`.
    public let logits: [Float]
    public init(tokenCount: Int, expertCount: Int, choicesPerToken: Int, experts: [Int], gates: [Float], logits: [Float]) {
        self.tokenCount = tokenCount
        self.expertCount = expertCount
        self.choicesPerToken = choicesPerToken
        self.experts = experts
        self.gates = gates
        self.logits = logits
    }
    /// The indices of the `count` largest logits, best first, ties to the lower index.
    public static func top(_ count: Int, of logits: Span<Float>, into experts: inout MutableSpan<Int>) { fatalError("stub") }
}
