import FabricatedRuns
import Foundation
import Testing

/// Models, autoencoders and texts as the Hub has them, of true depth, names and formats, but small.
enum HubStandIns {
  /// - Parameters:
  ///   - script: in `tools/synthetic`.
  ///   - repositories: what it makes: "models/google/gemma-3-4b-pt".
  /// - Returns: folders, as `HubServer(folders:)` takes them.
  static func make(_ script: String, _ repositories: [String], in folder: TemporaryFolder) throws -> [String] {
    let goldens = Command.root.appendingPathComponent("Tests/ExperimentsTests/Goldens").path
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["CLEARBOX_PYTHON"] ?? "/usr/bin/python3")
    process.arguments = [
      Command.root.appendingPathComponent("tools/synthetic/\(script)").path, folder.file("hub"),
      "--tokenizer", goldens + "/tokenizer/small.json", "--parquet", goldens + "/corpus/corpus.parquet",
    ]
    // No compiled scripts beside the sources.
    process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "tools/synthetic/\(script) failed; it needs numpy")
    return repositories.map { "\($0)=\(folder.file("hub"))/\($0)" }
  }
}
