import Tokenizers

extension InspectReport {
    /// For people: a line for each thing, and the problems last.
    var text: String {
        var lines: [(String, String)] = [("checkpoint", checkpoint)]
        lines += architecture?.lines ?? []
        lines += routing?.lines ?? (architecture == nil ? [] : [("routing", "none: the model is dense")])
        lines += tokenizer?.lines ?? []
        lines += weights?.lines ?? []
        lines += needs?.lines ?? []
        lines.append(("can be served", isServable ? "yes" : "no"))
        lines += problems.map { ("", "\($0.path): \($0.problem)") }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { $0.padding(toLength: width) + "  " + $1 + "\n" }.joined()
    }
}

extension InspectReport.Architecture {
    fileprivate var lines: [(String, String)] {
        let size = keySize == valueSize ? "\(keySize)" : "\(keySize) for keys and \(valueSize) for values"
        let reach = windows.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map { window, layers in
            (window == "all" ? "everything" : "\(window) tokens")
                + (windows.count == 1 ? "" : " in \(layers) layer" + (layers == 1 ? "" : "s"))
        }
        return [
            ("architecture", name),
            ("layers", "\(layers), \(sparseLayers) of them with experts"), ("hidden size", "\(hiddenSize)"),
            (
                "heads",
                "\(heads), \(keyValueHeads) for keys and values, of size \(size)"
                    + (isLatent ? ", through latents" : "")
            ),
            ("context", "\(contextLength) tokens"), ("attends to", reach.joined(separator: ", ")),
            ("rotary base", "\(ropeTheta), scaling: \(ropeScaling)"),
            (
                "embeddings",
                "\(vocabularySize), " + (tiesEmbeddings ? "tied to the head" : "apart from the head")
            ),
        ]
    }
}

extension InspectReport.Routing {
    fileprivate var lines: [(String, String)] {
        var gates = score + " scores"
        if hasChoiceBias { gates += ", a bias for the choice" }
        if let groups, let groupsKept { gates += ", from \(groupsKept) of \(groups) groups" }
        gates += isNormalised ? ", gates divided by their sum" : ", gates as they are"
        if scale != 1 { gates += ", times \(scale)" }
        let shared = sharedWidth.map { ", and shared ones of width \($0)" } ?? ""
        return [
            ("experts", "\(expertsPerToken) of \(experts), of width \(expertWidth)\(shared)"),
            ("gating", gates),
        ]
    }
}

extension InspectReport.Tokenizer {
    fileprivate var lines: [(String, String)] {
        let shown = specialTokens.prefix(8).joined(separator: " ")
        let more = specialTokens.count > 8 ? " and \(specialTokens.count - 8) more" : ""
        return [
            ("tokenizer", "\(kind), \(vocabularySize) tokens"),
            ("special tokens", specialTokens.isEmpty ? "none" : shown + more),
            ("chat template", hasChatTemplate ? "yes" : chatTemplateProblem ?? "none"),
        ]
    }
}

extension InspectReport.Weights {
    fileprivate var lines: [(String, String)] {
        let types = stored.map { "\($0.type): \($0.tensors) tensors, \($0.numbers.shortened) numbers" }
        let packing =
            quantisedReadAs.map { "auto: \($0) where quantised, others as stored" } ?? "auto: as stored"
        var lines = [
            ("format", format),
            ("weights", "\(bytes.inBytes) in \(files.count) file" + (files.count == 1 ? "" : "s")),
            ("stored as", types.joined(separator: "; ")), ("packed as", dtype == "auto" ? packing : dtype),
            ("parameters", parameters.shortened),
        ]
        if let unread, !unread.isEmpty {
            let more = unread.count > 3 ? " and \(unread.count - 3) more" : ""
            lines.append(("not read", unread.prefix(3).joined(separator: " ") + more))
        }
        return lines
    }
}

extension InspectReport.Needs {
    fileprivate var lines: [(String, String)] {
        [
            ("at work on a token", activeParameters.shortened + " parameters"),
            ("memory, weights", weightBytes.inBytes), ("memory, rotary", rotaryBytes.inBytes),
            (
                "memory, KV cache",
                "\(cacheBytesPerToken.inBytes) a token, \(cacheBytesPerContext.inBytes) a full context"
            ),
        ]
    }
}

extension Int {
    /// A number of three or four digits, with a thousand's letter.
    fileprivate var shortened: String { scaled(by: 1000, units: ["", " k", " M", " G", " T"]) }

    /// As bytes.
    fileprivate var inBytes: String { scaled(by: 1024, units: [" bytes", " KiB", " MiB", " GiB", " TiB"]) }

    private func scaled(by step: Int, units: [String]) -> String {
        var unit = 0
        var divisor = 1
        while unit + 1 < units.count, self / divisor >= step {
            divisor *= step
            unit += 1
        }
        guard unit > 0 else { return "\(self)\(units[0])" }
        let tenths = (self / (divisor / step) * 10 + step / 2) / step
        return "\(tenths / 10).\(tenths % 10)\(units[unit])"
    }
}
