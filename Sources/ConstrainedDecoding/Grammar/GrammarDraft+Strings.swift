/// The spelling of a character in a JSON string: itself if allowed, otherwise the shortest escape.
enum CharacterSpelling {
    static let short: [(character: UInt8, letter: UInt8)] = [
        (0x08, UInt8(ascii: "b")), (0x09, UInt8(ascii: "t")), (0x0A, UInt8(ascii: "n")),
        (0x0C, UInt8(ascii: "f")),
        (0x0D, UInt8(ascii: "r")), (0x22, 0x22), (0x5C, 0x5C),
    ]

    static func bytes(of scalar: Unicode.Scalar) -> [UInt8] {
        if let short = short.first(where: { $0.character == scalar.value }) { return [0x5C, short.letter] }
        guard scalar.value < 0x20 else { return Array(String(scalar).utf8) }
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u00".utf8) + [digits[Int(scalar.value >> 4)], digits[Int(scalar.value & 15)]]
    }
}

extension GrammarDraft {
    mutating func addString(_ shape: StringShape, from: Int) throws(SchemaError) {
        let end = try state(.closed)
        if shape.patterns.isEmpty, shape.maximumLength == nil {
            let last = try addFreeString(closing: end)
            let automaton = CharacterAutomaton(lengths: shape.minimumLength, nil)
            try add(automaton, from: from, end: end, last: last)
        } else {
            try add(try automaton(of: shape), from: from, end: end, last: nil)
        }
    }

    private func automaton(of shape: StringShape) throws(SchemaError) -> CharacterAutomaton {
        var parts: [CharacterAutomaton] = []
        do throws(InvalidPattern) {
            for pattern in shape.patterns { parts.append(try CharacterAutomaton(pattern: pattern)) }
        } catch {
            throw SchemaError(path: path, reason: error.reason)
        }
        if shape.patterns.isEmpty || shape.minimumLength > 0 || shape.maximumLength != nil {
            parts.append(CharacterAutomaton(lengths: shape.minimumLength, shape.maximumLength))
        }
        var whole = parts[0]
        for part in parts.dropFirst() {
            guard let both = whole.intersection(part, limit: SchemaLimits.states) else {
                throw SchemaError(
                    path: path, reason: "here the schema takes more than \(SchemaLimits.states) states")
            }
            whole = both
        }
        return whole
    }

    /// Adds a string of the characters that `automaton` accepts; `last` takes the place of its last state.
    private mutating func add(
        _ automaton: CharacterAutomaton, from: Int, end: Int, last: Int?
    ) throws(SchemaError) {
        var numbers: [Int] = []
        for index in automaton.states.indices {
            let isLast = index == automaton.states.count - 1
            numbers.append(try isLast && last != nil ? last ?? 0 : state())
        }
        connect(from, "\"", numbers[0])
        for (index, automatonState) in automaton.states.enumerated() where numbers[index] != last {
            if automatonState.isAccepting { connect(numbers[index], "\"", end) }
            let arcs = automatonState.arcs.map {
                CharacterAutomaton.Arc(characters: $0.characters, target: numbers[$0.target])
            }
            try addCharacters(arcs, from: numbers[index])
        }
    }

    /// Adds the UTF-8 bytes of the characters of `arcs`, which are sorted and disjoint.
    mutating func addCharacters(_ arcs: [CharacterAutomaton.Arc], from: Int) throws(SchemaError) {
        let raw: [(range: ClosedRange<UInt32>, bytes: Int, lead: UInt8)] = [
            (0x20...0x21, 0, 0), (0x23...0x5B, 0, 0), (0x5D...0x7F, 0, 0), (0x80...0x7FF, 1, 0xC0),
            (0x800...0xD7FF, 2, 0xE0), (0xE000...0xFFFF, 2, 0xE0), (0x1_0000...0x10_FFFF, 3, 0xF0),
        ]
        for part in raw {
            let inside = Self.clip(arcs, to: part.range)
            if !inside.isEmpty { try addSequence(inside, bytes: part.bytes, lead: part.lead, from: from) }
        }
        try addEscapes(arcs, from: from)
    }

    private static func clip(
        _ arcs: [CharacterAutomaton.Arc], to range: ClosedRange<UInt32>
    ) -> [CharacterAutomaton.Arc] {
        arcs.filter { $0.characters.overlaps(range) }
            .map { .init(characters: $0.characters.clamped(to: range), target: $0.target) }
    }

    /// Adds the byte `lead` plus the highest bits of the characters, and states for the `bytes` after it.
    private mutating func addSequence(
        _ arcs: [CharacterAutomaton.Arc], bytes: Int, lead: UInt8, from: Int
    ) throws(SchemaError) {
        guard bytes > 0 else {
            for arc in arcs {
                let low = lead + UInt8(arc.characters.lowerBound)
                connect(from, low...(lead + UInt8(arc.characters.upperBound)), arc.target)
            }
            return
        }
        let shift = UInt32(6 * bytes)
        guard let first = arcs.first, let last = arcs.last else { return }
        var run: (start: UInt32, arcs: [CharacterAutomaton.Arc])?
        let blocks = (first.characters.lowerBound >> shift)...(last.characters.upperBound >> shift)
        for block in blocks {
            let base = block << shift
            let inside = Self.clip(arcs, to: base...(base + (1 << shift) - 1)).map {
                CharacterAutomaton.Arc(
                    characters: ($0.characters.lowerBound - base)...($0.characters.upperBound - base),
                    target: $0.target)
            }
            if let run, run.arcs == inside { continue }
            if let run { try addRun(run.arcs, run.start...(block - 1), bytes, lead, from: from) }
            run = (block, inside)
        }
        if let run { try addRun(run.arcs, run.start...blocks.upperBound, bytes, lead, from: from) }
    }

