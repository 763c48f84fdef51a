import FoundationEssentials
import Glibc

/// Where the catalogue is.
enum ModelsPath {
    /// The path told, or the first folder `Models` with a catalogue.
    ///
    /// It is searched for in the working directory, then in each folder above the executable:
    /// `.build/release/jostle` finds the repository's.
    static func resolve(_ told: String?) throws(CommandFailure) -> String {
        if let told {
            guard FileManager.default.fileExists(atPath: told) else {
                throw CommandFailure(
                    .missingInput,
                    "\(told): there is no such file or folder; --models names the one with catalog.yaml")
            }
            return told
        }
        for folder in ["."] + foldersAboveExecutable where hasCatalog("\(folder)/Models") {
            return folder == "." ? "Models" : "\(folder)/Models"
        }
        throw CommandFailure(
            .missingInput,
            "there is no Models/catalog.yaml in the working directory nor above the executable; use --models")
    }

    private static func hasCatalog(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/catalog.yaml")
    }

    /// From the nearest to the root.
    private static var foldersAboveExecutable: [String] {
        guard let path = realpath("/proc/self/exe", nil) else { return [] }
        defer { free(path) }
        var parts = String(cString: path).split(separator: "/")
        var folders: [String] = []
        while parts.popLast() != nil { folders.append("/" + parts.joined(separator: "/")) }
        return folders
    }
}
