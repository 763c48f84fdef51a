/// A trie of a vocabulary's tokens, in the order of their bytes.
struct TokenTree: Sendable {
    struct Node: Sendable {
        /// The next node if nothing below this one is allowed.
        var skip: UInt32
        /// Index of its first token in `tokens`; the next node's follow its own.
        var tokens: UInt32
        var depth: UInt16
        var byte: UInt8
    }

    /// In preorder; a sentinel at the end closes the last node's tokens.
    private(set) var nodes: [Node] = []
    private(set) var tokens: [UInt32] = []
    private(set) var longest = 0

    /// Contains the tokens of `vocabulary` that are in `chosen`.
    init(_ vocabulary: [[UInt8]], _ chosen: [Int]) {
        let sorted = chosen.sorted { vocabulary[$0].lexicographicallyPrecedes(vocabulary[$1]) }
        var path: [Int] = []
        var previous: [UInt8] = []
        for token in sorted {
            let bytes = vocabulary[token]
            let shared = zip(previous, bytes).prefix { $0 == $1 }.count
            close(&path, to: shared)
            for index in shared..<bytes.count {
                path.append(nodes.count)
                nodes.append(
                    Node(skip: 0, tokens: UInt32(tokens.count), depth: UInt16(index + 1), byte: bytes[index]))
            }
            tokens.append(UInt32(token))
            previous = bytes
            longest = max(longest, bytes.count)
        }
        close(&path, to: 0)
        nodes.append(Node(skip: 0, tokens: UInt32(tokens.count), depth: 0, byte: 0))
    }

    private mutating func close(_ path: inout [Int], to depth: Int) {
        while path.count > depth { nodes[path.removeLast()].skip = UInt32(nodes.count) }
    }
}

/// A walk through a trie together with a matcher: the output's position after each byte of a token.
private struct TokenWalk {
    /// A position, and the pushdown's counts at that point.
    struct Place {
        var position: Pushdown.Position
        var states: Int
        var frames: Int
    }

    let grammar: Grammar
    private var pushdown: Pushdown
    private var places: [Place]

    init(_ matcher: Matcher, longest: Int) {
        grammar = matcher.grammar
        pushdown = matcher.pushdown
        let start = Place(
            position: matcher.position, states: pushdown.states.count, frames: pushdown.frames.count)
        places = Array(repeating: start, count: longest + 1)
    }

    /// The state after `depth` bytes if it is a single one that only reads; otherwise the dead state.
    func plainState(at depth: Int) -> UInt32 {
        let position = places[depth].position
        guard position.count == 1 else { return Grammar.dead }
        let state = pushdown.states[Int(position.start)]
        return grammar.isPlain(state) ? state : Grammar.dead
    }

    /// Consumes `byte` at `depth`; `false` if it is not allowed.
    ///
    /// The last known position is after `origin` bytes; `state` is the plain state reached since then.
    mutating func step(_ byte: UInt8, to depth: Int, origin: Int, state: UInt32) -> Bool {
        let from = places[origin]
        pushdown.cut(states: from.states, frames: from.frames)
        var position = from.position
        if state != Grammar.dead {
            position.start = Int32(pushdown.states.count)
            position.count = 1
            pushdown.append(state)
        }
        guard let next = pushdown.step(position, byte, in: grammar) else { return false }
        places[depth] = Place(position: next, states: pushdown.states.count, frames: pushdown.frames.count)
        return true
    }
}

extension TokenTree {
    /// Adds the tokens that `matcher` allows to `mask`.
    func insert(allowedBy matcher: Matcher, into mask: inout TokenMask) {
        var walk = TokenWalk(matcher, longest: longest)
        let (nodes, tokens, grammar) = (nodes, tokens, matcher.grammar)
        let (rows, classes, targets) = (grammar.rows, grammar.classes, grammar.targets)
        // By depth: the plain state there, if any, and the depth of the last full position before it.
        var plain = Array(repeating: walk.plainState(at: 0), count: longest + 1)
        var origins = Array(repeating: 0, count: longest + 1)
        var index = 0
        while index < nodes.count - 1 {
            let node = nodes[index]
            let depth = Int(node.depth)
            let state = plain[depth - 1]
            var target = Grammar.notPlain
            if state != Grammar.dead {
                // Within a string, for example: no levels change.
                let row = rows[Int(state)]
                target = targets[Int(row.targets) + Int(classes[Int(row.classes) + Int(node.byte)])]
            }
            if target & Grammar.notPlain == 0 {
                plain[depth] = target
                origins[depth] = origins[depth - 1]
            } else if walk.step(node.byte, to: depth, origin: origins[depth - 1], state: state) {
                plain[depth] = walk.plainState(at: depth)
                origins[depth] = depth
            } else {
                target = Grammar.dead
            }
            guard target != Grammar.dead else {
                index = Int(node.skip)
                continue
            }
            index += 1
            for token in Int(node.tokens)..<Int(nodes[index].tokens) { mask.insert(Int(tokens[token])) }
        }
    }
}
