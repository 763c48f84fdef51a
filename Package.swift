// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "jostle",
    dependencies: [
        // The command line: sub-commands, --help, completion scripts.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // A tested heap: the queue of a tokenizer's merges, and of shortest paths through a grammar.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // The logging front end every Swift server shares.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Models/catalog.yaml: libyaml under Codable.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The first sentence above a target of Sources is its description in docs/rooms.md (Scripts/rooms).

        // System library: OpenBLAS, for the blas numerics.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        // System library: libmicrohttpd, an HTTP server.
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        // System library: PCRE2, for the patterns in tokenizer.json. They need \p{…}, lookaround and possessive
        // repeats at megabytes a second, and limits on steps; Swift's own Regex matches graphemes, and has no limits.
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        // System calls that ask the kernel for longer time slices.
        .systemLibrary(name: "CScheduling"),

        // JSON error bodies in place of libmicrohttpd's HTML pages.
        .target(
            name: "CErrorPages", dependencies: ["CMicroHTTPD"],
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),

        // The core: groups, capacity, slot priority, the plan, and what is dropped. Imports nothing.
        .target(name: "ExpertRouting", swiftSettings: settings),

        // JSON parser that keeps the order of members and reports where an error is. Foundation's does neither.
        .target(name: "JSON", swiftSettings: settings),
        // Structured outputs: which tokens may follow, given a JSON schema and the bytes so far.
        .target(
            name: "ConstrainedDecoding",
            dependencies: ["JSON", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: settings),

        // SIMD kernels in C, chosen at run time. Every output element is one fma chain.
        .target(
            name: "CKernels",
            // Tests run in debug builds too; the kernels stay optimised there.
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),
        // Locks, threads, and the worker pool that runs a step's loops.
        .target(name: "Threads", dependencies: ["CKernels", "CScheduling"], swiftSettings: settings),
        // Matrices, packed weights, and the numerics modes: invariant, fast, blas.
        .target(
            name: "Numerics", dependencies: ["CKernels", "COpenBLAS", "Threads"], swiftSettings: settings),

        // The template language of chat templates.
        .target(name: "Jinja", swiftSettings: settings),
        // Text to token ids and back.
        .target(
            name: "Tokenizers",
            dependencies: ["CPCRE2", "JSON", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: settings),
        // GGUF files: metadata, tensors, and quantised blocks widened to floats.
        .target(name: "GGUF", swiftSettings: settings),
        // Checkpoints, chat templates, and the forward pass.
        .target(
            name: "Transformer",
            dependencies: ["ExpertRouting", "GGUF", "JSON", "Jinja", "Numerics", "Threads", "Tokenizers"],
            swiftSettings: settings),
        // Sparse upcycling: a dense checkpoint becomes a mixture of copied experts with clustered routers.
        .target(
            name: "Upcycling",
            dependencies: ["ExpertRouting", "JSON", "Numerics", "Threads", "Tokenizers", "Transformer"],
            swiftSettings: settings),
        // Batch engine: scheduler, KV cache blocks, sampler, and the engine thread.
        .target(
            name: "Engine",
            dependencies: [
                "ConstrainedDecoding", "ExpertRouting", "Numerics", "Threads", "Tokenizers", "Transformer",
            ],
            swiftSettings: settings),
        // From the catalogue file to loaded models and running engines.
        .target(
            name: "Catalog",
            dependencies: [
                "Engine", "ExpertRouting", "Numerics", "Threads", "Tokenizers", "Transformer", "Yams",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // Synthetic traffic: seeded arrivals, lengths and prompts, as values.
        .target(name: "Traffic", swiftSettings: settings),

        // The libmicrohttpd adapter: connections, streams, TLS, keys, origins. Knows nothing of models.
        .target(
            name: "HTTP",
            dependencies: [
                "CErrorPages", "CMicroHTTPD", "Threads", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // Request and response types of the OpenAI API.
        .target(name: "OpenAI", dependencies: ["JSON"], swiftSettings: settings),
        // The API server: endpoints, admission, answers, metrics, and simulated tenants.
        .target(
            name: "Server",
            dependencies: [
                "Catalog", "ConstrainedDecoding", "Engine", "ExpertRouting", "HTTP", "JSON", "Numerics",
                "OpenAI", "Threads", "Tokenizers", "Traffic", "Transformer",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // The command line. The precedence of settings is our own: its messages name the file and the line of a
        // wrong value, which apple/swift-configuration does not know.
        .executableTarget(
            name: "jostle",
            dependencies: [
                "Catalog", "Engine", "ExpertRouting", "HTTP", "Numerics", "Server", "Threads", "Tokenizers",
                "Transformer", "Upcycling", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),

        .target(
            name: "TestSupport",
            dependencies: ["Engine", "ExpertRouting", "Numerics", "Threads", "Tokenizers", "Transformer"],
            path: "Tests/TestSupport", swiftSettings: settings),
        // What Scripts/parity compares with other programs.
        .executableTarget(
            name: "jostle-parity",
            dependencies: [
                "Numerics", "TestSupport", "Tokenizers", "Transformer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Parity", swiftSettings: settings),
        .testTarget(name: "ExpertRoutingTests", dependencies: ["ExpertRouting"], swiftSettings: settings),
        .testTarget(
            name: "ConstrainedDecodingTests", dependencies: ["ConstrainedDecoding", "ExpertRouting", "JSON"],
            swiftSettings: settings),
        .testTarget(
            name: "GGUFTests", dependencies: ["GGUF", "TestSupport"], resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(
            name: "TrafficTests", dependencies: ["ExpertRouting", "Traffic"], swiftSettings: settings),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: settings),
        // The kernels of an instruction that few machines have, for those that do not.
        .target(
            name: "EmulatedDot", dependencies: ["CKernels"], path: "Tests/EmulatedDot",
            cSettings: [
                .headerSearchPath("../../Sources/CKernels"), .unsafeFlags(["-O3", "-Wall", "-Werror"]),
            ]),
        .testTarget(
            name: "NumericsTests",
            dependencies: ["CKernels", "EmulatedDot", "ExpertRouting", "Numerics", "Threads"],
            swiftSettings: settings),
        .testTarget(
            name: "TransformerTests",
            dependencies: [
                "GGUF", "JSON", "Numerics", "TestSupport", "Threads", "Tokenizers", "Transformer",
            ],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "ConstrainedDecoding", "Engine", "ExpertRouting", "JSON", "Numerics", "TestSupport",
                "Threads", "Tokenizers", "Transformer",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JinjaTests", dependencies: ["ExpertRouting", "Jinja"], resources: [.copy("Fixtures")],
            swiftSettings: settings),
        .testTarget(
            name: "CatalogTests", dependencies: ["Catalog", "ExpertRouting", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HTTP", "TestSupport", "Threads", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(name: "OpenAITests", dependencies: ["JSON", "OpenAI"], swiftSettings: settings),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Catalog", "Engine", "ExpertRouting", "HTTP", "Numerics", "OpenAI", "Server", "TestSupport",
                "Threads", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "UpcyclingTests",
            dependencies: [
                "ExpertRouting", "Numerics", "TestSupport", "Threads", "Tokenizers", "Transformer",
                "Upcycling",
            ],
            swiftSettings: settings),
        // What reads foreign bytes; Scripts/fuzz lets a fuzzer loose on it, and its findings are replayed.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "ConstrainedDecoding", "JSON", "Numerics", "OpenAI", "TestSupport", "Tokenizers",
                "Transformer",
            ],
            path: "Tests/Fuzzing/Targets", swiftSettings: settings),
        .testTarget(
            name: "FuzzingTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/Replay",
            swiftSettings: settings),
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "Engine", "ExpertRouting", "Numerics", "TestSupport", "Threads", "Tokenizers", "Transformer",
            ],
            swiftSettings: settings),
    ]
)

// libFuzzer has the main function: Scripts/fuzz alone builds this.
if Context.environment["JOSTLE_FUZZING"] != nil {
    package.targets.append(
        .executableTarget(
            name: "jostle-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/Driver",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
