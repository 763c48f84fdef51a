import GGUF
import TestSupport

extension GGUFBytes {
    func parsed() throws(GGUFError) -> GGUFFile {
        let bytes = bytes
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(GGUFError) in try GGUFFile(parsing: buffer, path: "x.gguf") }
        }
        return try result.get()
    }
}
