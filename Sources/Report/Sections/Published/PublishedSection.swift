import Analysis
import Measures
import RunFile
import Words

/// Against the published numbers: what the article printed, beside what was measured here.
struct PublishedSection: ReportSection {
  static let key: Section.Key = "published"
  static let title = "Against the published numbers"
  let report: ReportBuilder

  private var compared: [(model: ReportModel, comparisons: [ReferenceComparison])] {
    models.map { ($0, report.reference.comparisons(with: $0.findings)) }
  }

  /// False where nothing of it was measured on a model that the article did not study.
  var isMeasured: Bool { compared.contains { $0.comparisons.contains { !$0.isContext || $0.outcome != .notMeasured } } }

  func blocks() throws -> [Block] {
    var rows: [[Prose]] = []
    for (model, comparisons) in compared { rows += try publishedRows(comparisons, model) }
    var blocks: [Block] = []
    blocks += recognitionParagraphs().map { .paragraph($0) }
    blocks += apart { publishedSentence($0, isAlone: false) }.map { .paragraph($0) }
    blocks.append(
      table(
        "published", caption: "The published numbers beside the measured ones.",
        columns: modelColumn + [
          .init("Quantity"), .init("Condition"), .init("Published", .right), .init("Measured", .right),
          .init("Verdict"),
        ], rows: rows, headings: modelColumn.count + 1,
        remarks:
          """
          In brackets: \(level) intervals. ±: half a unit of the published number’s last decimal, which rounding may hide.
          """))
    if let forms = try formsBlocks() {
      blocks.append(.fold(Fold(title: "Where the article’s text and code differ", blocks: forms)))
    }
    return blocks
  }

  private func recognitionParagraphs() -> [Prose] {
    var (studied, others): ([Prose], [String]) = ([], [])
    for model in models {
      guard let known = report.reference.model(of: model.description) else {
        others.append(model.name)
        continue
      }
      studied.append(
        """
        \(strong: model.name) has the shape of its \(known.name) (\(known.checkpoint): width \(count: known.dModel), \
        \(count: known.layerCount) layers) and is read after the same layer, \(count: known.layer)
        """)
    }
    var paragraphs: [Prose] = []
    if !studied.isEmpty {
      paragraphs.append(
        """
        The article studied \(studied.count == 1 ? "such a model" : "such models"): \(Prose.list(studied)). Whether \
        checkpoint, autoencoder and text are the article’s too, only their hashes could tell\(models.contains { $0.description.origin == nil } ? ": they stand under “How to reproduce”" : ", and the source has none").
        """)
    }
    if !others.isEmpty {
      let own: Prose =
        !areSeveral ? "this model" : Prose.list(others.map { "\(strong: $0)" })
      paragraphs.append(
        """
        The article studied \(report.reference.models.map(\.name).listed), not \(own). Its numbers stand here as context: \
        model, and with it autoencoder, text and baseline may all differ, so a difference below has no single cause, and \
        nothing is reproduced or refuted.
        """)
    }
    return paragraphs
  }

  // MARK: What came out

  /// Counts the outcomes, and names what does not agree; of context, says that it is no more.
  ///
  /// - Parameter isAlone: where no other sentence says whether the article studied the model.
  private func publishedSentence(_ model: ReportModel, isAlone: Bool) -> Prose? {
    let all = report.reference.comparisons(with: model.findings)
    let decided = all.filter { $0.outcome != .notMeasured }
    guard let first = decided.first else {
      return all.isEmpty || all[0].isContext ? nil : "None of the article’s published numbers was measured."
    }
    if first.isContext {
      guard isAlone else { return nil }
      return """
        The article did not study this model. Its numbers stand beside these as context, in \
        \(reference(table: "published")); nothing is reproduced or refuted.
        """
    }
    let agreeing = decided.count { $0.outcome == .agrees }
    let start: Prose = "Set beside the article’s published numbers, "
    var parts: [Prose] = [
      """
      \(count: agreeing) of \(count: decided.count) measured \(decided.count == 1 ? "quantity" : "quantities") \
      \(agreeing == 1 ? "lies within the published range or overlaps" : "lie within the published range or overlap") it
      """
    ]
    for (outcome, word) in [
      (ReferenceComparison.Outcome.larger, "above it"), (.smaller, "below it"), (.inconclusive, "inconclusive"),
    ] {
      let own = decided.filter { $0.outcome == outcome }
      guard !own.isEmpty else { continue }
      parts.append("\(word): \(Prose.list(quantities(own), last: ", and"))")
    }
    let missing = Set(all.filter { $0.outcome == .notMeasured }.map { $0.findings[0].id }).count
    if missing > 0 { parts.append("\(count: missing) not measured") }
    return start + parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 } + "."
  }

  /// "change of cross-entropy under int8 and nf4".
  private func quantities(_ comparisons: [ReferenceComparison]) -> [Prose] {
    comparisons.grouped(by: \.name).map { name, own in
      "\(name) under \(Prose.list(own.map { "\(strong: $0.condition)" }))"
    }
  }

  // MARK: What it gives to others

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    let decided = compared.flatMap(\.comparisons).filter { $0.outcome != .notMeasured && !$0.isContext }
    guard !decided.isEmpty else { return [] }
    let agreeing = decided.count { $0.outcome == .agrees }
    return [
      FrontFinding(
        place: .exploratory,
        sentence:
          "Of \(count: decided.count) quantities that the article published, \(count: agreeing) lie within its range or overlap it."
      )
    ]
  }

  var rules: [VerdictRule] { PublishedReference.rules }
}

extension ReferenceComparison {
  /// "change of cross-entropy".
  var name: String {
    let metric: String =
      switch metric.id {
      case Metric.crossEntropy.id: "cross-entropy"
      case Metric.noiseFloorArticle.id: "noise-floor ratio (article’s code)"
      case Metric.fvuArticle.id: "FVU (article’s form)"
      default: metric.name.typeset
      }
    switch quantity {
    case .percentChange, .change: return "change of \(metric)"
    case .value: return metric
    case .snapshotDifference:
      let counts = (findings[0].snapshots ?? []).map(NumberText.integer)
      return "\(metric), from \(counts.joined(separator: " to ")) tokens"
    }
  }
}
