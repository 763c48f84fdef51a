/// The names of an object's properties as a trie.
private struct NameTree {
    struct Node {
        var children: [(character: UInt32, node: Int)] = []
        /// The property whose name ends here.
        var property: Int?
        /// The properties whose names pass through here, in order.
        var properties: [Int] = []
    }

    private(set) var nodes = [Node()]

    init(_ properties: [ObjectShape.Property]) {
        struct Branch: Hashable {
            var node: Int
            var character: UInt32
        }
        var branches: [Branch: Int] = [:]
        for (index, property) in properties.enumerated() {
            var node = 0
            nodes[0].properties.append(index)
            for scalar in String(decoding: property.name, as: UTF8.self).unicodeScalars {
                let branch = Branch(node: node, character: scalar.value)
                if let child = branches[branch] {
                    node = child
                } else {
                    branches[branch] = nodes.count
                    nodes.append(Node())
                    nodes[node].children.append((scalar.value, nodes.count - 1))
                    node = nodes.count - 1
                }
                nodes[node].properties.append(index)
            }
            nodes[node].property = index
        }
    }

    /// The properties in `range` whose names pass through `node`; `nil` if none.
    func narrowed(_ range: ClosedRange<Int>?, at node: Int) -> ClosedRange<Int>? {
        guard let range else { return nil }
        let properties = nodes[node].properties
        let start = Self.count(of: properties, below: range.lowerBound)
        let end = Self.count(of: properties, below: range.upperBound + 1)
        return start < end ? properties[start]...properties[end - 1] : nil
    }

    private static func count(of sorted: [Int], below limit: Int) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A position within a key, and the keys that are still possible.
private struct KeyProgress: Hashable {
    var node: Int
    var allowed: ClosedRange<Int>?
    var isFree: Bool
}

/// Creates the states of one object.
private struct ObjectStates {
    let shape: ObjectShape
    let tree: NameTree
    let end: Int
    /// By property: the first required property at or after it; the property count if there is none.
    let required: [Int?]
    /// By property, then for additional ones: the states after the key and after the value.
    var afterKey: [Int] = []
    var afterValue: [Int] = []
    /// The state within a key that matches no property.
    var freeKey: Int?
    var keys: [KeyProgress: Int] = [:]
    var pending: [KeyProgress] = []

    init(_ shape: ObjectShape, end: Int) {
        self.shape = shape
        self.end = end
        tree = NameTree(shape.properties)
        var required = [Int?](repeating: nil, count: shape.properties.count + 1)
        for index in shape.properties.indices.reversed() {
            required[index] = shape.properties[index].isRequired ? index : required[index + 1]
        }
        self.required = required
    }

    /// The keys allowed after the first `count` properties: those up to the next required one.
    func next(after count: Int) -> KeyProgress {
        let required = required[count]
        let last = required ?? shape.properties.count - 1
        return KeyProgress(
            node: 0, allowed: count <= last ? count...last : nil,
            isFree: required == nil && shape.additional != nil)
    }

    func mayEnd(after count: Int) -> Bool { required[count] == nil }

    /// The state for `progress`; `nil` if no key can result.
    mutating func state(
        _ progress: KeyProgress, in draft: inout GrammarDraft
    ) throws(SchemaError) -> Int? {
        var progress = progress
        progress.allowed = tree.narrowed(progress.allowed, at: progress.node)
        if progress.allowed == nil, !progress.isFree { return nil }
        if tree.nodes[progress.node].properties.isEmpty { return freeKey }
        if let state = keys[progress] { return state }
        let state = try draft.state()
        keys[progress] = state
        pending.append(progress)
        return state
    }
}

extension GrammarDraft {
    mutating func addObject(_ shape: ObjectShape, from: Int) throws(SchemaError) {
        var object = ObjectStates(shape, end: try state(.closed))
        let open = try state()
        connect(from, "{", open)
        for place in shape.properties.map(\.place) + (shape.additional.map { [$0] } ?? []) {
            try addValue(of: place, in: &object)
        }
        if shape.additional != nil, let colon = object.afterKey.last {
            object.freeKey = try addFreeString(closing: colon)
        }
        try addKeys(after: 0, at: open, isFirst: true, in: &object)
        for count in object.afterValue.indices {
            let properties = min(count + 1, shape.properties.count)
            try addKeys(after: properties, at: object.afterValue[count], isFirst: false, in: &object)
        }
        while let progress = object.pending.popLast() { try fill(progress, in: &object) }
    }

    /// Adds a colon, an optional space, and the value.
    private mutating func addValue(of place: Int, in object: inout ObjectStates) throws(SchemaError) {
        let (colon, value, spaced, after) = (try state(), try state(), try state(), try state())
        connect(colon, ":", value)
        connect(value, " ", spaced)
        call(place, from: value, after: after)
        call(place, from: spaced, after: after)
        object.afterKey.append(colon)
        object.afterValue.append(after)
    }

    private mutating func addKeys(
        after count: Int, at state: Int, isFirst: Bool, in object: inout ObjectStates
    ) throws(SchemaError) {
        if object.mayEnd(after: count) { connect(state, "}", object.end) }
        guard let key = try object.state(object.next(after: count), in: &self) else { return }
        guard !isFirst else { return connect(state, "\"", key) }
        let comma = try addComma(after: state)
        connect(comma.direct, "\"", key)
        if let spaced = comma.spaced { connect(spaced, "\"", key) }
    }

    /// Adds what may follow within the key at `progress`.
    private mutating func fill(_ progress: KeyProgress, in object: inout ObjectStates) throws(SchemaError) {
        guard let state = object.keys[progress] else { return }
        let node = object.tree.nodes[progress.node]
        if let property = node.property {
            if progress.allowed?.contains(property) == true {
                connect(state, "\"", object.afterKey[property])
            }
        } else if progress.isFree, let colon = object.afterKey.last {
            connect(state, "\"", colon)
        }
        var arcs: [CharacterAutomaton.Arc] = []
        for child in node.children {
            let next = KeyProgress(node: child.node, allowed: progress.allowed, isFree: progress.isFree)
            guard let target = try object.state(next, in: &self) else { continue }
            arcs.append(.init(characters: child.character...child.character, target: target))
        }
        if progress.isFree, let free = object.freeKey {
            let named = CharacterSet(node.children.map { $0.character...$0.character })
            let printable = named.union(CharacterSet([0...0x07, 0x0B...0x0B, 0x0E...0x1F]))
            arcs += printable.inverted.ranges.map { .init(characters: $0, target: free) }
        }
        arcs.sort { $0.characters.lowerBound < $1.characters.lowerBound }
        try addCharacters(arcs, from: state)
    }
}
