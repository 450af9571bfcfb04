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
  @Test("Performance shows the paired change of each condition in nats, the largest first, and perplexity over it")
  func performanceData() throws {
    let findings = Fabricated().findings
    let figure = try #require(try figure(.performance, Fabricated()))
    guard case .panels(let panels, _, _) = figure.content else { return }
    #expect(panels[0].y.kind == .categories(["int8, 13.03 bits", "nf4, 11.59 bits"], [.series1, .series2]))
    let list = try figure.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    #expect(list.commands(.point).map(\.series) == ["int8", "nf4"])
    for (row, name) in ["int8", "nf4"].enumerated() {
      let change = try #require(findings.finding(.crossEntropy, condition: name)?.change)
      #expect(list.commands(.point)[row].data == [change.value, Double(row)])
      let interval = try #require(list.commands(.interval).first { $0.series == name })
      #expect(Array(interval.data.dropFirst()) == [change.interval?.low, change.interval?.high])
    }
    // A tick of the upper scale stands where cross-entropy makes that perplexity.
    let base = try #require(findings.finding(.perplexity, condition: "bf16")).estimate.value
    let upper = try #require(panels[0].upper)
    #expect(upper.title == "Perplexity" && upper.ticks.count > 2)
    for tick in upper.ticks {
      let perplexity = try #require(Double(tick.label))
      #expect(abs(base * exp(tick.value) - perplexity) < 1e-9)
    }
  }

  @Test("The overview shows what each verdict judged, in margins")
  func overviewData() throws {
    let findings = Fabricated().findings
    let list = try #require(try figure(.overview, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let points = list.commands(.point)
    #expect(points.count == 12)
    let change = try #require(findings.finding(.crossEntropy, condition: "nf4")?.percentChange)
    #expect(points.contains { $0.series == "nf4" && $0.data == [change.value / 0.5, 0, change.value] })
    let divergence = try #require(findings.finding(.klExcess, condition: "int8")?.estimate)
    #expect(points.contains { $0.series == "int8" && $0.data.starts(with: [divergence.value / 0.02, 1]) })
  }

  @Test("FVU shows the change of each form, on all and on ordinary tokens")
  func fvuData() throws {
    let findings = Fabricated().findings
    let figure = try #require(try figure(.fvu, Fabricated()))
    guard case .panels(let panels, let columns, let key) = figure.content else { return }
    #expect(panels.count == 2 && columns == 2 && key.count == 2)
    let list = try figure.drawing(width: .doubleColumn, fonts: try Shipped.fonts())
    for (panel, metric) in [Metric.fvuArticle, .fvu].enumerated() {
      for stratum in [Stratum.all, .ordinary] {
        let change = try #require(findings.finding(metric, condition: "nf4", stratum: stratum)?.percentChange)
        #expect(list.commands(.point).contains { $0.panel == panel && $0.data == [change.value, 1] })
      }
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
      #expect(list.commands(.point).contains { $0.panel == 1 && $0.data == [change.value, Double(row)] })
      #expect(
        list.commands(.interval).contains {
          $0.panel == 1 && $0.data == [Double(row), change.interval?.low, change.interval?.high]
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

  @Test("Where the variance lives: parts of bars, end to end, as long as the shares")
  func varianceData() throws {
    let cells = Fabricated().findings.cells
    let list = try #require(try figure(.variance, Fabricated())).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let bars = list.commands(.bar)
    #expect(bars.count == 12)
    for (row, share) in [\CellShare.tokenShare, \.varianceShare, \.errorShare].enumerated() {
      let own = bars.filter { $0.data[0] == Double(row) }
      var reached = 0.0
      for (bar, cell) in zip(own, cells) {
        #expect(abs(bar.data[1] - reached) < 1e-9)
        reached += cell[keyPath: share] * 100
        #expect(abs(bar.data[2] - reached) < 1e-9)
      }
      for (a, b) in zip(own, own.dropFirst()) {
        let (end, start) = (try #require(a.pathBox).right, try #require(b.pathBox).left)
        #expect((end - start).value.magnitude < 1e-6)
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
    // The change of two conditions, the value of three.
    #expect(list.commands(.band).count == 5)
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
    #expect(list.commands(.point).count == 2)
  }
}
