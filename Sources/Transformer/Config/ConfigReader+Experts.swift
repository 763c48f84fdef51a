import ExpertRouting

extension ConfigReader {
    /// Whether layer `index` has experts.
    func isSparse(_ index: Int) -> Bool {
        switch family.experts?.router {
        case nil: false
        case .mixtral: true
        case .qwen:
            file.mlpOnlyLayers?.contains(index) != true
                && (index + 1) % max(1, file.decoderSparseStep ?? 1) == 0
        case .deepSeekV2: index >= file.firstKDenseReplace ?? 0
        case .deepSeekV3: index >= file.firstKDenseReplace ?? 3
        }
    }

    func experts() throws(CheckpointError) -> ModelConfig.Experts? {
        guard let family = family.experts else { return nil }
        let (field, number) =
            switch family.router {
            case .mixtral: ("num_local_experts", file.numLocalExperts)
            case .qwen: ("num_experts", file.numExperts ?? file.numLocalExperts)
            case .deepSeekV2, .deepSeekV3: ("n_routed_experts", file.nRoutedExperts ?? file.numLocalExperts)
            }
        let count = try check.size(number, field, atMost: FieldCheck.maximumExperts)
        guard let perToken = file.numExpertsPerTok else {
            throw check.fault("num_experts_per_tok", "is missing")
        }
        guard 1...count ~= perToken else {
            throw check.fault(
                "num_experts_per_tok", "is \(perToken); it must lie in 1 ... \(field) \(count)")
        }
        if let step = file.decoderSparseStep, step < 1 {
            throw check.fault("decoder_sparse_step", "is \(step); it must be at least 1")
        }
        let width =
            file.moeIntermediateSize == nil || family.router == .mixtral
            ? try check.size(file.intermediateSize, "intermediate_size")
            : try check.size(file.moeIntermediateSize, "moe_intermediate_size")
        return ModelConfig.Experts(
            count: count, perToken: perToken, width: width,
            gating: try gating(family.router, experts: count, perToken: perToken),
            shared: try sharedExperts(family.router, hasName: family.shared != nil, width: width),
            names: family)
    }

    private func gating(
        _ router: ModelFamily.Router, experts: Int, perToken: Int
    ) throws(CheckpointError) -> Gating {
        switch router {
        case .mixtral: return Gating(isNormalised: true)
        case .qwen: return Gating(isNormalised: file.normTopkProb ?? false)
        case .deepSeekV2:
            try expect(file.scoringFunc, "scoring_func", oneOf: ["softmax"])
            try expect(file.topkMethod, "topk_method", oneOf: ["greedy", "group_limited_greedy"])
            let isLimited = file.topkMethod == "group_limited_greedy"
            return Gating(
                isNormalised: false, scale: try scale(default: 1),
                groupLimit: isLimited ? try groupLimit(experts: experts, perToken: perToken, bestOf: 1) : nil)
        case .deepSeekV3:
            try expect(file.scoringFunc, "scoring_func", oneOf: ["sigmoid"])
            try expect(file.topkMethod, "topk_method", oneOf: ["noaux_tc"])
            return Gating(
                score: .sigmoid, isNormalised: file.normTopkProb ?? true, scale: try scale(default: 2.5),
                hasChoiceBias: true,
                groupLimit: try groupLimit(experts: experts, perToken: perToken, bestOf: 2))
        }
    }

    private func expect(
        _ value: String?, _ field: String, oneOf supported: [String]
    ) throws(CheckpointError) {
        guard let value, !supported.contains(value) else { return }
        throw check.fault(
            field,
            "is \(value); \(family.architecture) is supported with \(supported.joined(separator: " and "))")
    }

    private func scale(default value: Double) throws(CheckpointError) -> Float {
        Float(try check.positive(file.routedScalingFactor ?? value, "routed_scaling_factor"))
    }

    private func groupLimit(
        experts: Int, perToken: Int, bestOf: Int
    ) throws(CheckpointError) -> Gating.GroupLimit {
        let groups = try check.size(file.nGroup, "n_group")
        let kept = try check.size(file.topkGroup, "topk_group")
        guard experts % groups == 0, experts / groups >= bestOf else {
            throw check.fault("n_group", "is \(groups); that does not divide \(experts) experts")
        }
        guard kept <= groups, perToken <= kept * (experts / groups) else {
            throw check.fault(
                "topk_group",
                "is \(kept) of \(groups) groups; \(perToken) experts per token must find room in them")
        }
        return Gating.GroupLimit(groups: groups, kept: kept, bestOf: bestOf)
    }

    private func sharedExperts(
        _ router: ModelFamily.Router, hasName: Bool, width: Int
    ) throws(CheckpointError) -> ModelConfig.SharedExperts? {
        guard hasName else { return nil }
        if router == .qwen {
            let width = try check.size(
                file.sharedExpertIntermediateSize, "shared_expert_intermediate_size")
            return ModelConfig.SharedExperts(width: width, isGated: true)
        }
        let count = file.nSharedExperts ?? 0
        guard count != 0 else { return nil }
        return ModelConfig.SharedExperts(
            width: width * (try check.size(count, "n_shared_experts", atMost: FieldCheck.maximumExperts)),
            isGated: false)
    }
}
