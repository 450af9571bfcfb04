import ArgumentParser
import Foundation
import RunFile

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the shards of a run together into its run file.",
    discussion: """
      The run file has the content, and the content hash, of a run that one machine measured. Shards may be given in any \
      order; one that is missing, given twice, not finished or of another run is an error. They stay where they are. \
      docs/shards.md tells more.

      EXAMPLE
        clearbox merge out/shards/gemma-3-270m.shard-*-of-4 -o out/merged/gemma-3-270m.h5
        clearbox render out/merged/gemma-3-270m.h5
      """)

  @Argument(help: ArgumentHelp("Folders that 'run --shard' wrote.", valueName: "shard"))
  var shards: [String]

  @Option(name: .shortAndLong, help: ArgumentHelp("The run file to write.", valueName: "run"))
  var output: String

  @Flag(help: "Replace a run file that is there already.")
  var replace = false

  func run() throws {
    let merge = try RunMerge(shards)
    guard replace || !FileManager.default.fileExists(atPath: output) else {
      throw ValidationError("\(output) is there already; write to another file, or give --replace.")
    }
    let folder = URL(fileURLWithPath: output).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try merge.write(to: output)
    let hash = try RunReader(output).contentSHA256 ?? ""
    Terminal.say(
      "\(output): \(shards.count) \(shards.count == 1 ? "shard" : "shards"), \(merge.blockCount) \(merge.blockCount == 1 ? "block" : "blocks"); content SHA-256 \(hash)"
    )
  }
}