    private mutating func addRun(
        _ arcs: [CharacterAutomaton.Arc], _ blocks: ClosedRange<UInt32>, _ bytes: Int, _ lead: UInt8,
        from: Int
    ) throws(SchemaError) {
        guard !arcs.isEmpty else { return }
        let key = Continuation(bytes: bytes, arcs: arcs)
        let target: Int
        if let known = continuations[key] {
            target = known
        } else {
            target = try state()
            continuations[key] = target
            try addSequence(arcs, bytes: bytes - 1, lead: 0x80, from: target)
        }
        connect(from, (lead + UInt8(blocks.lowerBound))...(lead + UInt8(blocks.upperBound)), target)
    }

    /// Adds the characters that must be escaped.
    private mutating func addEscapes(_ arcs: [CharacterAutomaton.Arc], from: Int) throws(SchemaError) {
        func target(_ character: UInt32) -> Int? {
            arcs.first { $0.characters.contains(character) }?.target
        }
        let short = CharacterSpelling.short.compactMap { pair in
            target(UInt32(pair.character)).map { (letter: pair.letter, target: $0) }
        }
        let long = (0..<UInt32(0x20)).compactMap { character in
            CharacterSpelling.short.contains { $0.character == character }
                ? nil : target(character).map { (character: character, target: $0) }
        }
        guard !short.isEmpty || !long.isEmpty else { return }
        let escape = try state()
        connect(from, "\\", escape)
        for (letter, target) in short { connect(escape, letter...letter, target) }
        guard !long.isEmpty else { return }
        let zeros = [try state(), try state(), try state()]
        connect(escape, "u", zeros[0])
        connect(zeros[0], "0", zeros[1])
        connect(zeros[1], "0", zeros[2])
        for (half, digit) in [(UInt32(0), Unicode.Scalar("0")), (1, "1")] {
            let inside = long.filter { $0.character >> 4 == half }
            guard !inside.isEmpty else { continue }
            let last = try state()
            connect(zeros[2], digit, last)
            for (character, target) in inside {
                let digit = Array("0123456789abcdef".utf8)[Int(character & 15)]
                connect(last, digit...digit, target)
            }
        }
    }

    /// Adds the states of an unconstrained string, with all spellings; returns the state after its opening quote.
    mutating func addFreeString(closing end: Int) throws(SchemaError) -> Int {
        let free = try state(.freeString)
        connect(free, "\"", end)
        let plain: [ClosedRange<UInt32>] = [0x20...0x21, 0x23...0x5B, 0x5D...0x10_FFFF]
        try addCharacters(plain.map { .init(characters: $0, target: free) }, from: free)
        let escape = try state()
        connect(free, "\\", escape)
        for letter in "\"\\/bfnrt".utf8 { connect(escape, letter...letter, free) }

        let digits = [try state(), try state(), try state()]
        for (index, state) in digits.enumerated() {
            addHexadecimal(from: state, to: index + 1 < digits.count ? digits[index + 1] : free)
        }
        let unicode = try state()
        connect(escape, "u", unicode)
        for range in ["0"..."9", "A"..."C", "E"..."F", "a"..."c", "e"..."f"] as [ClosedRange<Character>] {
            connect(
                unicode, (range.lowerBound.asciiValue ?? 0)...(range.upperBound.asciiValue ?? 0), digits[0])
        }
        // D8 to DB start a surrogate pair; DC to DF must end it.
        let surrogate = try state()
        for letter in "Dd".utf8 { connect(unicode, letter...letter, surrogate) }
        connect(surrogate, UInt8(ascii: "0")...UInt8(ascii: "7"), digits[1])
        let pair = [try state(), try state(), try state(), try state(), try state(), try state()]
        for range in ["8"..."9", "A"..."B", "a"..."b"] as [ClosedRange<Character>] {
            connect(
                surrogate, (range.lowerBound.asciiValue ?? 0)...(range.upperBound.asciiValue ?? 0), pair[0])
        }
        addHexadecimal(from: pair[0], to: pair[1])
        addHexadecimal(from: pair[1], to: pair[2])
        connect(pair[2], "\\", pair[3])
        connect(pair[3], "u", pair[4])
        for letter in "Dd".utf8 { connect(pair[4], letter...letter, pair[5]) }
        for letter in "CDEFcdef".utf8 { connect(pair[5], letter...letter, digits[1]) }
        return free
    }

    private mutating func addHexadecimal(from: Int, to: Int) {
        for range in ["0"..."9", "A"..."F", "a"..."f"] as [ClosedRange<Character>] {
            connect(from, (range.lowerBound.asciiValue ?? 0)...(range.upperBound.asciiValue ?? 0), to)
        }
    }
}
