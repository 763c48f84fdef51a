import FoundationEssentials
import Glibc

/// Finds the catalogue.
enum ModelsPath {
    /// Catalogues that `Scripts/models` makes.
    private static let made: Set<String> = ["smollm2"]

    /// Returns the catalogue that `told` names, or the first folder `Models` that contains one.
    ///
    /// A path wins over a name in `made`. The search looks in the working directory, then in each folder above the
    /// executable, so that `.build/release/jostle` finds the repository's.
    static func resolve(_ told: String?) throws(CommandFailure) -> String {
        if let told { return try find(told) }
        for folder in ["."] + foldersAboveExecutable where hasCatalog("\(folder)/Models") {
            return folder == "." ? "Models" : "\(folder)/Models"
        }
        throw CommandFailure(
            .missingInput,
            "no Models/catalog.yaml in the working directory or above the executable; use --models")
    }

    private static func find(_ told: String) throws(CommandFailure) -> String {
        guard !FileManager.default.fileExists(atPath: told) else { return told }
        guard made.contains(told) else {
            throw CommandFailure(
                .missingInput,
                "\(told): no such file or folder; --models must name catalog.yaml or the folder that contains it"
            )
        }
        let folder = "\(cacheFolder)/models/\(told)"
        guard hasCatalog(folder) else {
            throw CommandFailure(
                .missingInput, "\(folder)/catalog.yaml: no such file; to make it, run Scripts/models \(told)")
        }
        return folder
    }

    /// Where `Scripts/models` keeps what it makes.
    private static var cacheFolder: String {
        let environment = ProcessInfo.processInfo.environment
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
        return folder(SettingKey.cacheVariable) ?? (folder("XDG_CACHE_HOME") ?? home + "/.cache") + "/jostle"
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
