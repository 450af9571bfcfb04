import Analysis
import FabricatedFindings
import Foundation
import Measures
import Testing
import Words

@testable import Plot
@testable import Report

@Suite("The study's figures")
struct StudyFigureTests {
  static let kinds = StudyFigure.all

  func figure(_ kind: StudyFigure, _ fabricated: Fabricated...) throws -> Figure? {
    try figure(kind, of: fabricated)
  }

  func figure(_ kind: StudyFigure, of all: [Fabricated]) throws -> Figure? {
    let all = all.map { fabricated in
      var fabricated = fabricated
      fabricated.hasFeatures =
        fabricated.hasFeatures || [.features, .featureTokens, .featureEnergy].contains(kind)
      if kind == .curve, fabricated.conditions.count < 7 { fabricated.conditions = Fabricated.curve.conditions }
      return fabricated
    }
    return if case .figure(let figure) = try kind.outcome(of: all.map(\.findings)) { figure } else { nil }
  }

  private static let variants: [(String, [Fabricated])] = [
    ("three", [Fabricated()]), ("two", [.two]), ("eight", [.eight]), ("twenty", [.twenty]), ("curve", [.curve]),
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
    #expect(Set(list.commands(.point).map(\.series)).count == 19)
    let looks = (0..<98).map { index -> String in
      let style = MarkStyle.condition(index)
      return "\(style.role) \(style.marker) \(style.isHollow)"
    }
    #expect(Set(looks).count == looks.count)
  }

  /// Of the fabricated run.
  private static let mainNumbers: [StudyFigure: [String]] = [
    .overview: ["Cross-entropy: int8 +0.97% [", "nf4 +12.5% [", "KL divergence beyond rounding: int8 0.0244 ["],
    .encoding: ["640 numbers", "8,192 features", "48.3"],
    .performance: [
      "int8 at 13.03 bits +0.031 [", "nf4 at 11.59 bits +0.402", "3.217",
      "Perplexity: bf16 24.96, int8 25.76 and nf4 37.32",
    ],
    .sources: ["int8 from", "nf4 from", "on python", "%]"],
    .curve: ["rtn6-g128 at 6.13 bits: KL 0.0074 ["],
    .featureTokens: ["int8: ", " of the firings nearest the threshold flip, "],
    .tokens: ["int8 diverges from", "nf4 diverges from", "nats per token"],
    .tradeoff: ["nf4: cross-entropy +12.5% [+11.9%, +13.1%]; FVU (textbook form), all tokens +9.4% ["],
    .variance: ["massive: 0.77% of tokens, 84.2% of the denominator and 48.7% of the numerator"],
    .fvu: [
      "textbook form, all tokens, 0.1497", "Change under nf4: article’s form, all tokens, +9.4% [",
    ],
    .features: ["int8, features with r of at least 0.9: the condition ", "its rerun ", "noise of its size "],
    .featureEnergy: ["int8: the most changed hundredth of the features carries "],
    .massive: ["int8: 170 massive under both, 6 gained and 4 lost"],
    .noiseFloor: ["int8, with its rerun: ", "ratio of sums (article’s code) 0.522 [", "(article’s prose) 1.290"],
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

  @Test("Captions say what is missing, unfinished, or indicative")
  func caveats() throws {
    var fabricated = Fabricated()
    fabricated.chunks = 16
    fabricated.isPartial = true
    var findings = fabricated.findings
    findings.findings.removeAll { $0.condition == "int8" && $0.metric == .crossEntropy }
    guard case .figure(let figure) = try StudyFigure.performance.outcome(of: [findings]) else { return }
    #expect(figure.caption.plain.contains("Not measured: int8."))
    #expect(
      figure.caption.plain.contains(
        "tokens of an unfinished run (fewer than 40 documents: intervals are indicative)"))
    let plain = try #require(try self.figure(.performance, Fabricated()))
    for word in ["unfinished", "indicative", "Not measured"] {
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
    #expect(open.count == 1 && open.allSatisfy { $0.y == row })
  }

  @Test("One model twice is refused")
  func twice() {
    #expect(throws: ReportError.sameModelTwice("gemma-3-270m")) {
      try StudyFigure.fvu.outcome(of: [Fabricated().findings, Fabricated().findings])
    }
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
            ["95%", "100%"].contains(match.output.0) || kind == .features && match.output.0 == "0.9"
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
}
