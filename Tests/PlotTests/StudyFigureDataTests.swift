import Analysis
import FabricatedFindings
import Foundation
import Measures
import Testing
import Words

@testable import Plot
@testable import Report

/// What each figure shows of the numbers it was given.
extension StudyFigureTests {
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

  @Test("FVU's values stand on axes from zero, one for each form")
  func fvuFromZero() throws {
    let figure = try #require(try figure(.fvu, Fabricated()))
    guard case .panels(let panels, _, let key) = figure.content else { return }
    #expect(panels[0].y.kind == .linear(fromZero: true) && panels[1].y.kind == .linear(fromZero: true))
    #expect(panels.count == 3 && key.count == 4)
    let list = try figure.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    for panel in 0...1 {
      #expect(list.commands(.tickLabel).contains { $0.panel == panel && $0.data == [0] })
      #expect(Set(list.commands(.point).filter { $0.panel == panel }.compactMap(\.series)).count == 2)
    }
  }

  @Test(
    "What an axis from zero presses together is enlarged, with the paired interval of the change",
    arguments: [
      Points.singleColumn, .doubleColumn,
    ])
  func inset(width: Points) throws {
    let findings = Fabricated.article[0].findings
    let list = try #require(try figure(.fvu, Fabricated.article[0])).drawing(width: width, fonts: try Shipped.fonts())
    let frames = list.commands(.inset).filter { $0.panel == 0 && !$0.data.isEmpty }
    #expect(frames.count == 2, "the strip and the inset")
    let factor = try #require(frames.last?.data.first)
    #expect(factor > 2.5)
    // nf4 and bf16 of all tokens in the panel, and again in the inset: there so many times as far apart.
    let points = list.commands(.point).filter { $0.panel == 0 && $0.series == "textbook form, all tokens" }
    #expect(points.count == 6)
    func height(_ data: [Double], _ rank: Int) throws -> Double {
      try #require(points.filter { $0.data == data }[rank].pathBox).middle.y.value
    }
    let base = try #require(findings.finding(.fvu, condition: "bf16")).estimate.value
    let finding = try #require(findings.finding(.fvu, condition: "nf4"))
    let (whole, part) = ([16, base], [6.18, finding.estimate.value])
    let outside = try height(whole, 0) - height(part, 0)
    let inside = try height(whole, 1) - height(part, 1)
    #expect(abs(inside / outside - factor) < 1e-6)
    let change = try #require(finding.change?.interval)
    let bars = list.commands(.interval).filter {
      $0.panel == 0 && $0.data == [6.18, base + change.low, base + change.high]
    }
    #expect(bars.count == 1, "the inset's bar is the paired one")
    // Nothing of the panel lies under the inset.
    let box = try #require(frames.last?.pathBox)
    for point in points.filter({ $0.data == whole || $0.data == part }).compactMap(\.pathBox).prefix(2) {
      #expect(!box.intersects(point))
    }
  }

  @Test("Text sources stand in the order of their mean change, each with its paired intervals")
  func sourcesData() throws {
    let findings = Fabricated().findings
    let figure = try #require(try figure(.sources, Fabricated()))
    guard case .panels(let panels, _, _) = figure.content, case .categories(let names, _) = panels[0].y.kind else {
      return
    }
    func mean(_ name: String) -> Double {
      let own = findings.sources.filter { $0.bucket.name == name }.compactMap(\.percentChange?.value)
      return own.reduce(0, +) / Double(own.count)
    }
    let means = names.map { mean(String($0.split(separator: "\u{a0}")[0])) }
    #expect(means == means.sorted(by: >) && means.count == 5)
    let list = try figure.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    for (row, name) in names.enumerated() {
      let source = try #require(findings.sources.first { name.hasPrefix($0.bucket.name) && $0.condition == "nf4" })
      let change = try #require(source.percentChange)
      #expect(list.commands(.point).contains { $0.panel == 0 && $0.data == [change.value, Double(row)] })
      #expect(
        list.commands(.interval).contains {
          $0.panel == 0 && $0.data == [Double(row), change.interval?.low, change.interval?.high]
        })
    }
  }

  @Test("Accuracy against reconstruction: a point per condition with both paired intervals")
  func tradeoffData() throws {
    let findings = Fabricated().findings
    let list = try #require(try figure(.tradeoff, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    for condition in ["int8", "nf4"] {
      let accuracy = try #require(findings.finding(.crossEntropy, condition: condition)?.percentChange)
      for (panel, form) in [Metric.fvu, .fvuArticle].enumerated() {
        for stratum in [Stratum.all, .ordinary] {
          let fvu = try #require(findings.finding(form, condition: condition, stratum: stratum)?.percentChange)
          let own = list.commands.filter { $0.panel == panel && $0.series == "\(condition), \(stratum.title)" }
          #expect(own.contains { $0.part == .point && $0.data == [accuracy.value, fvu.value] })
          #expect(
            own.contains {
              $0.part == .interval && $0.data == [fvu.value, accuracy.interval?.low, accuracy.interval?.high]
            })
          #expect(
            own.contains { $0.part == .interval && $0.data == [accuracy.value, fvu.interval?.low, fvu.interval?.high] })
        }
      }
    }
  }

  @Test("Every actual count has its label, in a second row where they are close")
  func everyCount() throws {
    for width in [Points.singleColumn, .doubleColumn] {
      let list = try #require(try figure(.stabilization, of: Fabricated.article)).drawing(
        width: width, fonts: try Shipped.fonts())
      let labels = list.commands(.tickLabel).filter { $0.panel == 0 && ($0.data.first ?? 0) > 1000 }.flatMap(\.data)
      #expect(labels == [6_144, 20_480, 51_200, 100_352, 200_704, 500_224])
    }
  }

  @Test("Where the variance lives: bars from zero, as long as the shares")
  func varianceData() throws {
    let cells = Fabricated().findings.cells
    let list = try #require(try figure(.variance, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let bars = list.commands(.bar)
    #expect(bars.count == 12)
    let whole = try #require(bars.first { $0.series == "tokens" && $0.data[1] == 0 }?.pathBox)
    for (row, cell) in cells.enumerated() {
      for (series, share) in [
        ("tokens", cell.tokenShare), ("denominator", cell.varianceShare), ("numerator", cell.errorShare),
      ] {
        let bar = try #require(bars.first { $0.series == series && $0.data[1] == Double(row) })
        #expect(bar.data[0] == share * 100)
        let box = try #require(bar.pathBox)
        #expect(box.left == whole.left)
        #expect(abs(box.width / whole.width - share / cells[0].tokenShare) < 1e-9)
      }
    }
  }

  @Test("The noise floor's line stands at 1, whatever the ratios", arguments: [0.01, 1, 30])
  func noiseFloorLine(factor: Double) throws {
    var fabricated = Fabricated()
    for index in fabricated.conditions.indices { fabricated.conditions[index].perturbation *= factor }
    let list = try #require(try figure(.noiseFloor, fabricated)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    // One in the panel of each condition.
    #expect(list.commands(.rule).map(\.data) == [[1], [1]])
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
}
