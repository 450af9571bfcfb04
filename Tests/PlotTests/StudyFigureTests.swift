import Analysis
import FabricatedFindings
import Foundation
import Testing

@testable import Plot

@Suite("The study's figures")
struct StudyFigureTests {
  static let kinds = StudyFigures.Kind.allCases

  private func figure(_ kind: StudyFigures.Kind, _ fabricated: Fabricated...) throws -> Figure? {
    try figure(kind, of: fabricated)
  }

  private func figure(_ kind: StudyFigures.Kind, of all: [Fabricated]) throws -> Figure? {
    if case .figure(let figure) = try StudyFigures.make(kind, from: all.map(\.findings)) { figure } else { nil }
  }

  private static let variants: [(String, [Fabricated])] = {
    var withoutIntervals = Fabricated()
    withoutIntervals.hasIntervals = false
    return [
      ("three", [Fabricated()]), ("two", [.two]), ("eight", [.eight]), ("without intervals", [withoutIntervals]),
      ("two models", Fabricated.article), ("four models", .four),
    ]
  }()

  @Test(
    "Every figure keeps its words apart, inside, and at 7 points or more, in both widths", arguments: kinds,
    [Points.singleColumn, .doubleColumn])
  func legible(kind: StudyFigures.Kind, width: Points) throws {
    let fonts = try Shipped.fonts()
    for (name, fabricated) in Self.variants {
      let figure = try #require(try figure(kind, of: fabricated))
      let list = try figure.drawing(width: width, fonts: fonts)
      let page = Box(left: 0, top: 0, width: list.width, height: list.height)
      for text in list.texts {
        #expect(text.style.size >= 7, "\(name): \(text.text)")
        #expect(page.contains(text.box), "\(name): “\(text.text)” leaves the figure")
      }
      // Labels beside crowded points may touch when eight conditions share the panel; nothing else may, ever.
      let texts = list.commands.filter { name != "eight" || $0.part != .value }.compactMap { command -> PlacedText? in
        if case .text(let text) = command.shape { text } else { nil }
      }
      for (index, a) in texts.enumerated() {
        for b in texts[(index + 1)...] {
          #expect(!a.box.intersects(b.box), "\(name): “\(a.text)” and “\(b.text)” overlap")
        }
      }
    }
  }

