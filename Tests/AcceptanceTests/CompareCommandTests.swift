import FabricatedRuns
import Foundation
import Testing

@Suite("clearbox compare, and diff as a page", .serialized)
struct CompareCommandTests {
  private let folder = TemporaryFolder()

  @discardableResult
  private func run(_ name: String, seed: UInt64 = 1, _ change: (inout FabricatedRun) -> Void = { _ in }) throws
    -> String
  {
    var run = FabricatedRun()
    (run.documentLength, run.seed, run.replicates) = (40, seed, 300)
    // So little noise that no loss falls below 0, whatever the seed.
    run.effects[1].lossNoise = 0.05
    run.tokensSHA256 = String(repeating: String(seed), count: 64)
    run.studyText =
      "title: A study\ncorpus: { path: corpus.jsonl, order: { shuffle: numpy, seed: \(seed) } }\nseed: \(seed)\n"
    change(&run)
    let path = folder.file(name)
    // A program that another suite starts at this moment inherits HDF5's lock until it ends: then again.
    for _ in 0..<20 {
      do {
        try run.write(to: path)
        return path
      } catch {
        guard "\(error)".contains("unable to lock") else { throw error }
        for rest in [path, path + ".partial", path + ".parts"] { try? FileManager.default.removeItem(atPath: rest) }
        Thread.sleep(forTimeInterval: 0.25)
      }
    }
    try run.write(to: path)
    return path
  }

  /// The page as Python's parser of HTML reads it: tags in order, texts unescaped. Tags that do not nest are an error, and so
  /// is a script besides the page's own.
  private func parsed(_ page: String) throws -> String {
    let path = folder.file("page.html")
    try put(Data(page.utf8), at: path)
    return try Python.run(
      """
      import sys
      from html.parser import HTMLParser
      class Page(HTMLParser):
          open, scripts = [], 0
          def handle_starttag(self, tag, attributes):
              self.scripts += tag == "script"
              assert not any(name.startswith("on") for name, _ in attributes), attributes
              print("<" + tag + "".join(f' {k}="{v}"' for k, v in attributes if v) + ">")
              if tag not in ("meta", "br", "link", "img"): self.open.append(tag)
          def handle_startendtag(self, tag, attributes): pass
          def handle_endtag(self, tag):
              assert self.open and self.open.pop() == tag, (tag, self.getpos())
          def handle_data(self, data):
              if self.open and self.open[-1] not in ("script", "style"): print(data)
      page = Page(convert_charrefs=True)
      page.feed(open(sys.argv[1], encoding="utf-8").read())
      page.close()
      assert not page.open and page.scripts == 1, (page.open, page.scripts)
      """, [path])
  }

  // MARK: compare

