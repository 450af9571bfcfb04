import Experiments
import Foundation

/// Files committed beside the tests; PROVENANCE.md says who made each.
enum Goldens {
  static func path(_ name: String) -> String {
    (Bundle.module.resourcePath ?? "") + "/Goldens/" + name
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func floats(_ name: String) throws -> [Float] {
    let bytes = try bytes(name)
    return bytes.withUnsafeBytes { raw in
      (0..<bytes.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}

/// A folder of a test's own, removed when the test is done.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "clearbox-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ bytes: [UInt8], as name: String) throws -> String {
    let target = path + "/" + name
    // Not Data.write(to:), which waits for the disk: tests that damage files write thousands.
    guard let file = fopen(target, "w") else { throw FileError.unreadable(path: target, reason: "cannot be written") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw FileError.unreadable(path: target, reason: "cannot be written")
    }
    return target
  }

  @discardableResult
  func write(_ text: String, as name: String) throws -> String { try write(Array(text.utf8), as: name) }

  /// A copy of a golden file or folder that a test may damage.
  func copy(_ golden: String, as name: String) throws -> String {
    let target = path + "/" + name
    try FileManager.default.copyItem(atPath: Goldens.path(golden), toPath: target)
    return target
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }
}

/// Runs `body` and returns what it throws as text, or nil when it does not throw.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
