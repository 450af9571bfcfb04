import Experiments
import Foundation
import Testing

/// Where the real model lies on this machine.
enum RealModel {
  /// `CLEARBOX_GGUF`, or the place where `make test` puts the file.
  static func path() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let path =
      environment["CLEARBOX_GGUF"]
      ?? StudyFile.cacheFolder(environment) + "/gemma-3-270m-q4_k_m.gguf"
    try #require(
      FileManager.default.fileExists(atPath: path),
      "\(path) is missing. Acceptance tests need the real model: `make test` fetches it, or set CLEARBOX_GGUF to its path."
    )
    return path
  }

  /// A file of the repository, found from this source file.
  static func repositoryPath(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../" + name)
      .standardizedFileURL.path
  }

  static func golden(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: (Bundle.module.resourcePath ?? "") + "/Goldens/" + name))
  }
}