  @Test("Every figure has title, caption, alt text and data, and the alt text has the main numbers", arguments: kinds)
  func described(kind: StudyFigures.Kind) throws {
    let figure = try #require(try figure(kind, Fabricated()))
    #expect(figure.key == kind.rawValue)
    #expect(!figure.title.isEmpty && figure.caption.count > 80)
    #expect(figure.altText.count > 80)
    #expect(!figure.table.rows.isEmpty)
    #expect(figure.table.rows.allSatisfy { $0.count == figure.table.columns.count })
    let expected: [String] =
      switch kind {
      case .encoding: ["640 numbers", "8,192 features", "48.3"]
      case .performance: ["int8 at 13.03 bits +0.97%", "nf4 at 11.59 bits +12.5%", "3.217"]
      case .fvu: ["bf16 0.1497", "textbook form, ordinary tokens", "nf4 0.1638 (+9.4%)"]
      case .noiseFloor: ["int8 0.522", "nf4 1.290"]
      case .stabilization: ["51,200", "bf16"]
      }
    for text in expected { #expect(figure.altText.contains(text), "\(text) in: \(figure.altText)") }
  }

  @Test("Performance shows the paired change of each condition at its bits per parameter, and the baseline at zero")
  func performanceData() throws {
    let findings = Fabricated().findings
    let list = try #require(try figure(.performance, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let points = list.commands(.point).filter { $0.panel == 0 }
    #expect(points.map(\.series) == ["bf16", "int8", "nf4"])
    #expect(points[0].data == [16, 0])
    for (point, name) in [(points[1], "int8"), (points[2], "nf4")] {
      let change = try #require(findings.finding(.crossEntropy, condition: name)?.percentChange)
      #expect(point.data[1] == change.value)
      let interval = try #require(list.commands(.interval).first { $0.panel == 0 && $0.series == name })
      #expect(Array(interval.data.dropFirst()) == [change.interval?.low, change.interval?.high])
    }
  }

  @Test("Perplexity's bars are the paired interval of the change, standing on the baseline's value")
  func perplexityIntervals() throws {
    let findings = Fabricated().findings
    let base = try #require(findings.finding(.perplexity, condition: "bf16")).estimate.value
    let change = try #require(findings.finding(.perplexity, condition: "nf4")?.change?.interval)
    let list = try #require(try figure(.performance, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let bar = try #require(list.commands(.interval).first { $0.panel == 1 && $0.series == "nf4" })
    #expect(bar.data == [11.59, base + change.low, base + change.high])
  }

  @Test("FVU's values stand on an axis from zero")
  func fvuFromZero() throws {
    let figure = try #require(try figure(.fvu, Fabricated()))
    guard case .panels(let panels, _, let key) = figure.content else { return }
    #expect(panels[0].y.kind == .linear(fromZero: true))
    #expect(key.count == 4)
    let list = try figure.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    #expect(list.commands(.tickLabel).contains { $0.panel == 0 && $0.data == [0] })
  }

  @Test("The noise floor's line stands at 1, whatever the ratios", arguments: [0.01, 1, 30])
  func noiseFloorLine(factor: Double) throws {
    var fabricated = Fabricated()
    for index in fabricated.conditions.indices { fabricated.conditions[index].perturbation *= factor }
    let list = try #require(try figure(.noiseFloor, fabricated)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    #expect(list.commands(.rule).map(\.data) == [[1]])
    #expect(list.commands(.region).map { $0.data[0] } == [1])
  }

  @Test("Stabilization has its ticks at the actual counts")
  func actualCounts() throws {
    let list = try #require(try figure(.stabilization, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let labels = list.commands(.tickLabel).filter { $0.panel == 0 && ($0.data.first ?? 0) > 1000 }
    #expect(labels.map(\.data) == [[6144], [20480], [51200]])
    #expect(list.commands(.band).count == 12)
  }

  @Test(
    "The schematic lights the true share of features", arguments: [(0.5, 1), (48.31, 2), (1024.0, 50), (8192, 400)])
  func litDots(meanL0: Double, lit: Int) throws {
    let schematic = EncodingSchematic(
      width: 640, features: 8192, meanL0: meanL0, inputLines: ["a"], featureLines: ["b"], outputLines: ["c"],
      encoder: "JumpReLU")
    let list = try schematic.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    let dots = try #require(list.commands(.illustration).first { $0.series == "active" })
    #expect(dots.data == [Double(lit)])
    guard case .path(let path, _, _) = dots.shape else { return }
    #expect(path.elements.count == lit)
  }

  @Test("What was not measured gives no figure, and says so")
  func absent() throws {
    var bare = Fabricated()
    bare.hasAccuracy = false
    bare.hasSAE = false
    for kind in Self.kinds {
      guard case .absent(let reason) = try StudyFigures.make(kind, from: [bare.findings]) else {
        Issue.record("\(kind) from nothing")
        continue
      }
      #expect(reason.hasPrefix("The "))
    }
  }

  @Test("A change without interval is a point without bar")
  func withoutIntervals() throws {
    var fabricated = Fabricated()
    fabricated.hasIntervals = false
    let list = try #require(try figure(.performance, fabricated)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    #expect(list.commands(.interval).isEmpty)
    #expect(list.commands(.point).count == 6)
  }

  @Test("Conditions of equal size stand side by side, each with its name")
  func equalSizes() throws {
    let list = try #require(try figure(.performance, .eight)).drawing(
      width: .singleColumn, fonts: try Shipped.fonts())
    let names = list.commands(.conditionName).filter { $0.panel == 0 }
    #expect(Set(names.map(\.series)).count == 8)
    let xs = names.compactMap { if case .text(let text) = $0.shape { text.origin.x.value } else { nil } }.sorted()
    #expect(zip(xs, xs.dropFirst()).allSatisfy { $1 - $0 > 8 })
  }

