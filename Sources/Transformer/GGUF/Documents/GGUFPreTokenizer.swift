import GGUF
import JSON

/// How a byte-level tokenizer cuts text into pieces, by its name in `tokenizer.ggml.pre`.
///
/// The name stands for the stages of a published `tokenizer.json`; where that is not known, for the patterns of llama.cpp.
struct GGUFPreTokenizer {
    enum Stage {
        /// Every match of the pattern is a piece.
        case split(String)
        case digits(individual: Bool)
        case punctuation
        case byteLevel(usesPattern: Bool)
    }

    let stages: [Stage]
    /// Whether text is composed (NFC) first.
    var isComposing = false
    /// Whether a piece that is a token as a whole skips merging.
    var ignoresMerges = false
    /// Whether a prompt begins with a token, if the file does not say.
    var addsBeginning = false

    private static let gpt2 = [Stage.byteLevel(usesPattern: true)]
    private static let digitsApart = [Stage.digits(individual: true), .byteLevel(usesPattern: true)]

    private static func patterns(_ stages: Stage...) -> [Stage] { stages + [.byteLevel(usesPattern: false)] }

    private static let all: [(names: [String], GGUFPreTokenizer)] = [
        (
            ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
            .init(stages: patterns(.llama3), ignoresMerges: true, addsBeginning: true)
        ),
        (["dbrx", "smaug-bpe", "chatglm-bpe"], .init(stages: patterns(.llama3))),
        (["glm4", "glm5"], .init(stages: patterns(.llama3), ignoresMerges: true)),
        (
            ["qwen2", "deepseek-r1-qwen", "kormo", "megrez"],
            .init(stages: patterns(.qwen2), isComposing: true)
        ),
        (["stablelm2", "hunyuan", "solar-open", "grok-2"], .init(stages: patterns(.qwen2))),
        (["qwen35"], .init(stages: patterns(.qwen35), isComposing: true)),
        (["ufakzeka"], .init(stages: patterns(.withoutContractions))),
        (["seed-coder"], .init(stages: patterns(.seedCoder))),
        (["bailingmoe", "bailingmoe2", "llada-moe"], .init(stages: patterns(.bailing))),
        (["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], .init(stages: patterns(.gpt4o))),
        (["tiny_aya", "cohere2moe"], .init(stages: patterns(.thousands, .gpt4o))),
        (["tekken"], .init(stages: patterns(.tekken), ignoresMerges: true, addsBeginning: true)),
        (["kimi-k2"], .init(stages: patterns(.kimi))),
        (
            ["deepseek-llm"],
            .init(
                stages: patterns(
                    .lineBreaks, .deepSeekLetters, .deepSeekPunctuation, .trailingSpaces, .deepSeekIdeographs,
                    .digits(individual: true)))
        ),
        (
            ["deepseek-coder"],
            .init(
                stages: patterns(
                    .lineBreaks, .coderLetters, .coderPunctuation, .deepSeekIdeographs,
                    .digits(individual: true)))
        ),
        (
            ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            .init(stages: patterns(.threeDigits, .cjk, .deepSeek3))
        ),
        (
            [
                "gpt-2", "phi-2", "gigachat", "a.x-4.0", "mellum", "jais", "exaone4", "trillion",
                "granite-docling",
            ],
            .init(stages: gpt2)
        ),
        (["mpt", "olmo"], .init(stages: gpt2, isComposing: true)),
        (
            ["smollm", "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2"],
            .init(stages: digitsApart)
        ),
        (["command-r"], .init(stages: digitsApart, isComposing: true)),
        (["bloom", "poro-chat", "gpt3-finnish"], .init(stages: patterns(.bloom))),
        (["viking"], .init(stages: patterns(.bloom, .digits(individual: true)))),
        (
            ["falcon"],
            .init(stages: [
                .punctuation, .byteLevel(usesPattern: true), .digits(individual: false),
                .split("[0-9][0-9][0-9]"),
            ])
        ),
        (
            ["default"],
            .init(stages: [
                .split(#"[\p{P}\$\+<=>\^~\|]+"#), .gpt2Words, .split(#"\p{N}+"#),
                .split("[0-9][0-9][0-9]"), .byteLevel(usesPattern: false),
            ])
        ),
    ]

    /// The names that are supported.
    static var names: [String] { all.flatMap(\.names).sorted() }

    init(_ metadata: GGUFMetadata) throws(GGUFError) {
        let key = GGUFVocabulary.Key.preTokenizer
        // Files from before April 2024 do not name it.
        let name = try metadata.string(key) ?? "default"
        guard let entry = Self.all.first(where: { $0.names.contains(name) }) else {
            throw metadata.error(
                key,
                "is \(name), which is not supported; supported are \(Self.names.joined(separator: ", "))")
        }
        self = entry.1
    }

    private init(
        stages: [Stage], isComposing: Bool = false, ignoresMerges: Bool = false, addsBeginning: Bool = false
    ) {
        self.stages = stages
        self.isComposing = isComposing
        self.ignoresMerges = ignoresMerges
        self.addsBeginning = addsBeginning
    }

    /// The value of `pre_tokenizer`.
    var json: JSONValue { ["type": "Sequence", "pretokenizers": .array(stages.map(\.json))] }

    static func byteLevel(usesPattern: Bool) -> JSONValue {
        [
            "type": "ByteLevel", "add_prefix_space": .bool(false), "trim_offsets": .bool(true),
            "use_regex": .bool(usesPattern),
        ]
    }
}

extension GGUFPreTokenizer.Stage {
    fileprivate var json: JSONValue {
        switch self {
        case .split(let pattern):
            [
                "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated",
                "invert": .bool(false),
            ]
        case .digits(let individual): ["type": "Digits", "individual_digits": .bool(individual)]
        case .punctuation: ["type": "Punctuation", "behavior": "Contiguous"]
        case .byteLevel(let usesPattern): GGUFPreTokenizer.byteLevel(usesPattern: usesPattern)
        }
    }
}
