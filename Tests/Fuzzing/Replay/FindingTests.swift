import Foundation
import FuzzTargets
import Testing

struct FindingTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Findings")

    /// What `Scripts/fuzz` found, by target.
    private static func findings(of target: FuzzTarget) throws -> [URL] {
        let folder = folder.appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    @Test(.timeLimit(.minutes(1)), arguments: FuzzTarget.allCases)
    func `what once crashed, hung or took all memory is read or refused`(target: FuzzTarget) throws {
        let folder = ScratchFolder(in: NSTemporaryDirectory())
        for file in try Self.findings(of: target) {
            target.read(Array(try Data(contentsOf: file)), in: folder)
        }
    }

    @Test(arguments: FuzzTarget.allCases) func `a fuzzer has seeds to set out from`(target: FuzzTarget) throws
    {
        let folder = ScratchFolder(in: NSTemporaryDirectory())
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty)
        for seed in seeds { target.read(Array(seed), in: folder) }
    }
}