  @Test("seeds are averaged, another model is not and the reason is told, in every format")
  func seeds() throws {
    let runs =
      try (1...3).map { try run("\($0).h5", seed: $0) } + [run("other.h5", seed: 4) { $0.modelName = "another-1b" }]
    let text = try Command.run(["compare"] + runs)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("Group A: runs 1, 2, 3 are replicates"))
    #expect(
      text.output.contains("Group B (run 4) is no replicate of group A: another model: fabricated-270m and another-1b"))
    #expect(text.output.contains("corpus.order.seed") && text.output.contains("Student’s t"))
    let markdown = try Command.run(["compare"] + runs + ["--format", "markdown"]).output
    for line in markdown.split(separator: "\n") where line.hasPrefix("|") { #expect(line.hasSuffix("|")) }
    #expect(markdown.contains("another-1b"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(Command.run(["compare"] + runs + ["--format", "json"]).output.utf8))
        as? [String: Any])
    #expect(json["schema_name"] as? String == "clearbox-compare" && (json["groups"] as? [Any])?.count == 2)
    let page = try Command.run(["compare"] + runs + ["--format", "html"])
    #expect(page.status == 0, "\(page.errors)")
    let words = try parsed(page.output)
    #expect(words.contains("<svg") && words.contains("mean of group A"))
    #expect(page.output.contains("prefers-color-scheme:dark"))
  }

  @Test("CSV holds every number in full: means are those of the lines of runs")
  func csv() throws {
    let runs = try (1...3).map { try run("\($0).h5", seed: $0) }
    let path = folder.file("out/runs.csv")
    let result = try Command.run(["compare"] + runs + ["--format", "csv", "--metrics", "cross_entropy", "-o", path])
    #expect(result.status == 0 && result.output == path + "\n")
    let check = """
      import csv, statistics, sys
      lines = list(csv.DictReader(open(sys.argv[1], newline="")))
      # 3 conditions, 3 runs and their group.
      assert len(lines) == 3 * 4 and all(None not in line and None not in line.values() for line in lines), lines
      for condition in ("bf16", "int8", "nf4"):
          own = [line for line in lines if line["condition"] == condition]
          values = [float(line["value"]) for line in own if line["kind"] == "run"]
          (group,) = [line for line in own if line["kind"] == "replicates"]
          assert len(values) == 3 == int(group["n"]) and all(len(line["value"]) > 12 for line in own), own
          assert abs(float(group["value"]) - statistics.mean(values)) < 1e-12
          assert abs(float(group["sd"]) - statistics.stdev(values)) < 1e-12
      print("as it should be")
      """
    #expect(try Python.run(check, [path]) == "as it should be\n")
  }

  @Test("a pivot makes columns of a key's values; an unknown key names those that there are")
  func pivot() throws {
    let runs = [
      try run("1.h5", seed: 1), try run("2.h5", seed: 2), try run("m.h5", seed: 1) { $0.modelName = "another" },
    ]
    let result = try Command.run(["compare"] + runs + ["--pivot", "model"])
    #expect(result.status == 0 && result.output.contains("fabricated-270m (n = 2)"), "\(result.output)")
    let page = try Command.run(["compare"] + runs + ["--pivot", "corpus.order.seed", "--format", "html"])
    #expect(page.status == 0 && page.output.contains("corpus.order.seed 2"))
    let unknown = try Command.run(["compare"] + runs + ["--pivot", "sed"])
    #expect(unknown.status == 2 && unknown.errors.contains("corpus.order.seed"))
    #expect(try Command.run(["compare", runs[0]]).status == 2)
    #expect(try Command.run(["compare", folder.file("none.h5"), runs[0]]).status == 2)
  }

  @Test("bytes depend on neither locale nor time zone")
  func deterministic() throws {
    let runs = try (1...3).map { try run("\($0).h5", seed: $0) }
    for format in ["text", "csv", "html"] {
      let first = try Command.run(["compare"] + runs + ["--format", format]).output
      let second = try Command.run(
        ["compare"] + runs + ["--format", format], environment: ["LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Kiritimati"]
      ).output
      #expect(first == second && !first.isEmpty)
    }
  }

  // MARK: diff as a page

  @Test("a page has causes, metrics with signs and words, both figures, and the sentences that differ")
  func page() throws {
    let (a, b) = (
      try run("a.h5"),
      try run("b.h5") {
        $0.effects[1].lossChange = 0.16; $0.title = "A <b>new</b> & 'quoted' title"
      }
    )
    let result = try Command.run(["diff", a, b, "--format", "html", "--gate", "cross_entropy nf4 <= 1%"])
    #expect(result.status == 1, "\(result.errors)")
    let words = try parsed(result.output)
    for text in [
      "1. Causes", "2. Metrics", "3. Presentation", "✗ worse", "✗ failed", "id=\"figure-values\"",
      "id=\"figure-differences\"", "<mark>", "Content-Security-Policy",
    ] {
      #expect(words.contains(text), "\(text)")
    }
    #expect(!result.output.contains("src=\"http") && !result.output.contains("href=\"http"))
    // The same bytes again.
    #expect(
      try Command.run(
        ["diff", a, b, "--format", "html", "--gate", "cross_entropy nf4 <= 1%"], environment: ["LC_ALL": "de_DE.UTF-8"]
      ).output == result.output)
    let markdown = try Command.run(["diff", a, b, "--format", "markdown"]).output
    #expect(markdown.contains("Key findings that the two reports tell differently"))
  }

  @Test("identical runs make a page that says so, without figures")
  func identical() throws {
    let a = try run("a.h5")
    let copy = folder.file("copy.h5")
    try FileManager.default.copyItem(atPath: a, toPath: copy)
    for other in [copy, try run("titled.h5") { $0.title = "Another" }] {
      let result = try Command.run(["diff", a, other, "--format", "html"])
      let words = try parsed(result.output)
      #expect(result.status == 0 && words.contains("No difference:") && !words.contains("<svg"))
      if other != copy { #expect(words.contains("No figure: nothing differs.") && words.contains("word for word")) }
    }
    let markdown = try Command.run(["diff", a, copy, "--format", "markdown"]).output
    #expect(!markdown.contains("tell differently"))
  }

  @Test("a folder of templates sets both commands' pages, and is for pages alone")
  func templates() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5", seed: 2))
    try FileManager.default.createDirectory(atPath: folder.file("own/html"), withIntermediateDirectories: true)
    try put(Data("{{title}}: {{#contents}}{{id}} {{/contents}}".utf8), at: folder.file("own/html/page.mustache"))
    for (command, ids) in [("diff", "result causes metrics presentation"), ("compare", "runs causes figures metrics")] {
      let result = try Command.run([command, a, b, "--format", "html", "--template", folder.file("own")])
      #expect(result.status == 0 && result.output.hasSuffix(": \(ids)\n"), "\(result.output)\(result.errors)")
      #expect(try Command.run([command, a, b, "--template", folder.file("own")]).status == 2)
      #expect(try Command.run([command, a, b, "--format", "html", "--template", folder.file("none")]).status == 2)
    }
  }

  @Test("names from a run file are harmless in the pages")
  func names() throws {
    let evil = "<script>alert(1)</script>&\"'"
    func poison(_ run: inout FabricatedRun) {
      run.modelName = evil
      run.studyText = "title: \"\(evil.replacing("\"", with: "\\\""))\"\nseed: \(run.seed)\n"
    }
    let a = try run("a.h5") { poison(&$0) }
    let b = try run("b.h5", seed: 2) { run in
      poison(&run)
      run.effects[1].parameters[0].value = evil
    }
    for arguments in [["diff", a, b], ["compare", a, b], ["compare", a, b, "--pivot", "title"]] {
      let result = try Command.run(arguments + ["--format", "html"])
      #expect(result.status == 0, "\(result.errors)")
      _ = try parsed(result.output)
      #expect(!result.output.contains("<script>alert") && result.output.contains("&lt;script&gt;alert(1)"))
    }
  }
}
