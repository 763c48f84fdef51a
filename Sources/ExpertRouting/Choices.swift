/// Each token's chosen experts, from the router's logits.
public struct Choices: Sendable, Hashable {
    /// T: tokens in the step.
    public let tokenCount: Int
    /// E: experts in the layer.
    public let expertCount: Int
    /// K: experts that each token chooses.
    public let choicesPerToken: Int
    /// Shape [T·K]: expert indices, token-major, best choice first.
    ///
    /// A token's K experts differ.
    public let experts: [Int]
    /// Shape [T·K]: the gate (weight) of each choice, computed as the checkpoint's config says.
    public let gates: [Float]
    /// Shape [T·E]: the router's logits.
    ///
    /// Only `reroute` reads them.
    public let logits: [Float]

    public init(
        tokenCount: Int, expertCount: Int, choicesPerToken: Int, experts: [Int], gates: [Float],
        logits: [Float]
    ) {
        precondition(experts.count == tokenCount * choicesPerToken, "experts must have shape [T·K]")
        precondition(gates.count == experts.count, "gates must have shape [T·K]")
        precondition(logits.count == tokenCount * expertCount, "logits must have shape [T·E]")
        self.tokenCount = tokenCount
        self.expertCount = expertCount
        self.choicesPerToken = choicesPerToken
        self.experts = experts
        self.gates = gates
        self.logits = logits
    }

    /// No tokens.
    static let none = Choices(
        tokenCount: 0, expertCount: 0, choicesPerToken: 0, experts: [], gates: [], logits: [])

    /// Writes the indices of the `count` largest logits to the front of `experts`, best first.
    ///
    /// Ties go to the lower index. NaN is smaller than every number.
    ///
    /// - Complexity: O(E·K) at worst, one comparison per logit when few of them enter the top.
    public static func top(_ count: Int, of logits: Span<Float>, into experts: inout MutableSpan<Int>) {
        precondition(count <= logits.count, "cannot choose \(count) of \(logits.count) experts")
        var found = 0
        for expert in logits.indices {
            var place = found
            while place > 0, logits[expert].isLarger(than: logits[experts[place - 1]]) {
                place -= 1
            }
            guard place < count else { continue }
            found = min(found + 1, count)
            var behind = found - 1
            while behind > place {
                experts[behind] = experts[behind - 1]
                behind -= 1
            }
            experts[place] = expert
        }
    }
}

extension Float {
    /// A strict order of all floats: numbers by value, NaN below all of them.
    func isLarger(than other: Float) -> Bool {
        self > other || (other.isNaN && !isNaN)
    }
}
