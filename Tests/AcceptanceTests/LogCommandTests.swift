import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@Suite("clearbox log")
struct LogCommandTests {
  private struct Line: Decodable {
    struct Number: Decodable {
      var metric, condition: String
      var value: Estimate
      var percentChange: Estimate?
    }
    struct Change: Decodable, Equatable {
      var kind, name: String
      var before, now: String?
    }
    var files: [String]
    var date, since: String?
    var model, commit: String
    var tokens: Int?
    var headline: [Number]
    var changes: [Change]
  }

  private let folder = TemporaryFolder()

  /// Three runs of one model and one of another, not in the order of their names.
  private func history() throws {
    func write(_ name: String, _ date: String, _ edit: (inout FabricatedRun, inout RunDescription) -> Void) throws {
      try FileManager.default.createDirectory(
        atPath: folder.file((name as NSString).deletingLastPathComponent), withIntermediateDirectories: true)
      var run = FabricatedRun()
      var description = run.description
      edit(&run, &description)
      description.provenance.startTime = date
      let parts = try RunInProgress(
        folder: folder.file("parts"), description: description, columns: run.columns, fingerprint: name)
      for block in run.blocks() { try parts.append(block, elapsedSeconds: 1) }
      try parts.assemble(to: folder.file(name), description: description)
      try parts.removeParts()
    }
    try write("z/first.h5", "2026-01-01T00:00:00Z") { _, _ in }
    try write("b/c/second.h5", "2026-01-03T00:00:00Z") { run, description in
      run.seed = 7
      description = run.description
      description.provenance.commit = "7654321"
      description.corpus.tokenStreamSHA256 = String(repeating: "f", count: 64)
    }
    try write("a/third.h5", "2026-01-04T00:00:00Z") { run, description in
      run.seed = 7
      description = run.description
      description.provenance.commit = "7654321"
      description.corpus.tokenStreamSHA256 = String(repeating: "f", count: 64)
    }
    try write("a/other.h5", "2026-01-02T00:00:00Z") { run, description in
      run.modelName = "another-model"
      description = run.description
    }
    try FileManager.default.copyItem(atPath: folder.file("z/first.h5"), toPath: folder.file("a/copy.h5"))
    try put(Data("no".utf8), at: folder.file("a/broken.h5"))
  }

  @Test("runs are listed oldest first with headline and what changed, copies once, and what is none is left out")
  func listed() throws {
    try history()
    let result = try Command.run(["log", folder.path, "--json"])
    try #require(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("broken.h5 is left out"))
    let lines = try JSONDecoder().decode([Line].self, from: Data(result.output.utf8))
    let names = lines.map { $0.files.map { URL(fileURLWithPath: $0).lastPathComponent } }
    #expect(names == [["copy.h5", "first.h5"], ["other.h5"], ["second.h5"], ["third.h5"]])
    #expect(lines.map(\.model) == ["fabricated-270m", "another-model", "fabricated-270m", "fabricated-270m"])
    #expect(lines[0].changes.isEmpty && lines[0].since == nil && lines[1].since == nil)
    #expect(lines[2].since?.hasSuffix("a/copy.h5") == true)
    #expect(lines[2].changes.contains(.init(kind: "study", name: "seed", before: "1", now: "7")))
    #expect(lines[2].changes.contains(.init(kind: "software", name: "commit", before: "0123456", now: "7654321")))
    #expect(lines[2].changes.contains { $0.kind == "input" && $0.name == "SHA-256 of the token ids" })
    #expect(lines[3].changes.isEmpty && lines[3].since?.hasSuffix("b/c/second.h5") == true)

    // The report's own numbers, digit for digit.
    let findings = try Findings(of: RunReader(folder.file("b/c/second.h5")))
    for number in lines[2].headline {
      let metric = try #require(Metric.all.first { $0.id == number.metric })
      let finding = try #require(findings.finding(metric, condition: number.condition))
      #expect(finding.estimate == number.value && finding.percentChange == number.percentChange)
    }
    #expect(lines[2].headline.count == 6 && lines[2].tokens == findings.measured.tokens)
  }

  @Test("people get aligned lines, the same from any folder order; nothing to list is bad input")
  func text() throws {
    try history()
    let first = try Command.run(["log", folder.file("a"), folder.file("b"), folder.file("z")])
    let second = try Command.run(
      ["log", folder.file("z"), folder.file("a"), folder.file("b")],
      environment: ["TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"])
    #expect(first.status == 0)
    let heads = first.output.split(separator: "\n").filter { $0.hasPrefix("2026-") }
    #expect(
      heads.count == 4 && Set(heads.map { $0.range(of: "  clearbox 0.1.0")?.lowerBound.utf16Offset(in: $0) }).count == 1
    )
    #expect(heads == second.output.split(separator: "\n").filter { $0.hasPrefix("2026-") })
    for words in [
      "cross-entropy  int8 +", "FVU            int8 +", "changed        seed 1 → 7", "nothing but the time",
    ] {
      #expect(first.output.contains(words), "\(words)")
    }
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    #expect(try Command.run(["log", folder.file("empty")]).status == 2)
    #expect(try Command.run(["log", folder.file("nowhere")]).status == 2)
  }
}
