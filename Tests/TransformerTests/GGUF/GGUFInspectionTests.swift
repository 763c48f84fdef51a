import Testing
import TestSupport
import Transformer

struct GGUFInspectionTests {
    @Test(arguments: try GGUFFixture.all)
    func `a converted model can be served, and every tensor is read`(fixture: GGUFFixture) {
        let inspection = Inspection(checkpoint: fixture.path)
        #expect(inspection.problems.isEmpty)
        #expect(inspection.weights?.unread == [])
        let folder = Inspection(checkpoint: fixture.folder)
        #expect(inspection.config?.architecture == folder.config?.architecture)
        #expect(inspection.needs?.activeParameters == folder.needs?.activeParameters)
        #expect(inspection.needs?.cachePerToken == folder.needs?.cachePerToken)
    }
}
