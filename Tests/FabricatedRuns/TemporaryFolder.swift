import Foundation

/// A folder that is gone when the test is.
public final class TemporaryFolder {
  public let path: String

  public init() {
    var template = Array((NSTemporaryDirectory() + "clearbox-test-XXXXXX").utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public func file(_ name: String) -> String { path + "/" + name }

  public func names(_ folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).sorted()
  }
}

public func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

public func put(_ bytes: Data, at path: String) throws { try bytes.write(to: URL(fileURLWithPath: path)) }
