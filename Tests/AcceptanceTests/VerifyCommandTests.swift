import Crypto
import FabricatedRuns
import Foundation
import RunFile
import Testing

/// A study's folder, rendered from a made-up run, and what `clearbox verify --json` says of it.
private struct Study {
  let folder = TemporaryFolder()
  var path: String { folder.file("study") }

  init(_ options: [String] = [], environment: [String: String] = [:]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FabricatedRun().write(to: path + "/run.h5")
    let result = try Command.run(["render", path + "/run.h5"] + options, environment: environment)
    try #require(result.status == 0, "\(result.errors)")
  }

  struct Found: Decodable {
    struct Entry: Decodable {
      var step, subject, outcome: String
      var details: [String]
    }
    var good: Bool
    var entries: [Entry]

    func entry(_ step: String, _ subject: String) -> Entry? {
      entries.first { $0.step == step && $0.subject == subject }
    }
    func has(_ step: String, _ subject: String, _ outcome: String, saying words: String...) -> Bool {
      guard let entry = entry(step, subject) else { return false }
      let text = entry.details.joined(separator: "\n")
      return entry.outcome == outcome && words.allSatisfy(text.contains)
    }
    var failures: [String] {
      entries.filter { ["differs", "missing", "unlisted"].contains($0.outcome) }.map { "\($0.step) \($0.subject)" }
    }
  }

  /// - Returns: exit status and findings.
  func verify(
    _ options: [String] = [], at place: String? = nil, environment: [String: String] = [:]
  ) throws -> (status: Int32, found: Found) {
    let result = try Command.run(["verify", place ?? path, "--json"] + options, environment: environment)
    let json = try #require(result.output.data(using: .utf8))
    return (result.status, try JSONDecoder().decode(Found.self, from: json))
  }

  func change(_ file: String, _ edit: (inout Data) -> Void) throws {
    var data = try bytes(of: path + "/" + file)
    edit(&data)
    try put(data, at: path + "/" + file)
  }

  func replace(_ old: String, by new: String, in file: String) throws {
    let text = String(decoding: try bytes(of: path + "/" + file), as: UTF8.self)
    let place = try #require(text.range(of: old), "\(file) has no “\(old)”")
    try put(Data(text.replacingCharacters(in: place, with: new).utf8), at: path + "/" + file)
  }
}

