import Analysis
import FabricatedFindings
import Foundation
import Testing
import Words

@testable import Plot
@testable import Report

@Suite("The study's figures")
struct StudyFigureTests {
  static let kinds = StudyFigure.all

  private func figure(_ kind: StudyFigure, _ fabricated: Fabricated...) throws -> Figure? {
    try figure(kind, of: fabricated)
  }

  private func figure(_ kind: StudyFigure, of all: [Fabricated]) throws -> Figure? {
    if case .figure(let figure) = try kind.outcome(of: all.map(\.findings)) { figure } else { nil }
  }

  private static let variants: [(String, [Fabricated])] = [
    ("three", [Fabricated()]), ("two", [.two]), ("eight", [.eight]), ("twenty", [.twenty]),
    ("long names", [.longNames]), ("one point", [.onePoint]), ("without intervals", [.withoutIntervals]),
    ("two models", Fabricated.article), ("four models", .four), ("two with long names", [.longNames, .twenty]),
  ]

  @Test(
    "Every figure keeps its words apart, off its marks, inside, and at 7 points or more, in both widths",
    arguments: kinds, [Points.singleColumn, .doubleColumn])
  func legible(kind: StudyFigure, width: Points) throws {
    let fonts = try Shipped.fonts()
    for (name, fabricated) in Self.variants {
      let figure = try #require(try figure(kind, of: fabricated))
      let list = try figure.drawing(width: width, fonts: fonts)
      let page = Box(left: 0, top: 0, width: list.width, height: list.height)
      for text in list.texts {
        #expect(text.style.size >= 7, "\(name): \(text.text)")
        #expect(page.contains(text.box), "\(name): “\(text.text)” leaves the figure")
      }
      let texts = list.texts
      for (index, a) in texts.enumerated() {
        for b in texts[(index + 1)...] {
          #expect(!a.box.intersects(b.box), "\(name): “\(a.text)” and “\(b.text)” overlap")
        }
      }
      let marks = (list.commands(.point) + list.commands(.bar)).compactMap(\.pathBox)
      for command in list.commands(.value) {
        guard case .text(let text) = command.shape else { continue }
        #expect(!marks.contains { $0.intersects(text.box) }, "\(name): “\(text.text)” lies on a mark")
        // A line through a number's first character may hide its sign.
        let sign = Box(left: text.box.left, top: text.box.top, width: 5, height: text.box.height)
        let rules = list.commands(.rule).filter { $0.panel == command.panel }.compactMap(\.pathBox)
        #expect(!rules.contains { $0.grown(by: 0.3).intersects(sign) }, "\(name): “\(text.text)” is crossed by a line")
      }
    }
  }

