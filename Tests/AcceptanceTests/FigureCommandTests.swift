import FabricatedRuns
import Foundation
import Plot
import Report
import Testing

@Suite("clearbox figure")
struct FigureCommandTests {
  private let folder = TemporaryFolder()

  private func run() throws -> String {
    let path = folder.file("run.h5")
    try FabricatedRun().write(to: path)
    return path
  }

  @discardableResult
  private func draw(
    _ runs: [String], _ kind: String, _ file: String, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Data {
    let result = try Command.run(
      ["figure"] + runs + ["--kind", kind, "-o", folder.file(file)] + options, environment: environment)
    try #require(result.status == 0, "\(result.errors)")
    return try bytes(of: folder.file(file))
  }

  @Test("every kind of figure is drawn in every format, with the bytes of the report")
  func everyKind() throws {
    let run = try run()
    #expect(try Command.run(["render", run]).status == 0)
    let drawn = StudyFigure.all.map(\.key).filter { folder.names("figures").contains("\($0).svg") }
    // Reconstruction against accuracy is drawn for four conditions or more, bits for six; made-up runs compare no features.
    let absent = ["tradeoff", "curve", "features", "feature-tokens", "feature-energy"]
    #expect(drawn == StudyFigure.all.map(\.key).filter { !absent.contains($0) })
    for kind in drawn {
      for (name, options) in [
        ("\(kind).svg", [String]()), ("\(kind)-dark.svg", ["--theme", "dark"]), ("\(kind).pdf", []),
        ("\(kind).png", ["--pixel-ratio", "1"]), ("\(kind)@2x.png", []), ("\(kind).csv", []),
      ] {
        #expect(try draw([run], kind, name, options) == bytes(of: folder.file("figures/\(name)")), "\(name)")
      }
    }
    let words = String(decoding: try draw([run], "fvu", "fvu.txt"), as: UTF8.self)
    #expect(words.contains("Change of FVU against the baseline") && words.contains("Alt text: Dot plots"))
  }

  @Test("bytes depend on neither clock, time zone, locale, folder nor name, and dates follow SOURCE_DATE_EPOCH")
  func deterministic() throws {
    let run = try run()
    let elsewhere = folder.file("ä b.h5")
    try FileManager.default.copyItem(atPath: run, toPath: elsewhere)
    for file in ["a.svg", "a.pdf", "a.png"] {
      let first = try draw([run], "performance", file)
      Thread.sleep(forTimeInterval: 1.1)
      let second = try draw(
        [elsewhere], "performance", "b-" + file,
        environment: ["TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "SOURCE_DATE_EPOCH": ""])
      #expect(first == second, "\(file)")
      let dated = try draw([run], "performance", "c-" + file, environment: ["SOURCE_DATE_EPOCH": "1700000000"])
      #expect(dated != first)
      let text = String(decoding: dated, as: Unicode.ASCII.self)
      // 14 November 2023, 22:13:20 UTC.
      #expect(text.contains("2023-11-14T22:13:20Z") || text.contains("20231114221320Z"), "\(file)")
    }
  }

  @Test("columns and widths are as wide as they say")
  func widths() throws {
    let run = try run()
    for (options, points) in [
      (["--column", "single"], "252.28pt"), (["--column", "double"], "518.74pt"), (["--width", "120"], "340.16pt"),
    ] {
      let svg = String(decoding: try draw([run], "fvu", "w.svg", options), as: UTF8.self)
      #expect(svg.contains("width=\"\(points)\""), "\(options)")
    }
  }

  @Test("several runs, several models, one figure")
  func several() throws {
    let first = try run()
    var other = FabricatedRun()
    other.modelName = "another-model"
    try other.write(to: folder.file("other.h5"))
    let csv = String(decoding: try draw([first, folder.file("other.h5")], "performance", "both.csv"), as: UTF8.self)
    #expect(csv.hasPrefix("model,") && csv.contains("another-model"))
  }

  @Test("what cannot be drawn is bad input, said in words, and writes nothing")
  func badInput() throws {
    let run = try run()
    var bare = FabricatedRun()
    bare.experiments = ["accuracy"]
    try bare.write(to: folder.file("bare.h5"))
    for (arguments, words) in [
      ([run, "--kind", "fvv", "-o", "x.svg"], ["fvv", "noise-floor"]),
      ([run, "--kind", "fvu", "-o", "x.gif"], ["x.gif", "--format"]),
      ([run, "--kind", "fvu", "-o", "x"], ["--format"]),
      ([run, "--kind", "fvu", "-o", "x.svg", "--width", "20"], ["20", "80"]),
      ([run, "--kind", "fvu", "-o", "x.svg", "--width", "nan"], ["80"]),
      ([run, "--kind", "fvu", "-o", "x.svg", "--width", "100", "--column", "single"], ["--column"]),
      ([run, "--kind", "fvu", "-o", "x.png", "--pixel-ratio", "0"], ["--pixel-ratio"]),
      ([folder.file("bare.h5"), "--kind", "fvu", "-o", "x.svg"], ["fvu", "has no change"]),
      ([folder.file("none.h5"), "--kind", "fvu", "-o", "x.svg"], ["none.h5"]),
      ([run, "--kind", "fvu", "-o", "run.h5/x.svg"], ["x.svg", "cannot be written"]),
    ] {
      var arguments = arguments
      let place = arguments.firstIndex(of: "-o")! + 1
      arguments[place] = folder.file(arguments[place])
      let result = try Command.run(["figure"] + arguments)
      #expect(result.status == 2, "\(arguments)")
      for word in words { #expect(result.errors.contains(word), "“\(result.errors)” does not say “\(word)”") }
    }
    // A slip of the hand costs no measurement, and one model is not drawn twice.
    let before = try bytes(of: run)
    for (output, extra, words) in [
      ("run.h5", [String](), ["is a run file"]), ("figures", [], ["is a folder"]),
      ("x.svg", [run], ["Two of the runs", "fabricated-270m"]),
    ] {
      try FileManager.default.createDirectory(atPath: folder.file("figures"), withIntermediateDirectories: true)
      let result = try Command.run(
        ["figure", run] + extra + ["--kind", "performance", "--format", "csv", "-o", folder.file(output)])
      #expect(result.status == 2)
      for word in words { #expect(result.errors.contains(word), "“\(result.errors)” does not say “\(word)”") }
    }
    #expect(try bytes(of: run) == before)
    let epoch = try Command.run(
      ["figure", run, "--kind", "fvu", "-o", folder.file("x.svg")], environment: ["SOURCE_DATE_EPOCH": "yesterday"])
    #expect(epoch.status == 2 && epoch.errors.contains("SOURCE_DATE_EPOCH=yesterday"))
    #expect(!folder.names().contains { $0.hasPrefix("x") })
  }
}

@Suite("clearbox explain, and an author's words")
struct ExplainCommandTests {
  private let folder = TemporaryFolder()

  @Test("a number is derived and agrees; all are listed; what is none is bad input")
  func explain() throws {
    try FabricatedRun().write(to: folder.file("run.h5"))
    let one = try Command.run(["explain", folder.file("run.h5"), "fvu@1/nf4/ordinary/percent"])
    #expect(
      one.status == 0 && one.output.contains("/measurements/nf4/sae/vector_sum")
        && one.output.contains("The same up to rounding"))
    #expect(try Command.run(["explain", folder.file("run.h5"), "fabricated-270m/fvu@1/nf4/all"]).status == 0)
    let all = try Command.run(["explain", folder.file("run.h5")])
    #expect(all.status == 0 && all.output.contains("cross_entropy@1/int8/all/percent  "))
    let none = try Command.run(["explain", folder.file("run.h5"), "fvu@1/nf5/all"])
    #expect(none.status == 2 && none.errors.contains("fvu@1/nf4/all"))
  }

  @Test("author.yaml beside the run file is merged in every time; one that contradicts the data stops the report")
  func author() throws {
    try FabricatedRun().write(to: folder.file("run.h5"))
    let text = "title: In my own words\nabstract: \"FVU is {{fvu@1/bf16/all}}.\"\n"
    try put(Data(text.utf8), at: folder.file("author.yaml"))
    for _ in 0..<2 {
      #expect(try Command.run(["render", folder.file("run.h5")]).status == 0)
      let report = String(decoding: try bytes(of: folder.file("report.md")), as: UTF8.self)
      #expect(report.hasPrefix("# In my own words") && report.contains("FVU is 0."))
    }
    #expect(try bytes(of: folder.file("author.yaml")) == Data(text.utf8))
    try put(Data("checks: [{ says: 99, of: fvu@1/bf16/all }]".utf8), at: folder.file("wrong.yaml"))
    let wrong = try Command.run(["render", folder.file("run.h5"), "--author", folder.file("wrong.yaml")])
    #expect(wrong.status == 2 && wrong.errors.contains("99") && wrong.errors.contains("fvu@1/bf16/all"))
    #expect(try Command.run(["render", folder.file("run.h5"), "--author", folder.file("none.yaml")]).status == 2)
  }

  @Test("templates are copied, owned one by one, and refused when they name what is not there")
  func templates() throws {
    try FabricatedRun().write(to: folder.file("run.h5"))
    let own = folder.file("mine")
    #expect(try Command.run(["template", "init", own]).status == 0)
    #expect(FileManager.default.fileExists(atPath: own + "/html/page.mustache"))
    #expect(try Command.run(["template", "init", own]).status == 2)
    #expect(
      try Command.run(["render", folder.file("run.h5"), "--format", "gfm,tables", "--template", own]).status == 0)
    try put(Data("{{titel}}".utf8), at: own + "/markdown/page.mustache")
    let wrong = try Command.run(["render", folder.file("run.h5"), "--template", own])
    #expect(wrong.status == 2 && wrong.errors.contains("markdown/page.mustache") && wrong.errors.contains("titel"))
    let unknown = try Command.run(["render", folder.file("run.h5"), "--format", "word"])
    #expect(unknown.status == 2 && unknown.errors.contains("lesswrong"))
  }
}
