/// The patterns that published tokenizers cut text with.
extension GGUFPreTokenizer.Stage {
    private static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    private static let symbols = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#

    /// Words with or without capitals; `suffix` is what may follow each.
    private static func cased(suffix: String = "", upper: String = upper, lower: String = lower) -> String {
        let mark = #"[^\r\n\p{L}\p{N}]?"#
        return "\(mark)\(upper)*\(lower)+\(suffix)|\(mark)\(upper)+\(lower)*\(suffix)"
    }

    static let llama3 = Self.split("\(contraction)|\(word)|\\p{N}{1,3}|\(symbols)|\(spaces)")
    static let qwen2 = Self.split("\(contraction)|\(word)|\\p{N}|\(symbols)|\(spaces)")
    static let qwen35 = Self.split(
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"#
            + spaces)
    static let withoutContractions = Self.split("\(word)|\\p{N}|\(symbols)|\(spaces)")
    static let seedCoder = Self.split(
        "\(contraction)|\(word)|\\p{N}{1}|" + #" ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"#)
    static let bailing = Self.split(
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#
    )
    static let gpt4o = Self.split(
        cased(suffix: contraction + "?") + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces)
    static let tekken = Self.split(cased() + #"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces)
    static let kimi = Self.split(
        #"[\p{Han}]+|"#
            + cased(
                suffix: contraction + "?", upper: #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"#,
                lower: #"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"#)
            + "|\\p{N}{1,3}|\(symbols)|\(spaces)")
    static let thousands = Self.split(#"\d{1,3}(?=(?:\d{3})*\b)"#)
    static let bloom = Self.split(" ?[^(\\s|.,!?…。，、।۔،)]+")

    static let gpt2Words = Self.split(
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#)

    static let lineBreaks = Self.split(#"[\r\n]"#)
    static let deepSeekLetters = Self.split(
        #"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-Ჺ"#
            + #"Ჽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\x{1F7D}ᾀ-ᾴᾶ-ᾼ\x{1FBE}ῂ-ῄῆ-ῌῐ-\x{1FD3}"#
            + #"ῖ-\x{1FDB}ῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\x{2126}ℨ\x{212A}-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤ"#
            + #"Ⳬ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+"#)
    static let deepSeekPunctuation = Self.split(#"\s?[!-/:-~！-／：-～‘-‟　-。]+"#)
    static let trailingSpaces = Self.split(#"\s+$"#)
    static let deepSeekIdeographs = Self.split(#"[一-龥\x{0800}-一가-\x{D7FF}]+"#)
    static let coderLetters = Self.split(#"\s?\p{L}+"#)
    static let coderPunctuation = Self.split(#"\s?\p{P}+"#)
    static let threeDigits = Self.split(#"\p{N}{1,3}"#)
    static let cjk = Self.split("[一-龥぀-ゟ゠-ヿ]+")
    static let deepSeek3 = Self.split(
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"##
            + #"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"# + spaces)
}
