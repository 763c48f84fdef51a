import FoundationEssentials
import Glibc

/// Finds the catalogue.
enum ModelsPath {
    /// Returns `told`, or the first folder `Models` that contains a catalogue.
    ///
    /// It looks in the working directory, then in each folder above the executable, so that
    /// `.build/release/jostle` finds the repository's.
    static func resolve(_ told: String?) throws(CommandFailure) -> String {
        if let told {
            guard FileManager.default.fileExists(atPath: told) else {
                throw CommandFailure(
                    .missingInput,
                    "\(told): no such file or folder; --models must name catalog.yaml or the folder that contains it"
                )
            }
            return told
        }
        for folder in ["."] + foldersAboveExecutable where hasCatalog("\(folder)/Models") {
            return folder == "." ? "Models" : "\(folder)/Models"
        }
        throw CommandFailure(
            .missingInput,
            "no Models/catalog.yaml in the working directory or above the executable; use --models")
    }

    private static func hasCatalog(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/catalog.yaml")
    }

    /// Nearest first.
    private static var foldersAboveExecutable: [String] {
        guard let path = realpath("/proc/self/exe", nil) else { return [] }
        defer { free(path) }
        var parts = String(cString: path).split(separator: "/")
        var folders: [String] = []
        while parts.popLast() != nil { folders.append("/" + parts.joined(separator: "/")) }
        return folders
    }
}
