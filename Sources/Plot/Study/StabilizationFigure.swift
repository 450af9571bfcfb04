import Analysis

extension StudyFigures {
  /// Stabilization: FVU over the first tokens of the run, more and more of them.
  static func stabilization(_ findings: Findings) throws(PlotError) -> Outcome {
    let conditions = try StudyConditions(findings)
    let formats = NumberFormats(findings)
    var facets: [(metric: Metric, stratum: Stratum)] = []
    for snapshot in findings.snapshots
    where !facets.contains(where: { $0.metric.id == snapshot.metric.id && $0.stratum == snapshot.stratum }) {
      facets.append((snapshot.metric, snapshot.stratum))
    }
    guard !facets.isEmpty else {
      return .absent(reason: "The study asked for no snapshots, so there is no figure of stabilization.")
    }
    var counts: [Int] = []
    for snapshot in findings.snapshots where !counts.contains(snapshot.tokens) { counts.append(snapshot.tokens) }
    let ticks = counts.sorted().map { Axis.Tick(Double($0), NumberText.integer($0)) }

    var rows: [[DataTable.Cell]] = []
    var sentences: [String] = []
    var panels: [Panel] = []
    for facet in facets {
      var bands: [Mark] = []
      var lines: [Mark] = []
      var ends: [DirectLabel] = []
      for entry in conditions.entries {
        var own: [Snapshot] = []
        for snapshot in findings.snapshots.sorted(by: { $0.tokens < $1.tokens })
        where snapshot.condition == entry.name && snapshot.metric.id == facet.metric.id
          && snapshot.stratum == facet.stratum && own.last?.tokens != snapshot.tokens
        {
          // Two counts asked for may end at the same batch, or at the end of a short run.
          own.append(snapshot)
        }
        guard let first = own.first, let last = own.last else { continue }
        let data = own.map { Datum(Double($0.tokens), $0.estimate.value) }
        let extents = own.compactMap { snapshot in
          snapshot.estimate.interval.map { Extent(at: Double(snapshot.tokens), low: $0.low, high: $0.high) }
        }
        if extents.count > 1 {
          bands.append(Mark(.band(extents), entry.style, series: entry.name))
        } else if !extents.isEmpty {
          bands.append(Mark(.intervals(extents), entry.style, series: entry.name))
        }
        if data.count > 1 { lines.append(Mark(.line(data), entry.style, series: entry.name)) }
        lines.append(Mark(.points(data), entry.style, series: entry.name))
        ends.append(DirectLabel(entry.name, at: last.estimate.value, entry.style))
        for snapshot in own { rows.append(try row(snapshot, formats)) }
        sentences.append(
          """
          \(name(facet.metric, facet.stratum)), \(entry.name): \
          \(try formats.value(first.estimate, facet.metric, facet.stratum)) at \
          \(NumberText.integer(first.tokens)) tokens, \
          \(try formats.value(last.estimate, facet.metric, facet.stratum)) at \(NumberText.integer(last.tokens))
          """
        )
      }
      panels.append(
        Panel(
          title: facet.stratum.title.capitalizedFirst, x: Axis("Tokens", unit: "log scale", .logarithmic, ticks: ticks),
          y: Axis(facet.metric.name.typeset, unit: facet.metric.unit, .linear(fromZero: false)), marks: bands + lines,
          endLabels: ends, note: "The y axis does not start at zero."))
    }
    let level = try level(findings)
    return .figure(
      Figure(
        key: Kind.stabilization.rawValue, title: "Stabilization of FVU with the number of tokens",
        caption:
          """
          FVU over the first tokens of the run. Ticks are the actual counts: the first batch boundary at or after \
          each count asked for. Bands: \(level) bootstrap intervals of the value, resampled by chunk; conditions \
          share their text, so their bands move together and overlap does not mean that conditions agree. Each \
          panel has its own scale. \(model(findings)).
          """,
        altText:
          "Line chart of FVU against the number of tokens, with \(level) bands. \(sentences.joined(separator: "; ")).",
        table: DataTable(
          columns: [
            .init("condition", isNumeric: false), .init("measure", isNumeric: false), .init("tokens asked for"),
            .init("tokens"), .init("FVU"), .init("interval low"), .init("interval high"),
          ], rows: rows), content: .panels(panels, columns: 2, key: [])))
  }

  private static func row(_ snapshot: Snapshot, _ formats: NumberFormats) throws(PlotError) -> [DataTable.Cell] {
    let decimals = formats.decimals(snapshot.metric, snapshot.stratum)
    return [
      .text(snapshot.condition), .text(name(snapshot.metric, snapshot.stratum)), .count(snapshot.requestedTokens),
      .count(snapshot.tokens), try cell(snapshot.estimate.value, decimals: decimals),
      try cell(snapshot.estimate.interval?.low, decimals: decimals),
      try cell(snapshot.estimate.interval?.high, decimals: decimals),
    ]
  }

  /// "FVU (article's form), all tokens".
  static func name(_ metric: Metric, _ stratum: Stratum) -> String { "\(metric.name.typeset), \(stratum.title)" }
}

extension Stratum {
  /// In words.
  public var title: String {
    switch self {
    case .all: "all tokens"
    case .withoutFirst: "without first positions"
    case .withoutMassive: "without massive tokens"
    case .ordinary: "ordinary tokens"
    }
  }
}

extension String {
  /// With the apostrophe of print, and with a slash that the shipped font has.
  public var typeset: String { String(map { $0 == "'" ? "’" : $0 == "∕" ? "/" : $0 }) }

  /// "all tokens" → "All tokens".
  public var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
