import ArgumentParser
import Foundation
import Report

struct TemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Begin templates of your own for the report's pages.",
    subcommands: [Init.self])

  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy the shipped templates into a folder.",
      discussion: """
        Change what you want to look different there, and give the folder to 'render' or 'run' by --template. \
        docs/templates.md has all names that a template can use.
        """)

    @Argument(help: ArgumentHelp("Folder for the copies; made if it is not there.", valueName: "folder"))
    var folder: String

    @Flag(help: "Replace files that are there already.")
    var force = false

    func run() throws {
      let shipped = try Resources.home().appendingPathComponent("templates")
      let files = try TemplateFolder.copy(shipped, to: URL(fileURLWithPath: folder), overwriting: force)
      Terminal.say("   \(folder): \(files.count) files. Now:")
      Terminal.say(
        "   1. change what you want to look different, and delete what you leave as it is: what the folder lacks is as shipped, later changes included"
      )
      Terminal.say("   2. clearbox render <run> --template \(folder)")
    }
  }
}
