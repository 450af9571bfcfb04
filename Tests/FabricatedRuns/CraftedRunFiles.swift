import Foundation

/// Run files that no run leaves, made by `Tests/RunFileTests/Scripts/crafted.py` of a small made-up run.
public struct CraftedRunFiles {
  public let folder = TemporaryFolder()
  /// The run that all were made of.
  public var base: String { folder.file("base.h5") }

  /// - Parameters:
  ///   - signed: each states the hash of its content as it is, which takes a while to make.
  ///   - every: one in so many of them.
  public init(signed: Bool, every: Int = 1, file: String = #filePath) throws {
    let scripts = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("RunFileTests/Scripts").path
    var run = FabricatedRun()
    (run.chunkCount, run.chunkLength, run.batchSize, run.rerunBatches, run.replicates) = (8, 64, 2, 2, 50)
    try run.write(to: folder.file("whole.h5"))
    _ = try Python.run(
      "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import crafted; crafted.main(*sys.argv[2:4], sys.argv[4] == 'true', int(sys.argv[5]))",
      [scripts, folder.file("whole.h5"), folder.path, "\(signed)", "\(every)"])
    try FileManager.default.removeItem(atPath: folder.file("whole.h5"))
  }

  /// All but the base, by name.
  public var paths: [String] {
    folder.names().filter { $0.hasSuffix(".h5") && $0 != "base.h5" }.map(folder.file)
  }

  /// Whether a file must be read.
  public static func isValid(_ path: String) -> Bool { path.split(separator: "/").last?.hasPrefix("valid") ?? false }
}
