import Foundation
import FuzzTargets

/// Named by `Scripts/fuzz`: the command line is libFuzzer's.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

private nonisolated(unsafe) let folder = ScratchFolder(
    in: ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")

/// Writes the target's seeds into the folder `FUZZ_SEEDS`, if there is one.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer
) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
    do {
        for (number, seed) in try target.seeds().enumerated() {
            try seed.write(to: URL(filePath: "\(folder)/seed-\(number)"))
        }
    } catch {
        fatalError("\(folder): \(error)")
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    target.read(Array(UnsafeBufferPointer(start: bytes, count: count)), in: folder)
    return 0
}