  @Test("Every datum is drawn inside its panel's axes, in every variant and both widths", arguments: kinds)
  func inside(kind: StudyFigure) throws {
    let fonts = try Shipped.fonts()
    for (name, fabricated) in Self.variants {
      guard let figure = try figure(kind, of: fabricated), case .panels = figure.content else { continue }
      for width in [Points.singleColumn, .doubleColumn] {
        let list = try figure.drawing(width: width, fonts: fonts)
        let page = Box(left: 0, top: 0, width: list.width, height: list.height)
        for part in [DrawCommand.Part.point, .interval, .bar, .line, .band] {
          for box in list.commands(part).compactMap(\.pathBox) { #expect(page.contains(box), "\(name): \(part)") }
        }
      }
    }
  }

  @Test("Twenty conditions look like twenty: no two share colour, marker and outline")
  func twenty() throws {
    let list = try #require(try figure(.performance, .twenty)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    #expect(Set(list.commands(.point).filter { $0.panel == 0 }.map(\.series)).count == 20)
    let looks = (0..<98).map { index -> String in
      let style = MarkStyle.condition(index)
      return "\(style.role) \(style.marker) \(style.isHollow)"
    }
    #expect(Set(looks).count == looks.count)
  }

  /// Of the fabricated run.
  private static let mainNumbers: [StudyFigure: [String]] = [
    .encoding: ["640 numbers", "8,192 features", "48.3"],
    .performance: [
      "int8 at 13.03 bits +0.97%", "nf4 at 11.59 bits +12.5%", "3.217",
      "Perplexity: bf16 24.96, int8 25.76 and nf4 37.32",
    ],
    .sources: ["int8 from", "nf4 from", "on python", "%]"],
    .tokens: ["int8 diverges from", "nf4 diverges from", "nats per token"],
    .tradeoff: ["nf4: cross-entropy +12.5% [+11.9%, +13.1%]; FVU (textbook form), all tokens +9.4% ["],
    .variance: ["massive: 0.77% of tokens, 84.2% of the denominator and 48.7% of the numerator"],
    .fvu: [
      "FVU under bf16: textbook form, all tokens, 0.1497", "Change under nf4: textbook form, all tokens, +9.4% [",
    ],
    .noiseFloor: [
      "int8 lies below 1: article’s code, all tokens, 0.522 [", "nf4 lies at or above 1",
      "article’s prose, all tokens, 1.290",
    ],
    .stabilization: ["51,200", "bf16", "has settled under"],
  ]

  @Test("Every figure has title, caption, alt text and data, and the alt text has the main numbers", arguments: kinds)
  func described(kind: StudyFigure) throws {
    let figure = try #require(try figure(kind, Fabricated()))
    #expect(figure.key == kind.key)
    #expect(!figure.title.isEmpty && figure.caption.plain.count > 80)
    #expect(figure.altText.plain.count > 80)
    #expect(!figure.table.rows.isEmpty)
    #expect(figure.table.rows.allSatisfy { $0.count == figure.table.columns.count })
    for text in try #require(Self.mainNumbers[kind]) {
      #expect(figure.altText.plain.contains(text), "\(text) in: \(figure.altText.plain)")
    }
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

  @Test("Captions say what is missing, unfinished, indicative, or set beside its place")
  func caveats() throws {
    var fabricated = Fabricated()
    fabricated.chunks = 16
    fabricated.isPartial = true
    var findings = fabricated.findings
    findings.findings.removeAll { $0.condition == "int8" && $0.metric == .crossEntropy }
    guard case .figure(let figure) = try StudyFigure.performance.outcome(of: [findings]) else { return }
    #expect(figure.caption.plain.contains("Not measured: int8."))
    #expect(
      figure.caption.plain.contains("in 16 chunks of an unfinished run (fewer than 40: intervals are indicative)"))
    let eight = try #require(try self.figure(.performance, .eight))
    #expect(eight.caption.plain.contains("Conditions of nearly the same size are set side by side."))
    let plain = try #require(try self.figure(.performance, Fabricated()))
    for word in ["unfinished", "indicative", "side by side", "Not measured"] {
      #expect(!plain.caption.plain.contains(word))
    }
  }

