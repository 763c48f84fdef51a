import ArgumentParser

/// The models: a catalogue, or a single checkpoint.
struct CatalogueFlags: ParsableArguments {
    /// Help text of what takes a checkpoint.
    static let checkpointHelp = """
        A checkpoint: a folder, a .gguf or .safetensors file, owner/name in the Hugging Face cache, or a name in \
        Ollama's store
        """

    @Option(
        help: ArgumentHelp(
            """
            The catalogue: a folder with catalog.yaml, the file itself, or smollm2 for what Scripts/models smollm2 \
            makes. (default: Models in the working directory, or else in the nearest folder above the executable)
            """, valueName: "path"))
    var models: String?

    @Option(help: ArgumentHelp("\(checkpointHelp), served without a catalogue.", valueName: "checkpoint"))
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Name for the API of the model that --checkpoint names. (default: the checkpoint's name)",
            valueName: "name"))
    var name: String?

    func validate() throws {
        guard models == nil || checkpoint == nil else {
            throw ValidationError("--models and --checkpoint exclude each other")
        }
        guard name == nil || models == nil else {
            throw ValidationError("--name is for --checkpoint; a catalogue has its own names")
        }
        guard checkpoint != "", name != "" else {
            throw ValidationError("--checkpoint and --name must not be empty")
        }
    }
}
