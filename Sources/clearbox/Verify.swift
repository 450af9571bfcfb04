import ArgumentParser
import Experiments
import Foundation
import Report
import RunFile

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that a study's folder is what was written, and follows from its run files.",
    discussion: """
      Compares the folder's files with its manifest (ro-crate-metadata.json), the run files with the hashes of their \
      content, everything rendered with what the run files give when they are rendered anew, byte for byte, and what was \
      measured with its recorded hashes, where it is on this machine. Of a single run file, its content and what was \
      measured are checked. docs/verify.md says what is proved and what is not.

      EXAMPLE
        clearbox verify out/quick
        clearbox verify out/quick --public-key signer.pub

      EXIT CODES
        0  everything that could be checked is as it should be
        1  something differs, is missing, or is not listed
        2  bad input: no manifest, no key, no run file
      """)

  @Argument(help: ArgumentHelp("A study's folder, or a run file.", valueName: "folder"))
  var path: String

  @Option(help: ArgumentHelp("Ed25519 public key (PEM) that must have signed the manifest.", valueName: "file"))
  var publicKey: String?

  @Option(name: .customLong("run"), help: ArgumentHelp("A run file that lies outside the folder.", valueName: "run"))
  var runs: [String] = []

  @Option(
    help: ArgumentHelp(
      "The study file, where its relative paths start from; default: the folder, the working directory, and studies/ in it and in clearbox's sources.",
      valueName: "study"))
  var study: String?

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func run() throws {
    let key = try publicKey.map { try VerifyingKey(file: $0) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunFileError.missing(path: path)
    }
    let isStudy = isFolder.boolValue && !FileManager.default.fileExists(atPath: path + "/run-in-progress.json")
    let home = isStudy ? try Resources.home() : try? Resources.home()
    var result: Verification
    let readers: [RunReader]
    if isStudy, let home {
      var folder = try FolderVerification(
        of: URL(fileURLWithPath: path), home: home, version: Version.text,
        others: try runs.map { try Render.open($0, verifyingContent: false) })
      try folder.checkFiles()
      try folder.checkSignature(with: key)
      folder.checkRuns()
      folder.checkRendering()
      (result, readers) = (folder.result, folder.runs)
    } else {
      guard key == nil, runs.isEmpty else {
        throw ValidationError("\(path) is a run file: --public-key and --run are for a study's folder.")
      }
      result = Verification()
      do {
        let reader = try Render.open(path, verifyingContent: false)
        result.check(run: reader, as: path)
        readers = [reader]
      } catch RunFileError.bytesChanged(let path) {
        result.add(.runs, path, .differs, ["\(RunFileError.bytesChanged(path: path))"])
        readers = []
      }
    }
    for reader in readers { addInputs(of: reader, home: home, to: &result, areSeveral: readers.count > 1) }
    if json { try Self.printJSON(result, path: path) } else { Self.tell(result) }
    if !result.isGood { throw ExitCode(1) }
  }

  /// Where the study file may have lain.
  private func folders(home: URL?) -> [String] {
    if let study { return [URL(fileURLWithPath: study).deletingLastPathComponent().path] }
    let working = FileManager.default.currentDirectoryPath
    let own = URL(fileURLWithPath: path)
    return [own.hasDirectoryPath ? own.path : own.deletingLastPathComponent().path, working, working + "/studies"]
      + (home.map { [$0.appendingPathComponent("studies").path] } ?? [])
  }

  private func addInputs(of reader: RunReader, home: URL?, to result: inout Verification, areSeveral: Bool) {
    for input in StudyInput.check(reader.description, from: folders(home: home)) {
      let model = areSeveral && input.role != .tokenizer ? ", for \(reader.description.model.name)" : ""
      let condition = input.condition.map { " (condition \($0))" } ?? ""
      let subject = "\(input.role == .sae ? "SAE" : input.role.rawValue) \(input.name)\(condition)\(model)"
      switch input.state {
      case .same: result.add(.inputs, subject, .same, ["SHA-256 \(input.recorded)"])
      case .differs(let found):
        result.add(
          .inputs, subject, .differs,
          ["\(input.path ?? ""): SHA-256 \(found)", "the run measured one of \(input.recorded)"])
      case .absent:
        result.add(.inputs, subject, .absent, input.path.map { ["not at \($0)"] } ?? ["not on this machine"])
      case .unreadable(let reason): result.add(.inputs, subject, .differs, ["\(input.path ?? ""): \(reason)"])
      case .unknown(let reason): result.add(.inputs, subject, .absent, [reason])
      }
    }
  }

  // MARK: Telling

  private static let titles: [Verification.Step: String] = [
    .manifest: "Files, against the manifest", .signature: "Signature",
    .runs: "Run files, against the hash of their content",
    .rendering: "Report, rendered anew", .inputs: "What was measured",
  ]

  private static func tell(_ result: Verification) {
    for step in Verification.Step.allCases {
      let entries = result.entries(of: step)
      guard !entries.isEmpty else { continue }
      Terminal.say(titles[step] ?? step.rawValue)
      // Failures first, so that what matters is not under a long list.
      for entry in entries.filter(\.outcome.isFailure) + entries.filter({ !$0.outcome.isFailure }) {
        let isSummary = entry.outcome == .note && [StudyManifest.fileName, "report"].contains(entry.subject)
        if isSummary {
          for detail in entry.details { Terminal.say("  \(detail)") }
        } else {
          let word = entry.outcome.rawValue
          let mark = entry.outcome.isFailure ? word.uppercased() : word
          Terminal.say("  \(mark.padding(toLength: 9, withPad: " ", startingAt: 0)) \(entry.subject)")
          for detail in entry.details {
            for line in detail.split(separator: "\n") { Terminal.say("            \(line)") }
          }
        }
      }
    }
    let failures = result.entries.filter(\.outcome.isFailure).count
    Terminal.say()
    Terminal.say(
      failures == 0
        ? "Nothing differs."
        : "\(failures) \(failures == 1 ? "thing is" : "things are") not as \(failures == 1 ? "it" : "they") should be.")
  }

  private struct Report: Encodable {
    var path: String
    var version: String
    var good: Bool
    var entries: [Verification.Entry]
  }

  private static func printJSON(_ result: Verification, path: String) throws {
    let report = Report(path: path, version: Version.text, good: result.isGood, entries: result.entries)
    Terminal.say(String(decoding: try report.sortedJSON().dropLast(), as: UTF8.self))
  }
}