  @Test("A source in one chunk is an anecdote: marked, open, and no extreme of the alt text")
  func anecdote() throws {
    var findings = Fabricated().findings
    for index in findings.buckets.indices where findings.buckets[index].bucket.name == "python" {
      findings.buckets[index].estimate.interval = nil
      findings.buckets[index].estimate.clusterCount = 1
      findings.buckets[index].percentChange?.interval = nil
    }
    guard case .figure(let figure) = try StudyFigure.sources.outcome(of: [findings]),
      case .panels(let panels, _, _) = figure.content, case .categories(let names, _) = panels[0].y.kind
    else { return }
    #expect(names.contains("python\u{a0}‡") && figure.caption.plain.contains("‡ From one chunk"))
    #expect(!figure.altText.plain.contains("python"))
    let row = Double(names.firstIndex(of: "python\u{a0}‡") ?? -1)
    let open = panels[0].marks.filter { $0.style.isHollow }.flatMap { mark -> [Datum] in
      if case .points(let data) = mark.geometry { data } else { [] }
    }
    #expect(open.count == 2 && open.allSatisfy { $0.y == row })
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

  @Test("One model twice is refused")
  func twice() {
    #expect(throws: ReportError.sameModelTwice("gemma-3-270m")) {
      try StudyFigure.fvu.outcome(of: [Fabricated().findings, Fabricated().findings])
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
      guard case .absent(let reason) = try kind.outcome(of: [bare.findings]) else {
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
      (Metric.crossEntropy, StudyFigure.performance), (.fvu, .fvu), (.fvu, .tradeoff), (.noiseFloor, .noiseFloor),
      (.l0, .encoding),
    ] {
      var findings = Fabricated().findings
      for index in findings.findings.indices where findings.findings[index].metric == metric {
        findings.findings[index].estimate.value = value
        findings.findings[index].percentChange?.value = value
      }
      #expect(throws: (any Error).self) { try kind.outcome(of: [findings]) }
    }
  }

  // MARK: Several models

  @Test("Numbers that were measured are bound to their source in captions and alt texts", arguments: kinds)
  func boundNumbers(kind: StudyFigure) throws {
    for runs in [[Fabricated()], Fabricated.article] {
      let figure = try #require(try figure(kind, of: runs))
      for text in [figure.caption, figure.altText] {
        let numbers = text.inlines.compactMap { if case .number(let number) = $0 { number } else { nil } }
        // What is left says no measurement: names, levels, thresholds, the sizes of what was studied.
        let words = Prose(text.inlines.filter { if case .text = $0 { true } else { false } }).plain
        for match in words.matches(of: /[0-9][0-9,]*(\.[0-9]+)?%?/) {
          let isStated =
            ["95%", "100%"].contains(match.output.0)
            || (!match.output.0.contains(".") && !match.output.0.hasSuffix("%"))
          let isName = words[..<match.range.lowerBound].last.map { $0.isLetter || $0 == "-" || $0 == "." } ?? false
          let isDot = kind == .encoding && words[..<match.range.lowerBound].hasSuffix("One dot stands for ")
          #expect(isStated || isName || isDot, "\(match.output.0) in: \(words)")
        }
        for number in numbers {
          #expect(!number.detail.isEmpty && number.value.isFinite)
          let models = runs.map { $0.findings.description.model.name + "/" }
          let id = models.first { number.id.hasPrefix($0) }.map { String(number.id.dropFirst($0.count)) } ?? number.id
          #expect(NumberAddress(id)?.id == id, "\(number.id)")
        }
      }
      #expect(!figure.altText.numberIDs.isEmpty)
    }
  }

  @Test("Every figure names every model in its caption, its alt text and its numbers", arguments: kinds)
  func namesModels(kind: StudyFigure) throws {
    let figure = try #require(try figure(kind, of: Fabricated.article))
    for name in ["gemma-3-4b", "gemma-3-12b"] {
      #expect(figure.caption.plain.contains(name) && figure.altText.plain.contains(name))
      #expect(figure.table.rows.contains { $0[0] == .text(name) })
    }
    #expect(figure.table.columns[0].title == "model")
    #expect(try #require(try self.figure(kind, Fabricated())).table.columns[0].title != "model")
  }

  @Test("Models stand on the same axes, where their numbers can be compared")
  func sharedAxes() throws {
    let fonts = try Shipped.fonts()
    let axes: [(kind: StudyFigure, shared: [(Int, Int)])] = [
      (.performance, [(0, 2)]), (.fvu, [(0, 3), (1, 4), (2, 5)]), (.noiseFloor, [(0, 1)]),
      (.sources, [(0, 2), (1, 3)]), (.tradeoff, [(0, 1), (1, 2), (2, 3)]), (.variance, [(0, 1)]),
    ]
    for (kind, shared) in axes {
      let figure = try #require(try figure(kind, of: Fabricated.article))
      let list = try figure.drawing(width: .doubleColumn, fonts: fonts)
      // Insets have their own.
      func ticks(_ panel: Int) -> [[Double]] {
        list.commands.filter { $0.panel == panel }.filter {
          if case .text(let text) = $0.shape { $0.part == .tickLabel && text.style.size > 7 } else { false }
        }.map(\.data)
      }
      for (a, b) in shared { #expect(ticks(a) == ticks(b) && !ticks(a).isEmpty, "\(kind)") }
    }
  }

  @Test("Plotting areas of a column of panels stand in line")
  func aligned() throws {
    let list = try #require(try figure(.performance, of: Fabricated.article)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    func left(_ panel: Int) -> Points? {
      list.commands(.rule).first { $0.panel == panel }.flatMap { command in
        if case .path(let path, _, _) = command.shape, case .move(let start)? = path.elements.first {
          start.x
        } else {
          nil
        }
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
    #expect(!figure.caption.plain.contains("gemma-3-270m") && figure.caption.plain.contains("gemma-3-1b"))
    guard case .panels(let panels, let columns, _) = figure.content else { return }
    #expect(panels.count == 9 && columns == 2)
  }
}
