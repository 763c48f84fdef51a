import Foundation
import TestSupport
import Testing
import Threads
import Transformer

@testable import Upcycling

@Suite struct `The folder of a mixture` {
    private let folder: TemporaryFolder
    private var destination: String { folder.path + "/out" }

    init() throws { folder = try TemporaryFolder() }

    private func error(at destination: String, byteCount: Int = 1) -> String {
        do throws(UpcyclingError) {
            _ = try OutputFolder(for: destination, byteCount: byteCount)
            return ""
        } catch {
            #expect(error.kind == .output)
            return error.description
        }
    }

    @Test func `appears when it is complete, with its files`() throws {
        let output = try OutputFolder(for: destination + "//", byteCount: 1)
        try output.write("text", to: "README.md")
        #expect(try names(in: folder.path).filter { !$0.hasPrefix(".") } == [])
        try output.complete()
        #expect(try names(in: folder.path) == ["out"])
        #expect(try names(in: destination) == ["README.md"])
    }

    @Test func `leaves nothing if it is not completed`() throws {
        do {
            let output = try OutputFolder(for: destination, byteCount: 1)
            try output.write("text", to: "README.md")
        }
        #expect(try names(in: folder.path) == [])
    }

    @Test func `is not made over something else`() throws {
        _ = try folder.write("out/file", "text")
        try folder.link("link", to: "nowhere")
        #expect(error(at: destination) == "\(destination): exists already; name a new folder")
        #expect(error(at: folder.path + "/link") == "\(folder.path)/link: exists already; name a new folder")
        #expect(try names(in: destination) == ["file"])
    }

    @Test func `needs a name and a folder to be in`() {
        #expect(error(at: "") == "the folder to make has no name")
        #expect(error(at: folder.path + "/a/b") == "\(folder.path)/a: there is no such folder; make it first")
        #expect(error(at: "/proc/mixture").contains("cannot be made"))
    }

    @Test func `is refused before any work if the disk has no room`() throws {
        let error = error(at: destination, byteCount: .max / 2)
        #expect(error.hasPrefix("\(folder.path): has room for "))
        #expect(error.hasSuffix(" MB, but the mixture takes 4611686018427 MB"))
        #expect(try names(in: folder.path) == [])
    }

    @Test func `removes what a killed process has left, and nothing else`() throws {
        // No process has the first number; the second is init's.
        _ = try folder.write(".out.partial-4194305/model.safetensors", "half")
        _ = try folder.write(".out.partial-1/model.safetensors", "half")
        _ = try folder.write(".out.partial-my/notes", "text")
        _ = try OutputFolder(for: destination, byteCount: 1)
        #expect(try names(in: folder.path) == [".out.partial-1", ".out.partial-my"])
    }

    @Test(arguments: [Upcycler.Stage.loading, .reading, .clustering, .writing])
    func `leaves nothing if the work is ended`(stage: Upcycler.Stage) throws {
        let upcycler = Upcycler(
            try Checkpoint(at: tiny("tiny-llama")), options: Upcycler.Options(),
            workers: WorkerPool(threadCount: 1)
        ) { now, _ throws(UpcyclingError) in
            if now == stage { throw UpcyclingError(.cancelled, "ended") }
        }
        #expect(throws: UpcyclingError(.cancelled, "ended")) {
            try upcycler.run(into: destination, source: "tiny")
        }
        #expect(try names(in: folder.path) == [])
    }
}
