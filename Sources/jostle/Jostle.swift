import ArgumentParser

@main
struct Jostle: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A batch-inference server with real sparse-MoE routing.")
}
