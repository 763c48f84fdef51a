import Foundation
import TestSupport
import Testing
import Transformer

struct BrokenCheckpointTests {
    @Test(.timeLimit(.minutes(1)), arguments: BrokenCheckpoint.all)
    func `each broken checkpoint is refused with an error that names the file and the fault`(
        broken: BrokenCheckpoint
    ) throws {
        let checkpoint = try GoodCheckpoint()
        try broken.damage(checkpoint)
        let path = checkpoint.folder.path + (broken.file.isEmpty ? "" : "/" + broken.file)
        let error = #expect(throws: CheckpointError.self) { try Model(checkpoint: checkpoint.folder.path) }
        #expect(error?.path == path)
        #expect(
            error?.problem.contains(broken.fault) == true || broken.fault.isEmpty, "\(error?.problem ?? "")")

        let inspection = Inspection(checkpoint: checkpoint.folder.path)
        #expect(inspection.problems.isEmpty != broken.isInHeaders)
        if broken.isInHeaders, let error {
            #expect(inspection.problems.contains(error), "\(inspection.problems) has not \(error)")
        }
    }

    @Test func `a good checkpoint has nothing to refuse`() throws {
        let checkpoint = try GoodCheckpoint()
        _ = try Model(checkpoint: checkpoint.folder.path)
        #expect(Inspection(checkpoint: checkpoint.folder.path).problems == [])
        try checkpoint.shard { _ in }
        _ = try Model(checkpoint: checkpoint.folder.path)
        #expect(Inspection(checkpoint: checkpoint.folder.path).problems == [])
    }
}
