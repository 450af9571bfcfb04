import CFuzzer
import Foundation
import FuzzedReaders

// Runs one reader on what libFuzzer makes up. Built by `make fuzz`; the reader's name is in CLEARBOX_FUZZED_READER.

private let name = ProcessInfo.processInfo.environment["CLEARBOX_FUZZED_READER"] ?? ""
private let names = FuzzedReader.allCases.map(\.rawValue).joined(separator: ", ")
guard let chosen = FuzzedReader(rawValue: name) else {
  fatalError("CLEARBOX_FUZZED_READER is “\(name)”; readers are \(names)")
}
nonisolated(unsafe) private let scratch = try Scratch()
private let reader = chosen

/// libFuzzer's own `main`, which this program's replaces, wants it under this name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(UnsafeBufferPointer(start: bytes, count: count), in: scratch)
  return 0
}

private var count = CommandLine.argc
private var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, fuzzOne))
