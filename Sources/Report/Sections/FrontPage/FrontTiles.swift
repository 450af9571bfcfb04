import Analysis
import Measures
import Plot
import Words

/// A tile for each primary measure that says most: predictions, choices, reconstruction, FVU.
struct FrontTiles {
  let report: ReportBuilder

  private struct Measured {
    var question: Verdict.Question
    var metric: Metric
    var stratum: Stratum
    var title: String
  }

  private static let measures = [
    Measured(question: .crossEntropyChange, metric: .crossEntropy, stratum: .all, title: "Cross-entropy"),
    Measured(
      question: .disagreement, metric: .disagreementExcess, stratum: .all, title: "Top prediction changed"),
    Measured(question: .errorOrdinaryChange, metric: .mse, stratum: .ordinary, title: "SAE’s squared error"),
    Measured(question: .fvuArticleChange, metric: .fvuArticle, stratum: .all, title: "FVU, article’s form"),
  ]

  /// Nil where no measure has a number.
  func block() throws -> Block? {
    let tiles = try Self.measures.compactMap(tile)
    guard !tiles.isEmpty else { return nil }
    let rows: [[Prose]] = tiles.map { tile in
      let change: Prose = tile.interval.map { "\(tile.number) \($0)" } ?? tile.number
      return [Prose(tile.title), report.cell(tile.condition), change, tile.value ?? "–", Prose(tile.verdict)]
    }
    let table = TableBlock(
      key: "front", label: nil, caption: "Each measure under the condition that changes it most.",
      columns: [
        .init("Measure"), .init("Under"), .init("Change", .right), .init("Value", .right), .init("Verdict"),
      ], rows: rows)
    return .tiles(Tiles(tiles: tiles, table: table))
  }

  private func tile(_ measured: Measured) throws -> Tile? {
    let cases = report.cases
    let known = cases.all.compactMap { one -> (one: Case, outcome: Verdict.Outcome, judged: Estimate)? in
      guard let outcome = cases.outcome(measured.question, one),
        let judged = cases.findings(one)?.finding(
          measured.metric, condition: one.condition, stratum: measured.stratum)?.judged
      else { return nil }
      return (one, outcome, judged)
    }.sorted { ($0.outcome.concern, $0.judged.value) > ($1.outcome.concern, $1.judged.value) }
    guard let worst = known.first, let model = report.model(worst.one),
      let change = try model.numbers.withInterval(
        measured.metric, worst.one.condition, measured.stratum, measured.metric.judgedQuantity)
    else { return nil }
    let (number, interval) = change.parts
    let scale = measured.metric.isShare ? 100.0 : 1
    return Tile(
      title: measured.title, condition: cases.phrase([worst.one]), number: number, interval: interval,
      value: try value(measured, worst.one, model), verdict: worst.outcome.phrase, role: worst.outcome.role,
      strip: Tile.Strip(
        dots: known.map { entry in
          Tile.Strip.Dot(
            name: entry.one.condition, value: entry.judged.value * scale,
            interval: entry.judged.interval.map { $0.low * scale...$0.high * scale },
            color: MarkStyle.condition(report.compressed.firstIndex(of: entry.one.condition) ?? 0).role)
        }, margin: measured.metric.margin.size * scale))
  }

  private func value(_ measured: Measured, _ one: Case, _ model: ReportModel) throws -> Prose? {
    let numbers = model.numbers
    switch measured.question {
    case .crossEntropyChange: return "to \(try numbers.value(.crossEntropy, one.condition)) nats per token"
    case .disagreement:
      guard numbers.has(.top1Agreement, one.condition) else { return nil }
      return "\(try numbers.value(.top1Agreement, one.condition)) kept, rounding included"
    case .fvuArticleChange: return "to \(try numbers.value(.fvuArticle, one.condition))"
    default: return nil
    }
  }
}

extension Prose {
  /// A number, and its interval where it has one.
  fileprivate var parts: (number: Prose, interval: Prose?) {
    let interval = inlines.first { if case .interval = $0 { true } else { false } }
    return (Prose(Array(inlines.prefix(1))), interval.map { Prose([$0]) })
  }
}

extension Verdict.Outcome {
  /// "large rise".
  var phrase: String {
    switch self {
    case .smallRise: "small rise"
    case .largeRise: "large rise"
    case .smallFall: "small fall"
    case .largeFall: "large fall"
    case .openRise: "rise, margin open"
    case .openFall: "fall, margin open"
    default: title
    }
  }

  /// Of a measure that is better when it is lower.
  var role: Inline.Role {
    switch self {
    case .smallRise, .largeRise: .worse
    case .smallFall, .largeFall: .better
    case .undecided, .openRise, .openFall: .notable
    default: .calm
    }
  }
}
