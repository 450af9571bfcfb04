import ArgumentParser
import Exchange
import Foundation

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make run files of numbers that were measured elsewhere.",
    discussion: """
      Takes results of the article's code (results/run_….json): one run file per model, with values and no intervals. \
      Takes run files that another program wrote, e.g. from PyTorch with h5py: they are checked row by row, and written \
      as clearbox writes them. docs/exchange.md describes both.
      """)

  @Argument(help: ArgumentHelp("Files to import: JSON or HDF5.", valueName: "file"))
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Folder for run files; default: out/<file's name> in the working directory.", valueName: "folder"))
  var out: String?

  func run() throws {
    for file in files {
      let folder = out ?? "out/\(URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent)"
      for written in try Exchange.Import.file(file, to: folder, program: ImportingProgram(version: Version.text)) {
        Terminal.say("   \(written)")
      }
    }
  }
}
