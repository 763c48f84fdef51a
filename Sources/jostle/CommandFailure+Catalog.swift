import Catalog

extension CommandFailure {
    init(_ error: CatalogError) {
        let status: Status =
            switch error.kind {
            case .catalogue: .configuration
            case .missingCheckpoint: .missingInput
            case .unservableCheckpoint: .unservable
            }
        self.init(status, error.description)
    }
}

extension CheckpointWord {
    /// Finds the checkpoint that a command names.
    static func find(_ word: String) throws(CommandFailure) -> CheckpointWord {
        guard !word.isEmpty else { throw CommandFailure(.usage, "the checkpoint's name is empty") }
        do throws(CatalogError) {
            return try CheckpointWord(word)
        } catch {
            throw CommandFailure(error)
        }
    }
}
