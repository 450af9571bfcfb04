import Analysis
import Digests
import FabricatedFindings
import Foundation
import Plot
import Testing

@testable import Report

@Suite("The report", .serialized)
struct ReportTests {
  private func write(_ fabricated: [Fabricated]) throws -> (WrittenReport, TemporaryFolder) {
    let folder = try TemporaryFolder()
    let report = try ReportWriter.write(
      findings: fabricated.map(\.findings), to: folder.url, templates: Shipped.templates, fonts: Shipped.fontsFolder,
      references: Shipped.references)
    return (report, folder)
  }

  @Test("A report is a page, a Markdown file, every figure in six files, and the tables")
  func files() throws {
    let (report, folder) = try write([Fabricated()])
    #expect(report.files.prefix(2) == ["report.html", "report.md"])
    for key in try Fabricated().document().figures.map(\.figure.key) {
      for suffix in [".svg", "-dark.svg", ".pdf", ".png", "@2x.png", ".csv"] {
        #expect(report.files.contains("figures/\(key)\(suffix)"))
      }
    }
    #expect(report.files.contains("tables/results.csv") && report.files.contains("tables/fvu.csv"))
    for path in report.files {
      #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(path).path), "\(path)")
    }
  }

  @Test("The headline has three lines: accuracy, reconstruction, noise floor")
  func headline() throws {
    let (report, folder) = try write([Fabricated()])
    defer { _ = folder }
    #expect(
      report.headline == [
        "Cross-entropy: bf16 3.217 nats per token; int8 +0.97% [+0.85%, +1.10%]; nf4 +12.5% [+11.9%, +13.1%].",
        "FVU, article’s / textbook form: bf16 0.07020 / 0.1497; int8 0.07104 / 0.1515; nf4 0.07680 / 0.1638.",
        "Noise floor, perturbation ÷ SAE residual: int8 0.522 (read with care); nf4 1.347 (informative).",
      ])
  }

  @Test("The page needs nothing from outside, and its policy proves it")
  func selfContained() throws {
    let (_, folder) = try write([Fabricated()])
    let html = try folder.text("report.html")
    #expect(html.contains("<html lang=\"en\">"))
    let script = try #require(html.firstMatch(of: /<script>([\s\S]*?)<\/script>/)?.1)
    let hash = Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
    #expect(
      html.contains(
        "content=\"default-src 'none'; script-src 'sha256-\(hash)'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""
      ))
    #expect(html.components(separatedBy: "<script").count == 2)
    #expect(!html.contains("src=\"http") && !html.contains("url(http") && !html.contains("@import"))
    #expect(html.utf8.count < 3_000_000)
    #expect(
      html.contains("prefers-color-scheme:dark") && html.contains("@media print") && html.contains("class=\"skip\""))
  }

  @Test("Every id of the page is unique, and every link inside it leads somewhere")
  func anchors() throws {
    for fabricated in [[Fabricated()], [Fabricated(), other], Fabricated.article] {
      let (_, folder) = try write(fabricated)
      let html = try folder.text("report.html")
      let ids = html.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
      #expect(Set(ids).count == ids.count)
      let targets = html.matches(of: /href="#([^"]+)"/).map { String($0.1) }
      #expect(targets.count > 20)
      #expect(Set(targets).subtracting(ids).isEmpty)
      let labelled = html.matches(of: /aria-labelledby="([^"]+)"/).flatMap {
        $0.1.split(separator: " ").map(String.init)
      }
      #expect(Set(labelled).subtracting(ids).isEmpty)
      let markdown = try folder.text("report.md")
      let anchors = Set(markdown.matches(of: /<a id="([^"]+)"/).map { String($0.1) })
      let references = Set(markdown.matches(of: /\]\(#([^)]+)\)/).map { String($0.1) })
      #expect(references.subtracting(anchors).isEmpty)
    }
  }

  private var other: Fabricated {
    var other = Fabricated()
    other.modelName = "gemma-3-4b"
    return other
  }

  @Test("Numbers in the page carry their metric, interval and sample")
  func boundNumbers() throws {
    let (_, folder) = try write([Fabricated()])
    let html = try folder.text("report.html").replacing(/<script>[\s\S]*?<\/script>/, with: "")
    #expect(html.contains("data-id=\"cross_entropy@1/nf4/all/percent\""))
    #expect(
      html.contains(
        "title=\"Cross-entropy, nf4, all tokens, change in percent of bf16: +12.5%, 95% interval [+11.9%, +13.1%]. 51,100 tokens in 100 documents. cross_entropy@1: Σ nll / number of predictions. Rows 0 to 51199 of /measurements/{nf4, bf16}/accuracy: nll.\""
      ))
    #expect(!html.contains("<data value=\"nan\"") && !html.contains("NaN") && !html.contains("inf\""))
  }

  @Test("The same findings give the same bytes, in another time zone and later")
  func deterministic() throws {
    func bytes() throws -> [String: Data] {
      let (report, folder) = try write(Fabricated.article)
      return Dictionary(
        uniqueKeysWithValues: try report.files.map {
          ($0, try Data(contentsOf: folder.url.appendingPathComponent($0)))
        })
    }
    let first = try bytes()
    setenv("TZ", "America/St_Johns", 1)
    tzset()
    defer {
      unsetenv("TZ")
      tzset()
    }
    Thread.sleep(forTimeInterval: 1.1)
    #expect(try bytes() == first)
  }

  @Test("An unfinished run says so first")
  func partial() throws {
    var partial = Fabricated()
    partial.isPartial = true
    partial.tokens = 20_480
    partial.chunks = 40
    #expect(
      try partial.words("summary").hasPrefix(
        "Unfinished run. This run had not finished: every number below stands on the 20,480 tokens measured so far, of 50,000 asked for."
      ))
    #expect(try partial.words("methodology").contains("measured were 20,480 so far"))
    #expect(try Fabricated().words("summary").hasPrefix("Under 4-bit nf4, gemma-3-270m predicts text much worse"))
    let (_, folder) = try write([partial])
    #expect(try folder.text("report.md").contains("> [!WARNING]"))
  }

  @Test(
    "A study without some experiments has a report without their sections",
    arguments: [(true, false, false), (false, true, true), (true, true, false), (false, false, false)])
  func missingExperiments(accuracy: Bool, sae: Bool, snapshots: Bool) throws {
    var fabricated = Fabricated()
    fabricated.hasAccuracy = accuracy
    fabricated.hasSAE = sae
    fabricated.hasSnapshots = snapshots
    let (report, folder) = try write([fabricated])
    let html = try folder.text("report.html")
    #expect(html.contains("id=\"performance-title\"") == accuracy)
    #expect(html.contains("id=\"reconstruction-title\"") == sae)
    #expect(html.contains("id=\"noiseFloor-title\"") == sae)
    #expect(html.contains("id=\"stabilization-title\"") == (sae && snapshots))
    #expect(report.files.contains("figures/performance.svg") == accuracy)
    #expect(report.headline.count == 3)
    if !accuracy { #expect(report.headline[0] == "Cross-entropy: not measured.") }
    if !accuracy && !sae { #expect(html.contains("No test of this study was completed")) }
  }

  @Test("From two to eight conditions, with and without intervals, a report is written")
  func manyConditions() throws {
    for var fabricated in [Fabricated.two, .eight] {
      for hasIntervals in [true, false] {
        fabricated.hasIntervals = hasIntervals
        let (report, folder) = try write([fabricated])
        defer { _ = folder }
        #expect(report.files.count > 30)
        for name in ["report.html", "report.md"] {
          #expect(!(try folder.text(name)).contains("inlines"), "a value printed as Swift describes it")
        }
      }
    }
  }

  @Test("Several models are one story: one set of sections, figures and tables; two of one name are refused")
  func severalModels() throws {
    let (alone, first) = try write([Fabricated()])
    let (report, folder) = try write([Fabricated(), other])
    defer { _ = (first, folder) }
    #expect(Set(report.files) == Set(alone.files).union(["tables/models.csv"]))
    let html = try folder.text("report.html")
    #expect(html.components(separatedBy: "<h2 ").count - 1 == (try Fabricated().document().sections.count))
    #expect(report.headline.count == 6 && report.headline[3].hasPrefix("gemma-3-4b: Cross-entropy"))
    #expect(html.contains("data-id=\"gemma-3-4b/cross_entropy@1/nf4/all\""))
    #expect(throws: ReportError.sameModelTwice("gemma-3-270m")) { try write([Fabricated(), Fabricated()]) }
    #expect(throws: ReportError.nothingToReport) { try write([]) }
  }

  @Test("A value that is no number stops the report before a file is written")
  func notFinite() throws {
    let folder = try TemporaryFolder()
    try "old".write(to: folder.url.appendingPathComponent("report.html"), atomically: true, encoding: .utf8)
    var findings = Fabricated().findings
    findings.findings[1].estimate.value = .nan
    #expect(throws: (any Error).self) {
      try ReportWriter.write(
        findings: [findings], to: folder.url, templates: Shipped.templates, fonts: Shipped.fontsFolder,
        references: Shipped.references)
    }
    #expect(try folder.text("report.html") == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["report.html"])
  }

  @Test("A model named in markup is harmless in both formats")
  func hostileName() throws {
    var hostile = Fabricated()
    hostile.modelName = "<b>&|*_`$x$"
    let (_, folder) = try write([hostile])
    let html = try folder.text("report.html")
    #expect(!html.contains(hostile.modelName))
    #expect(html.contains("&lt;b&gt;&amp;|*_`$x$"))
    let markdown = try folder.text("report.md")
    #expect(markdown.contains("\\<b\\>&amp;\\|\\*\\_\\`\\$x\\$"))
    for line in markdown.split(separator: "\n") where line.hasPrefix("|") { #expect(line.hasSuffix("|")) }
  }
}
