import FabricatedRuns
import Foundation
import Testing

@Suite("clearbox diff")
struct DiffCommandTests {
  private let folder = TemporaryFolder()

  @discardableResult
  private func run(_ name: String, _ change: (inout FabricatedRun) -> Void = { _ in }) throws -> String {
    var run = FabricatedRun()
    run.documentLength = 40
    change(&run)
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try run.write(to: path)
    return path
  }

  @Test("the same run gives an empty diff that says so, and passes every gate that a difference of zero passes")
  func identical() throws {
    let a = try run("a.h5")
    let copy = folder.file("copy.h5")
    try FileManager.default.copyItem(atPath: a, toPath: copy)
    let result = try Command.run(["diff", a, copy])
    #expect(
      result.status == 0 && result.output.hasPrefix("No difference: A and B are the same files, byte for byte.\n"))
    #expect(try Command.run(["diff", a, copy, "--gate", "* * identical"]).status == 0)
    let titled = try Command.run(["diff", a, run("titled.h5") { $0.title = "Another" }])
    #expect(titled.status == 0 && titled.output.contains("every number of A and B is the same, in every document"))
    #expect(titled.output.contains("Another") && !titled.output.contains("p (Holm)"))
  }

  @Test("a worse condition is named first, with interval and verdict, and gates decide the exit code")
  func gates() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.effects[1].lossChange = 0.16 })
    let plain = try Command.run(["diff", a, b])
    #expect(plain.status == 0)
    let lines = plain.output.split(separator: "\n")
    #expect(lines[0].contains("differ after Holm's correction") && lines[0].contains("worse"))
    #expect(lines[1].contains("Cross-entropy, nf4") && lines[1].hasSuffix("worse."))
    #expect(plain.output.contains("B − A") && plain.output.contains("documents resampled together"))
    #expect(!plain.output.contains("\u{1B}["))
    for (gates, status) in [
      (["cross_entropy nf4 <= 50%"], Int32(0)), (["cross_entropy nf4 <= 1%"], 1),
      (["fvu * identical", "cross_entropy nf4 within noise"], 1),
      (["cross_entropy int8 identical", "fvu*/* nf4 within noise"], 0), (["cross_entropy nf5 <= 1%"], 2),
      (["cross_entropy nf4 <= one"], 2),
      (["kl bf16 <= 1"], 2),
    ] {
      let result = try Command.run(["diff", a, b] + gates.flatMap { ["--gate", $0] })
      #expect(result.status == status, "\(gates): \(result.output)\(result.errors)")
      if status < 2 {
        #expect(result.output.contains("Gates\n-----"))
        #expect(result.output.contains(status == 0 ? "passed" : "failed"))
      }
    }
    let file = folder.file("gates.txt")
    try put(Data("# agreed\ncross_entropy nf4 <= 1%\n".utf8), at: file)
    let judged = try Command.run(["diff", a, b, "--gates", file])
    #expect(judged.status == 1 && judged.output.contains("judged was +") && judged.output.contains("in percent of A"))
  }

  @Test("what cannot be compared ends with 3, with values and a reason")
  func notComparable() throws {
    let a = try run("a.h5")
    let model = try Command.run([
      "diff", a, run("model.h5") { $0.checkpointSHA256 = String(repeating: "f", count: 64) },
    ])
    #expect(model.status == 3 && model.output.hasPrefix("Not comparable: another model"))
    let name = try Command.run(["diff", a, run("name.h5") { $0.modelName = "another" }])
    #expect(name.status == 3 && name.output.contains("no model in common"))
    let sae = try run("sae.h5") { $0.saeSHA256 = String(repeating: "e", count: 64) }
    #expect(try Command.run(["diff", a, sae]).status == 0)
    #expect(try Command.run(["diff", a, sae, "--gate", "fvu nf4 within noise"]).status == 3)
    #expect(try Command.run(["diff", a, sae, "--gate", "cross_entropy nf4 within noise"]).status == 0)
  }

  @Test("folders of several models are paired by name, and runs in progress can be compared")
  func folders() throws {
    for side in ["a", "b"] {
      try run("\(side)/one.h5") { $0.modelName = "one" }
      try run("\(side)/two.h5") {
        $0.modelName = "two"
        if side == "b" { $0.effects[1].lossChange = 0.2 }
      }
    }
    try run("b/three.h5") { $0.modelName = "three" }
    let result = try Command.run(["diff", folder.file("a"), folder.file("b")])
    #expect(result.status == 0)
    for words in ["one\n---", "two\n---", "Models only in B: three", "two, nf4"] {
      #expect(result.output.contains(words), "\(words)")
    }
    try FabricatedRun().writeParts(to: folder.file("parts"), blocks: 3)
    try FabricatedRun().write(to: folder.file("whole.h5"))
    let partial = try Command.run(["diff", folder.file("parts"), folder.file("whole.h5")])
    #expect(partial.status == 0 && partial.output.contains("A is partial") && partial.output.contains("token by token"))
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    #expect(try Command.run(["diff", folder.file("empty"), folder.file("whole.h5")]).status == 2)
  }

  @Test("Markdown and JSON say the same, and bytes depend on neither locale, time zone nor file names")
  func formats() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.effects[1].lossChange = 0.16 })
    let markdown = try Command.run(["diff", a, b, "--format", "markdown", "--gate", "fvu * within noise"]).output
    #expect(markdown.contains(/\| metric +\| condition \|/) && markdown.contains("✓ passed: `fvu * within noise`"))
    for row in markdown.split(separator: "\n") where row.hasPrefix("|") { #expect(row.hasSuffix("|")) }
    let path = folder.file("out/diff.json")
    let result = try Command.run(["diff", a, b, "--format", "json", "-o", path])
    #expect(result.status == 0 && result.output == path + "\n")
    let json = try #require(try JSONSerialization.jsonObject(with: bytes(of: path)) as? [String: Any])
    #expect(json["schema_name"] as? String == "clearbox-diff" && json["schema_version"] as? Int == 1)
    let model = try #require((json["models"] as? [[String: Any]])?.first)
    let rows = try #require(model["differences"] as? [[String: Any]])
    let row = try #require(rows.first { $0["id"] as? String == "cross_entropy@1/nf4/all" })
    #expect(row["verdict"] as? String == "worse" && (row["low"] as? Double ?? 0) > 0)
    // The same words elsewhere.
    let elsewhere = folder.file("ä b")
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    for name in ["a.h5", "b.h5"] {
      try FileManager.default.copyItem(atPath: folder.file(name), toPath: elsewhere + "/" + name)
    }
    for format in ["text", "markdown", "json"] {
      let first = try Command.run(["diff", a, b, "--format", format, "--all"]).output
      let second = try Command.run(
        ["diff", elsewhere + "/a.h5", elsewhere + "/b.h5", "--format", format, "--all"],
        environment: ["LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Kiritimati"]
      ).output
      #expect(first == second && !first.isEmpty)
    }
  }

  @Test("bad input ends with 2 and says what to do")
  func badInput() throws {
    let a = try run("a.h5")
    for (arguments, words) in [
      ([a, folder.file("none.h5")], "none.h5"), ([a, a, "--metrics", "fuv"], "cross_entropy"),
      ([a, a, "--margin", "fvu"], "no margin"),
      ([a, a, "--match", "nf4"], "equals sign"), ([a, a, "--match", "nf4=nf5"], "nf4=nf5"),
      ([a, a, "--level", "1"], "0.9999"),
      ([a, a, "--resamples", "5"], "200"), ([a, a, "--gates", folder.file("none")], "cannot be read"),
      ([a, a, "--unit", "token"], "document"),
      ([a, a, "--gate", "fvu nf4"], "a metric, a condition and a demand"),
    ] {
      let result = try Command.run(["diff"] + arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errors.contains(words), "“\(result.errors)” does not say “\(words)”")
    }
  }
}