  @Test("NaN and infinity are errors that name the figure or the metric", arguments: [Double.nan, .infinity])
  func notFinite(value: Double) throws {
    for (metric, kind) in [
      (Metric.crossEntropy, StudyFigures.Kind.performance), (.fvu, .fvu), (.noiseFloor, .noiseFloor), (.l0, .encoding),
    ] {
      var findings = Fabricated().findings
      for index in findings.findings.indices where findings.findings[index].metric == metric {
        findings.findings[index].estimate.value = value
        findings.findings[index].percentChange?.value = value
      }
      #expect(throws: PlotError.self) { try StudyFigures.make(kind, from: [findings]) }
    }
  }

  // MARK: Several models

  @Test("Every figure names every model in its caption, its alt text and its numbers", arguments: kinds)
  func namesModels(kind: StudyFigures.Kind) throws {
    let figure = try #require(try figure(kind, of: Fabricated.article))
    for name in ["gemma-3-4b", "gemma-3-12b"] {
      #expect(figure.caption.contains(name) && figure.altText.contains(name))
      #expect(figure.table.rows.contains { $0[0] == .text(name) })
    }
    #expect(figure.table.columns[0].title == "model")
    #expect(try #require(try self.figure(kind, Fabricated())).table.columns[0].title != "model")
  }

  @Test("Models stand on the same axes, where their numbers can be compared")
  func sharedAxes() throws {
    let fonts = try Shipped.fonts()
    let axes: [(kind: StudyFigures.Kind, shared: [(Int, Int)])] = [
      (.performance, [(0, 2)]), (.fvu, [(0, 2), (1, 3)]), (.noiseFloor, [(0, 1)]),
    ]
    for (kind, shared) in axes {
      let figure = try #require(try figure(kind, of: Fabricated.article))
      let list = try figure.drawing(width: .doubleColumn, fonts: fonts)
      func ticks(_ panel: Int) -> [[Double]] { list.commands(.tickLabel).filter { $0.panel == panel }.map(\.data) }
      for (a, b) in shared { #expect(ticks(a) == ticks(b) && !ticks(a).isEmpty, "\(kind)") }
    }
  }

  @Test("Plotting areas of a column of panels stand in line")
  func aligned() throws {
    let list = try #require(try figure(.performance, of: Fabricated.article)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    func left(_ panel: Int) -> Points? {
      list.commands(.rule).first { $0.panel == panel }.flatMap { command in
        if case .path(let path, _, _) = command.shape, case .move(let start)? = path.elements.first { start.x } else { nil }
      }
    }
    #expect(left(0) == left(2) && left(1) == left(3) && left(1) != nil)
  }

  @Test("A condition has one style on every model, also where models have other conditions before it")
  func styles() throws {
    var second = Fabricated.article[1]
    second.conditions.remove(at: 1)
    let list = try #require(try figure(.performance, of: [Fabricated.article[0], second])).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let names = list.commands(.conditionName).filter { $0.series == "nf4" }.compactMap {
      if case .text(let text) = $0.shape { text.style } else { nil }
    }
    #expect(names.count == 4 && Set(names).count == 1)
    #expect(!list.commands.contains { $0.panel == 2 && $0.series == "int8" })
  }

  @Test("A model without a measure is left out of its figure, and the others are shown")
  func leftOut() throws {
    let figure = try #require(try figure(.fvu, of: .four))
    #expect(!figure.caption.contains("gemma-3-270m") && figure.caption.contains("gemma-3-1b"))
    guard case .panels(let panels, let columns, _) = figure.content else { return }
    #expect(panels.count == 6 && columns == 2)
  }
}
