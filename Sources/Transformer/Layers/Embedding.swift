import Numerics
import Tokenizers

/// The token embedding table, read directly from the mapped checkpoint.
// @unchecked: `table` points into `file`, which is mapped read-only and lives as long as this object.
final class Embedding: @unchecked Sendable {
    private let file: any WeightSource
    private let table: WeightMatrix

    init(_ file: any WeightSource, _ name: String, vocabularySize: Int, width: Int) throws(CheckpointError) {
        self.file = file
        table = try file.table(name, outputs: vocabularySize, inputs: width)
    }

    /// Writes the embedding of `token`, widened to Float; `row`: [width].
    func look(up token: TokenID, into row: UnsafeMutablePointer<Float>) {
        table.widenRow(Int(token), into: row)
    }
}