@Suite("clearbox verify")
struct VerifyCommandTests {
  @Test("a folder as it was rendered is good, moved elsewhere too, whatever zone, locale and date it is verified in")
  func good() throws {
    let study = try Study([
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
    let first = try Study()
    let second = try Study(environment: ["TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "SOURCE_DATE_EPOCH": ""])
    #expect(try bytes(of: first.path + manifest) == bytes(of: second.path + manifest))
    let dated = try Study(environment: ["SOURCE_DATE_EPOCH": "1700000000"])
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
    let study = try Study()
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
      let before = Study.sha256(try bytes(of: study.path + "/report.md"))
      try study.replace("# ", by: "# Not ", in: "report.md")
      let data = try bytes(of: study.path + "/report.md")
      try study.replace(before, by: Study.sha256(data), in: manifest)
      try study.replace(
        "\"contentSize\" : \"\(data.count - 4)\"", by: "\"contentSize\" : \"\(data.count)\"", in: manifest)
      let (status, found) = try study.verify()
      #expect(status == 1 && found.failures == ["rendering report.md"])
      #expect(found.has("rendering", "report.md", "differs", saying: "line 1:", "# Not "))
    }
  }

  @Test("a manifest that is missing, or none of ours, is bad input; so is what is no folder and no run")
  func badInput() throws {
    let study = try Study()
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

  @Test("signatures: ours and OpenSSL's read each other, an unchecked one is said, a wrong or swapped one is found")
  func signatures() throws {
    let study = try Study()
    let (key, publicKey) = (study.folder.file("key"), study.folder.file("key.pub"))
    let signature = study.path + "/ro-crate-metadata.json.sig"
    #expect(try Command.run(["sign", "--new-key", key]).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try Command.run(["sign", "--new-key", key]).status == 2, "no key is replaced")
    #expect(try Command.run(["verify", study.path, "--public-key", publicKey]).status == 1, "not signed")
    #expect(try Command.run(["sign", study.path, "--key", key]).status == 0)
    let (unchecked, found) = try study.verify()
    #expect(unchecked == 0 && found.has("signature", "ro-crate-metadata.json.sig", "unchecked"))
    #expect(try study.verify(["--public-key", publicKey]).status == 0)
    #expect(try Command.run(["verify", study.path, "--public-key", key]).status == 2, "a private key is no public one")

    // Rendering the same again leaves it valid.
    #expect(try Command.run(["render", study.path + "/run.h5"]).status == 0)
    #expect(try study.verify(["--public-key", publicKey]).status == 0)

    let other = study.folder.file("other")
    #expect(try Command.run(["sign", "--new-key", other]).status == 0)
    let wrong = try study.verify(["--public-key", other + ".pub"])
    #expect(wrong.status == 1 && wrong.found.failures == ["signature ro-crate-metadata.json.sig"])
    let own = try bytes(of: signature)
    #expect(own.count == 64)
    try put(Data(own.reversed()), at: signature)
    #expect(try study.verify(["--public-key", publicKey]).status == 1)
    try put(own, at: signature)

    // An edit, signed for: the signature is of other bytes.
    try study.replace("corpus.jsonl", by: "another.jsonl", in: "ro-crate-metadata.json")
    #expect(
      try study.verify(["--public-key", publicKey]).found.failures.contains("signature ro-crate-metadata.json.sig"))
    try study.replace("another.jsonl", by: "corpus.jsonl", in: "ro-crate-metadata.json")
    try put(Data(), at: study.path + "/report.md")
    let refused = try Command.run(["sign", study.path, "--key", key])
    #expect(refused.status == 1 && refused.errors.contains("report.md"), "what is not as listed is not signed")
  }

  @Test(
    "OpenSSL verifies our signature, and we its",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
  func openSSL() throws {
    let study = try Study()
    let (manifest, signature) = (study.path + "/ro-crate-metadata.json", study.path + "/ro-crate-metadata.json.sig")
    func file(_ name: String) -> String { study.folder.file(name) }
    func openssl(_ arguments: [String]) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try Command.run(["sign", "--new-key", file("k")]).status == 0)
    #expect(try Command.run(["sign", study.path, "--key", file("k")]).status == 0)
    let verify = [
      "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", file("k.pub"), "-in", manifest, "-sigfile", signature,
    ]
    #expect(try openssl(verify) == 0)

    #expect(try openssl(["genpkey", "-algorithm", "ed25519", "-out", file("o")]) == 0)
    #expect(try openssl(["pkey", "-in", file("o"), "-pubout", "-out", file("o.pub")]) == 0)
    #expect(try openssl(verify) == 0)
    #expect(try openssl(["pkeyutl", "-sign", "-rawin", "-inkey", file("o"), "-in", manifest, "-out", signature]) == 0)
    #expect(try study.verify(["--public-key", file("o.pub")]).status == 0)
    #expect(try study.verify(["--public-key", file("k.pub")]).status == 1)
    #expect(try Command.run(["sign", study.path, "--key", file("o")]).status == 0)
    #expect(try openssl(verify) != 0)

    // Keys that cannot be used are named as what they are.
    #expect(try openssl(["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", file("e")]) == 0)
    #expect(try Command.run(["sign", study.path, "--key", file("e")]).errors.contains("encrypted"))
    #expect(try openssl(["genpkey", "-algorithm", "X25519", "-out", file("x")]) == 0)
    let x = try Command.run(["sign", study.path, "--key", file("x")])
    #expect(x.status == 2 && x.errors.contains("Ed25519"))
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
    description.corpus.sha256 = Study.sha256(try bytes(of: folder.file("text.jsonl")))
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
    let study = try Study()
    try study.replace(
      "\"softwareVersion\" : \"0.1.0\"", by: "\"softwareVersion\" : \"0.0.9\"", in: "ro-crate-metadata.json")
    let found = try study.verify().found
    #expect(found.has("rendering", "clearbox", "note", saying: "0.0.9", "0.1.0", "may differ"))
  }

  @Test(
    "rocrate loads the folder and roc-validator finds nothing required missing",
    .enabled(if: ProcessInfo.processInfo.environment["CLEARBOX_CRATE_PYTHON"] != nil))
  func validators() throws {
    let study = try Study(["--format", "html,gfm,hugo,lesswrong,latex,tables"])
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

extension Study {
  fileprivate static func sha256(_ data: Data) -> String {
    SHA256.hash(data: data).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
