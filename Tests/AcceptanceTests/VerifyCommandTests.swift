import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("clearbox verify")
struct VerifyCommandTests {
  @Test("a folder as it was rendered is good, moved elsewhere too, whatever zone, locale and date it is verified in")
  func good() throws {
    let study = try RenderedStudy([
      "--format", "html,gfm,hugo,lesswrong,latex,tables", "--image-base-url", "https://example.org/i",
    ])
    let place = study.folder.file("moved ä b")
    try FileManager.default.moveItem(atPath: study.path, toPath: place)
    let (status, found) = try study.verify(
      at: place, environment: ["TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "SOURCE_DATE_EPOCH": "1"])
    #expect(status == 0 && found.good && found.failures.isEmpty, "\(found.failures)")
    #expect(found.has("runs", "run.h5", "same", saying: "content SHA-256"))
    #expect(found.entry("inputs", "checkpoint fabricated.gguf")?.outcome == "absent")
    let text = try Command.run(["verify", place])
    #expect(text.status == 0 && text.output.contains("Nothing differs."))
  }

  @Test("the manifest's bytes follow from the run alone, and its dates from SOURCE_DATE_EPOCH")
  func deterministic() throws {
    let manifest = "/ro-crate-metadata.json"
    let first = try RenderedStudy()
    let second = try RenderedStudy(environment: [
      "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "SOURCE_DATE_EPOCH": "",
    ])
    #expect(try bytes(of: first.path + manifest) == bytes(of: second.path + manifest))
    let dated = try RenderedStudy(environment: ["SOURCE_DATE_EPOCH": "1700000000"])
    let text = String(decoding: try bytes(of: dated.path + manifest), as: UTF8.self)
    #expect(text.contains("\"datePublished\" : \"2023-11-14T22:13:20+00:00\""))
    #expect(!text.contains(dated.folder.path), "no path of a machine")
    #expect(try dated.verify().status == 0)
  }

  @Test(
    "each kind of tampering is found and named",
    arguments: [
      "svg", "markdown", "csv", "hdf5", "pdf", "missing", "extra", "manifest", "manifest and file",
    ])
  func tampering(_ kind: String) throws {
    let study = try RenderedStudy()
    let manifest = "ro-crate-metadata.json"
    switch kind {
    case "svg":
      try study.replace("width=\"", by: "Width=\"", in: "figures/fvu.svg")
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["manifest figures/fvu.svg", "rendering figures/fvu.svg"])
      #expect(found.has("rendering", "figures/fvu.svg", "differs", saying: "line ", "Width=\"", "width=\""))
    case "markdown":
      let text = String(decoding: try bytes(of: study.path + "/report.md"), as: UTF8.self)
      let number = try #require(text.firstMatch(of: /\+\d+\.\d%/)?.0)
      try study.replace(String(number), by: "+99.9%", in: "report.md")
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["manifest report.md", "rendering report.md"])
      #expect(found.has("rendering", "report.md", "differs", saying: "+99.9%", String(number)))
    case "csv":
      try study.change("tables/performance.csv") { $0[$0.count - 3] ^= 1 }
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["manifest tables/performance.csv", "rendering tables/performance.csv"])
      #expect(found.has("rendering", "tables/performance.csv", "differs", saying: "line 4:"))
    case "hdf5":
      _ = try Python.run(
        """
        import h5py, sys
        f = h5py.File(sys.argv[1], "r+")
        d = f["measurements/nf4/sae/squared_error"]
        values = d[:]
        values[17] *= 2
        d[:] = values
        """, [study.path + "/run.h5"])
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures.contains("manifest run.h5"))
      #expect(found.has("runs", "run.h5", "differs", saying: "/measurements/nf4/sae/squared_error: changed"))
      #expect(found.entry("runs", "run.h5")?.details.count { $0.hasSuffix(": changed") } == 1, "that one alone")
      #expect(found.failures.contains("rendering report.md"), "the report no longer follows from the run")
      let alone = try study.verify(at: study.path + "/run.h5")
      #expect(alone.status == 1 && alone.found.failures == ["runs \(study.path)/run.h5"])
    case "pdf":
      try study.change("figures/fvu.pdf") { $0[100] ^= 0x80 }
      let found = try study.verify().found
      #expect(found.has("rendering", "figures/fvu.pdf", "differs", saying: "byte 100: 0x"))
    case "missing":
      try FileManager.default.removeItem(atPath: study.path + "/figures/fvu.png")
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["manifest figures/fvu.png"])
      #expect(found.has("manifest", "figures/fvu.png", "missing"))
    case "extra":
      try put(Data("x".utf8), at: study.path + "/figures/more.svg")
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["manifest figures/more.svg"])
      #expect(found.has("manifest", "figures/more.svg", "unlisted"))
    case "manifest":
      try study.replace("corpus.jsonl", by: "another.jsonl", in: manifest)
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["rendering \(manifest)"])
      #expect(found.has("rendering", manifest, "differs", saying: "another.jsonl", "corpus.jsonl", "line "))
    default:
      // Whoever changes a file can change its digest too: the run file does not follow.
      let before = RenderedStudy.sha256(try bytes(of: study.path + "/report.md"))
      try study.replace("# ", by: "# Not ", in: "report.md")
      let data = try bytes(of: study.path + "/report.md")
      try study.replace(before, by: RenderedStudy.sha256(data), in: manifest)
      try study.replace(
        "\"contentSize\" : \"\(data.count - 4)\"", by: "\"contentSize\" : \"\(data.count)\"", in: manifest)
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["rendering report.md"])
      #expect(found.has("rendering", "report.md", "differs", saying: "line 1:", "# Not "))
    }
  }

  @Test("a manifest that is missing, or none of ours, is bad input; so is what is no folder and no run")
  func badInput() throws {
    let study = try RenderedStudy()
    let manifest = study.path + "/ro-crate-metadata.json"
    for text in [
      "{", "{}", "{\"@graph\": []}",
      "{\"@graph\": [{\"@id\": \"./\", \"hasPart\": [{\"@id\": \"../../etc/passwd\"}]}, {\"@id\": \"../../etc/passwd\", \"sha256\": \"0\", \"contentSize\": \"1\"}]}",
    ] {
      try put(Data(text.utf8), at: manifest)
      let result = try Command.run(["verify", study.path])
      #expect(result.status == 2 && result.errors.contains("ro-crate-metadata.json"), "\(text)")
    }
    try FileManager.default.removeItem(atPath: manifest)
    #expect(try Command.run(["verify", study.path]).errors.contains("clearbox render"))
    #expect(try Command.run(["verify", study.path + "/none"]).status == 2)
    try put(Data("no".utf8), at: study.folder.file("no.h5"))
    #expect(try Command.run(["verify", study.folder.file("no.h5")]).status == 2)
    #expect(
      try Command.run(["verify", study.path + "/run.h5", "--public-key", study.folder.file("none.pub")]).status == 2)
    #expect(try Command.run(["verify", study.path + "/run.h5"]).status == 0)
  }

  @Test("author's text and templates that lay elsewhere are kept in the folder; where they are gone, that is said")
  func completeness() throws {
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("run.h5"))
    try put(
      Data("title: Mine\nauthors: [A. Author]\nlicense: CC-BY-4.0\nabstract: Yes.\n".utf8),
      at: folder.file("words.yaml"))
    #expect(try Command.run(["template", "init", folder.file("own")]).status == 0)
    let page = folder.file("own/markdown/page.mustache")
    try put(try bytes(of: page) + Data("\nOwn words.\n".utf8), at: page)
    let study = folder.file("study")
    let render = try Command.run([
      "render", folder.file("run.h5"), "--out", study, "--author", folder.file("words.yaml"), "--template",
      folder.file("own"),
    ])
    #expect(render.status == 0, "\(render.errors)")
    let moved = TemporaryFolder()
    try FileManager.default.moveItem(atPath: study, toPath: moved.file("x"))
    try FileManager.default.removeItem(atPath: folder.file("own"))
    #expect(try Command.run(["verify", moved.file("x")]).status == 0)
    let text = String(decoding: try bytes(of: moved.file("x/ro-crate-metadata.json")), as: UTF8.self)
    #expect(
      text.contains("A. Author") && text.contains("https://spdx.org/licenses/CC-BY-4.0")
        && text.contains("\"name\" : \"Mine\""))
    try FileManager.default.removeItem(atPath: moved.file("x/rendered-from/templates"))
    let without = try Command.run(["verify", moved.file("x")])
    #expect(without.status == 1 && without.output.contains("MISSING   rendered-from/templates/markdown/page.mustache"))
    #expect(without.output.contains("cannot be rendered anew"))
    let license = folder.file("license.yaml")
    try put(Data("license: all rights reserved\n".utf8), at: license)
    let wrong = try Command.run(["render", folder.file("run.h5"), "--author", license])
    #expect(wrong.status == 2 && wrong.errors.contains("all rights reserved") && wrong.errors.contains("line 1"))
  }

  @Test("a run that stays elsewhere is asked for; a file of another run is never replaced")
  func elsewhere() throws {
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("run.h5"))
    let out = folder.file("out")
    let render = try Command.run(["render", folder.file("run.h5"), "--out", out, "--without-run"])
    #expect(render.status == 0 && render.output.contains("--run") && !folder.names("out").contains("run.h5"))
    let without = try Command.run(["verify", out])
    #expect(without.status == 1 && without.output.contains("MISSING   run.h5"))
    #expect(try Command.run(["verify", out, "--run", folder.file("run.h5")]).status == 0)
    var other = FabricatedRun()
    other.seed = 2
    let place = TemporaryFolder()
    try other.write(to: place.file("run.h5"))
    #expect(try Command.run(["verify", out, "--run", place.file("run.h5")]).status == 1)
    let before = try bytes(of: folder.file("run.h5"))
    let over = try Command.run(["render", place.file("run.h5"), "--out", folder.path])
    #expect(over.status == 2 && over.errors.contains("--without-run"))
    #expect(try bytes(of: folder.file("run.h5")) == before)
  }

  @Test("what was measured is compared where it is there, and another file is named with its digest")
  func inputs() throws {
    let folder = TemporaryFolder()
    var run = FabricatedRun()
    run.experiments = ["accuracy"]
    let text = """
      title: A study
      models: [{ name: fabricated-270m, checkpoint: model.gguf, layer: 1 }]
      corpus: { path: text.jsonl }
      experiments: [accuracy]
      conditions: [bf16, int8]
      tokens: { headline: 100 }
      """
    try put(Data("{\"text\": \"a\"}\n".utf8), at: folder.file("text.jsonl"))
    var description = run.description
    description.studyText = text
    description.corpus.sha256 = RenderedStudy.sha256(try bytes(of: folder.file("text.jsonl")))
    let parts = try RunInProgress(
      folder: folder.file("p"), description: description, columns: run.columns, fingerprint: "x")
    for block in run.blocks() { try parts.append(block, elapsedSeconds: 1) }
    try parts.assemble(to: folder.file("run.h5"), description: description)
    let same = try Command.run(["verify", folder.file("run.h5")])
    #expect(
      same.status == 0 && same.output.contains("same      corpus") && same.output.contains("absent    checkpoint"),
      "\(same.output)")
    try put(Data("{\"text\": \"b\"}\n".utf8), at: folder.file("text.jsonl"))
    let other = try Command.run(["verify", folder.file("run.h5")])
    #expect(
      other.status == 1 && other.output.contains("DIFFERS   corpus") && other.output.contains("text.jsonl: SHA-256"))
    let elsewhere = try Command.run(["verify", folder.file("run.h5"), "--study", "/nowhere/study.yaml"])
    #expect(elsewhere.status == 0 && elsewhere.output.contains("not at /nowhere/text.jsonl"))
  }

  @Test("a folder rendered by another version says so")
  func otherVersion() throws {
    let study = try RenderedStudy()
    try study.replace(
      "\"softwareVersion\" : \"0.1.0\"", by: "\"softwareVersion\" : \"0.0.9\"", in: "ro-crate-metadata.json")
    let found = try study.verify().found
    #expect(found.has("rendering", "clearbox", "note", saying: "0.0.9", "0.1.0", "may differ"))
  }

  @Test(
    "rocrate loads the folder and roc-validator finds nothing required missing",
    .enabled(if: ProcessInfo.processInfo.environment["CLEARBOX_CRATE_PYTHON"] != nil))
  func validators() throws {
    let study = try RenderedStudy(["--format", "html,gfm,hugo,lesswrong,latex,tables"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["CLEARBOX_CRATE_PYTHON"] ?? "")
    process.arguments = [Command.root.appendingPathComponent("tools/crate/validate.py").path, study.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(
      text.contains("\"ro-crate-1.1 REQUIRED\": []") && text.contains("\"process-run-crate-0.5 REQUIRED\": []"),
      "\(text)")
  }
}
