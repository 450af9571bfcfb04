import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let stabilization = StudyFigure("stabilization", draw: StabilizationFigure.draw)
}

enum StabilizationFigure {
  /// Stabilization: FVU over the first tokens of the run, more and more of them.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { !$0.findings.snapshots.isEmpty }
    guard !models.isEmpty else {
      return .absent(reason: "The study asked for no snapshots, so there is no figure of stabilization.")
    }
    let facets = models.flatMap(\.findings.snapshots).distinct(by: \.facet)
    // One form on all tokens is drawn, the article's where there is one: its change, and its value. The table has all.
    guard let drawn = facets.first(where: { $0.stratum == .all }) ?? facets.first else {
      return .absent(reason: "The study asked for no snapshots, so there is no figure of stabilization.")
    }
    let rows = models.map { model in
      [true, false].compactMap { isChange in
        panel(model, series(model, drawn), drawn, title: models.title(model), isChange: isChange)
      }
    }
    let level = try models.level()
    func sentence(_ model: StudyModel) throws -> Prose {
      var said = [verdict(model).map { Prose($0) }].compactMap(\.self)
      for facet in facets where facet.stratum == .all {
        for (entry, own) in series(model, facet) {
          said.append(try snapshotSentence(entry.name, own, facet, model.numbers))
        }
      }
      return said.prose(separator: "; ")
    }
    var cells: [(StudyModel, [DataTable.Cell])] = []
    for facet in facets {
      for model in models {
        for snapshot in series(model, facet).flatMap(\.snapshots) {
          cells.append((model, try snapshotRow(snapshot, model.formats)))
        }
      }
    }
    return .figure(
      Figure(
        key: StudyFigure.stabilization.key, title: title(models),
        caption:
          """
          \(drawn.metric.name.typeset.capitalizedFirst) over the first tokens of the run: its paired change, and its value. \
          Ticks are the actual counts. \
          \(models.onIntervals("Bands: \(level) intervals by \(models.unit); conditions share their text, so bands of values move together."))\
           \(try models.sample()).
          """,
        altText:
          "Line chart of FVU against the number of tokens\(models.onIntervals("") == "" ? ", with \(level) bands" : ""). \(try models.told(sentence)).",
        table: models.table(
          words: ["condition", "measure"],
          numbers: [
            "tokens asked for", "tokens", "FVU", "interval low", "interval high", "change (%)", "change low (%)",
            "change high (%)",
          ], rows: cells),
        content: models.rows(rows)))
  }

  /// What the rule `fvu_stable` concluded, by condition.
  private static func verdict(_ model: StudyModel) -> String? {
    func named(_ outcome: Verdict.Outcome) -> [String] {
      model.conditions.entries.map(\.name).filter { model.findings.verdict(.fvuStable, condition: $0) == outcome }
    }
    let parts = [(named(.stable), "has settled"), (named(.unstable), "has not settled")].filter { !$0.0.isEmpty }
      .map { "\($1) under \(($0).listed)" }
    return parts.isEmpty
      ? nil : "Between the last two counts, the article’s FVU of all tokens \(parts.joined(separator: "; it "))"
  }

  private typealias Series = (entry: StudyConditions.Entry, snapshots: [Snapshot])

  /// Of each condition that has some, snapshots in order of their counts. Two counts asked for may end at the same batch,
  /// or at the end of a short run.
  private static func series(_ model: StudyModel, _ facet: Snapshot) -> [Series] {
    model.conditions.entries.map { entry in
      let own = model.findings.snapshots.filter { $0.condition == entry.name && $0.facet == facet.facet }
      return (entry, own.sorted { $0.tokens < $1.tokens }.distinct(by: \.tokens))
    }.filter { !$0.snapshots.isEmpty }
  }

  private static func title(_ models: [StudyModel]) -> String {
    models.title(.fvuChangeStable, "The change of FVU", or: "FVU with growing numbers of tokens") { outcome in
      outcome == .stable ? "has settled" : outcome == .unstable ? "still drifts" : nil
    }
  }

  /// Nil without data.
  private static func panel(
    _ model: StudyModel, _ series: [Series], _ facet: Snapshot, title: String?, isChange: Bool
  ) -> Panel? {
    var (bands, lines, ends): ([Mark], [Mark], [DirectLabel]) = ([], [], [])
    for (rank, (entry, own)) in series.enumerated() {
      let points = own.compactMap { snapshot in
        (isChange ? snapshot.percentChange : snapshot.estimate).map { (tokens: Double(snapshot.tokens), estimate: $0) }
      }
      guard let last = points.last else { continue }
      // One count alone has no lines: conditions stand side by side at it.
      let dodge: Points = points.count > 1 ? 0 : Points(9) * (Double(rank) - Double(series.count - 1) / 2)
      let extents = points.compactMap { point in
        point.estimate.interval.map { Extent(at: point.tokens, low: $0.low, high: $0.high, dodge: dodge) }
      }
      // So many bands would hide each other and the lines.
      if model.conditions.areFew, !extents.isEmpty {
        bands.append(Mark(extents.count > 1 ? .band(extents) : .intervals(extents), entry.style, series: entry.name))
      }
      let data = points.map { Datum($0.tokens, $0.estimate.value, dodge: dodge) }
      if data.count > 1 { lines.append(Mark(.line(data), entry.style, series: entry.name)) }
      lines.append(Mark(.points(data), entry.style, series: entry.name))
      ends.append(DirectLabel(entry.name, at: last.estimate.value, entry.style))
    }
    guard !lines.isEmpty else { return nil }
    let counts = model.findings.snapshots.map(\.tokens).distinct
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    if isChange {
      bands.insert(Mark(.horizontalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline), at: 0)
    }
    return Panel(
      title: title,
      x: Axis(
        "Tokens", unit: "log scale", .logarithmic, including: counts.map(Double.init),
        ticks: counts.sorted().map { Axis.Tick(Double($0), NumberText.integer($0)) }),
      y: isChange
        ? Axis("Change of \(facet.metric.name.typeset)", unit: "% of \(baseline)", .linear(fromZero: false))
        : Axis(facet.metric.name.typeset, unit: facet.metric.unit, .linear(fromZero: false)), marks: bands + lines,
      endLabels: ends, note: isChange ? nil : "The y axis does not start at zero.")
  }

  private static func snapshotSentence(
    _ condition: String, _ own: [Snapshot], _ facet: Snapshot, _ numbers: Numbers
  ) throws -> Prose {
    guard let first = own.first, let last = own.last else { return Prose(condition) }
    return """
      \(facet.metric.title(over: facet.stratum)), \(condition): \
      \(try numbers.snapshot(first)) at \(count: first.tokens) tokens, \(try numbers.snapshot(last)) at \
      \(count: last.tokens)
      """
  }

  private static func snapshotRow(
    _ snapshot: Snapshot, _ formats: NumberFormats
  ) throws -> [DataTable.Cell] {
    let decimals = formats.decimals(snapshot.metric, snapshot.stratum)
    return try [
      .text(snapshot.condition), .text(snapshot.metric.title(over: snapshot.stratum)), .count(snapshot.requestedTokens),
      .count(snapshot.tokens),
    ] + DataTable.Cell.estimate(snapshot.estimate, decimals: decimals)
      + DataTable.Cell.percent(snapshot.percentChange, formats)
  }
}

extension Snapshot {
  /// What a panel or a group of rows shows: a metric over a stratum.
  var facet: [String] { [metric.id, stratum.rawValue] }
}
