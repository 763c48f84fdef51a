import Jinja
import Tokenizers

extension Tokenizer {
    /// Token ids of a rendered chat.
    ///
    /// Only the template's own text can become special tokens.
    func encode(_ segments: [Segment]) throws(TokenizationError) -> [TokenID] {
        var bytes: [UInt8] = []
        var markers = MarkerPlaces.nowhere
        for segment in segments {
            bytes += segment.text.utf8
            markers.append(upTo: bytes.count, isOpen: segment.isTemplate)
        }
        return try encode(bytes, markers: markers)
    }
}
