import ArgumentParser
import Catalog
import FoundationEssentials
import Numerics
import Threads
import Transformer
import Upcycling

/// The command `jostle upcycle`.
struct Upcycle: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a dense model into a mixture of experts.",
        discussion: """
            Sparse upcycling (Komatsuzaki et al. 2023, arXiv 2212.05055): each feed-forward network becomes several \
            copies and a router, which is made by k-means of what the network reads. While nothing is dropped, the \
            mixture computes what the dense model does, so that only a lost expert slot can change its text.

            OUT is a Hugging Face folder: Mixtral's format, or Qwen's where the dense model has its biases or norms. \
            The same source, text and options give the same files, on any processor and with any number of threads.

            EXAMPLES:
              jostle upcycle model.gguf model-8x                  8 experts, 2 per token
              jostle upcycle Models/story-dense story-4x --experts 4
              jostle upcycle model.gguf other-8x --text my.txt    routers made from your text

            EXIT STATUS: 0 OUT is complete, 64 wrong usage, 65 the model cannot be upcycled, 66 X or the text is missing \
            or unreadable, 73 OUT cannot be written, 130 or 143 ended by a signal. Unless it is 0, OUT does not exist.
            """)

    @Argument(help: ArgumentHelp("The dense model. \(CatalogueFlags.checkpointHelp).", valueName: "x"))
    var source: String

    @Argument(help: ArgumentHelp("The folder to make.", valueName: "out"))
    var destination: String

    @Option(help: ArgumentHelp("Experts per layer.", valueName: "count"))
    var experts = 8

    @Option(help: ArgumentHelp("Experts per token.", valueName: "count"))
    var choices = 2

    @Flag(help: "Add a shared expert that computes every token (Qwen2-MoE's format).")
    var shared = false

    @Option(
        help: ArgumentHelp(
            "A text file that the routers are made from; its first 2048 tokens are read. (default: a bundled text)",
            valueName: "file"))
    var text: String?

    @Option(
        help: ArgumentHelp(
            "Noise on the copies, as a share of the weights' deviation. 0 makes exact copies.",
            valueName: "share"))
    var noise = 0.0

    @Option(help: ArgumentHelp("Seed of the routers and of the noise.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Instruction set of the kernels. All give the same files.", valueName: "set"))
    var kernels = KernelSet.best

    @Option(help: ArgumentHelp("Threads. (default: one for each processor)", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must lie in 1 ... 1024") }
        guard (2...1024).contains(experts) else { throw ValidationError("--experts must lie in 2 ... 1024") }
        guard (1...experts).contains(choices) else {
            throw ValidationError("--choices must lie in 1 ... --experts, which is \(experts)")
        }
        guard (0...1).contains(noise) else { throw ValidationError("--noise must lie in 0 ... 1") }
        guard kernels.isSupported else {
            throw ValidationError("this processor cannot run the \(kernels.rawValue) kernels")
        }
    }

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in
            TerminationSignals.install()
            var sample: (name: String, content: String)?
            if let text {
                sample = (text, try ServeSettings.text(of: text, holding: "the text to make routers from"))
            }
            let found = try CheckpointWord.find(source)
            let checkpoint: Checkpoint
            do throws(CheckpointError) {
                checkpoint = try Checkpoint(at: found.path)
            } catch {
                throw CommandFailure(.unservable, error.description)
            }
            let summary = try summary(of: checkpoint, titled: found.title, reading: sample)
            write(UpcycleReport(summary, destination: destination, experts: experts).text, to: .output)
        }
    }

    /// Does the work on another thread; a signal ends it.
    private func summary(
        of checkpoint: Checkpoint, titled title: String, reading sample: (name: String, content: String)?
    ) throws(CommandFailure) -> Upcycler.Summary {
        let signal = Locked<Int32?>(nil)
        let outcome = Locked<Result<Upcycler.Summary, UpcyclingError>?>(nil)
        let progress = ProgressLine()
        var options = Upcycler.Options()
        (options.experts, options.choices, options.shared) = (experts, choices, shared)
        (options.noise, options.seed) = (noise, seed)
        let upcycler = Upcycler(
            checkpoint, options: options, kernels: Kernels(kernels), workers: WorkerPool(threadCount: threads)
        ) { stage, share throws(UpcyclingError) in
            if signal.withLock({ $0 }) != nil { throw UpcyclingError(.cancelled, "ended by a signal") }
            progress.show(stage.rawValue, share)
        }
        let name = checkpoint.declaredName ?? title
        let destination = destination
        startThread {
            let result = Result { () throws(UpcyclingError) in
                try upcycler.run(into: destination, source: name, text: sample)
            }
            outcome.withLock { $0 = result }
            outcome.signal()
            TerminationSignals.wake()
        }
        if let number = TerminationSignals.wait() { signal.withLock { $0 = number } }
        let result = outcome.wait(until: { $0 != nil }, then: { $0 })
        progress.clear()
        do throws(UpcyclingError) {
            guard let result else { throw UpcyclingError(.cancelled, "ended by a signal") }
            return try result.get()
        } catch {
            throw CommandFailure(error, signal: signal.withLock { $0 })
        }
    }
}

extension CommandFailure {
    fileprivate init(_ error: UpcyclingError, signal: Int32?) {
        let status: Status =
            switch error.kind {
            case .checkpoint: .unservable
            case .request: .usage
            case .output: .cannotCreate
            case .cancelled: signal == 15 ? .terminated : .interrupted
            }
        self.init(status, error.description)
    }
}
