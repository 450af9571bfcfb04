import Analysis
import Measures
import Plot
import Words

extension Document {
  /// Any number of runs side by side as a document.
  ///
  /// - Parameters:
  ///   - figures: of `RunTableFigure`; nil where a format has no place for them.
  ///   - showsAll: every metric and stratum, rather than the main ones.
  ///   - showsIntervals: false where the columns of many runs would become too wide.
  ///   - creator: "clearbox 1.0.0".
  /// - Throws: `NumberError` for a number that cannot be printed.
  public init(_ table: RunTable, figures: [Figure]?, showsAll: Bool, showsIntervals: Bool, creator: String) throws {
    let builder = RunTableDocument(table: table, showsIntervals: showsIntervals)
    let headline = builder.headline()
    self.init(
      title: "Comparison of \(table.runs.count) runs",
      subtitle: table.runs.map(\.description.model.name).distinct.joined(separator: ", "),
      dateline: "Compared with \(creator)", abstract: headline.joined(separator: " "),
      sections: [
        Section(
          .runs, "The runs", [.list((headline + builder.reasons()).map { Prose($0) }), .table(builder.legend())]),
        builder.causes(),
        figures.map { figures in
          let blocks = figures.enumerated().map { Block.figure(FigureBlock(label: "Figure \($0 + 1)", figure: $1)) }
          return Section(
            .figures, "Figures", blocks.isEmpty ? [.paragraph("None of the metrics was measured.")] : blocks)
        },
        try builder.metrics(showsAll: showsAll),
      ].compactMap(\.self), facts: Document.facts(of: table.runs.map(\.findings)))
  }
}

/// Builds the sections that a table of runs has in every format.
struct RunTableDocument {
  let table: RunTable
  let showsIntervals: Bool
  private let numbers: RunTableNumbers

  init(table: RunTable, showsIntervals: Bool) {
    (self.table, self.showsIntervals) = (table, showsIntervals)
    numbers = RunTableNumbers(table)
  }

  // MARK: Who is who

  func headline() -> [String] {
    let count = table.runs.map(\.description.model.name).distinct.count
    var lines = ["\(table.runs.count) runs of \(count == 1 ? "one model" : "\(count) models")."]
    if table.replicated.isEmpty { lines.append("None is a replicate of another: nothing is averaged.") }
    for group in table.replicated {
      lines.append("Group \(group.name): runs \(RunTableNumbers.list(group.runs)) are replicates.")
      if group.sharesTokens {
        lines.append(
          "Group \(group.name) measured the same tokens in all its runs: its spread says nothing of other text.")
      }
    }
    for again in table.groups.flatMap(\.repeats) {
      lines.append(
        "Run \(again.run + 1) repeats run \(again.of + 1), with the same seeds and tokens, and is not counted again.")
    }
    for (index, run) in table.runs.enumerated() where run.isPartial {
      lines.append("Run \(index + 1) is partial: it had not finished.")
    }
    return lines
  }

  /// Why groups are no replicates of one another.
  func reasons() -> [String] {
    table.groups.compactMap { group in
      guard let nearest = group.apart.first else { return nil }
      let more = nearest.reasons.count > 3 ? ", and \(nearest.reasons.count - 3) more" : ""
      let isText = nearest.reasons.allSatisfy { $0.hasPrefix("corpus.path:") || $0.hasPrefix("SHA-256 of the corpus:") }
      let hint = isText ? " Where these are samples of one population of text, --over corpus.path says so." : ""
      let runs = "run\(group.runs.count == 1 ? "" : "s") \(RunTableNumbers.list(group.runs))"
      let why = nearest.reasons.prefix(3).joined(separator: "; ")
      return "Group \(group.name) (\(runs)) is no replicate of group \(nearest.group): \(why)\(more).\(hint)"
    }
  }

  func legend() -> TableBlock {
    TableBlock(
      key: "runs", caption: "The runs.",
      columns: [
        .init("run", .right), .init("group"), .init("model"), .init("tokens", .right), .init("conditions"),
        .init("file"),
      ],
      rows: table.runs.enumerated().map { index, run in
        [
          Prose(String(index + 1)), Prose(table.group(of: index)?.name ?? ""), Prose(run.description.model.name),
          "\(count: run.findings.measured.tokens)",
          Prose(run.description.conditions.map(\.name).joined(separator: ", ")),
          Prose(run.path),
        ]
      })
  }

  func causes() -> Section {
    let most = table.runs.count > 3 ? 24 : 48
    let differences = TableBlock(
      key: "causes", caption: "What is not the same in all runs; digests and long texts are shortened.",
      columns: [.init("kind"), .init("what")] + table.runs.indices.map { .init(String($0 + 1)) },
      rows: table.keys.map { key in
        [Prose(key.kind.rawValue), Prose(key.name)]
          + key.values.map { Prose($0?.shortened(toDigits: 8, characters: most) ?? "–") }
      }, headingCount: 2, isWide: table.runs.count > 3)
    return Section(
      .causes, "What differs among them",
      [table.keys.isEmpty ? .paragraph("Nothing that is recorded, but times and file names.") : .table(differences)])
  }

  // MARK: Values

  private static let main: [(Metric, MetricDifference.Quantity)] = [
    (.crossEntropy, .value), (.crossEntropy, .percentChange), (.kl, .value), (.top1Agreement, .value), (.fvu, .value),
    (.fvu, .percentChange), (.fvuArticle, .value), (.fvuArticle, .percentChange), (.noiseFloorArticle, .value),
  ]

  /// A short account shows the main metrics over all tokens, or those that were asked for.
  private func isMain(_ row: RunTable.Row) -> Bool {
    !table.options.metrics.isEmpty
      || (row.stratum == .all && Self.main.contains { $0.0 == row.metric && $0.1 == row.quantity })
  }

  func metrics(showsAll: Bool) throws -> Section {
    let (rows, rest) = (table.rows.filter(isMain), table.rows.filter { !isMain($0) })
    var blocks = try tables(rows, "")
    if !rest.isEmpty, showsAll {
      blocks.append(.fold(Fold(title: "The other \(rest.count) rows", blocks: try tables(rest, "more-"))))
    } else if !rest.isEmpty {
      blocks.append(.paragraph("And \(count: rest.count) more rows: --all shows them."))
    }
    if !showsIntervals { blocks.append(.paragraph("Intervals are in --format markdown, html, csv and json.")) }
    let definitions = (showsAll ? table.rows : rows).filter(\.isOneOfSeveral).map { "\(name($0)): \($0.definition)" }
      .distinct
    if !definitions.isEmpty { blocks.append(.list(definitions.map { Prose($0) })) }
    return Section(.metrics, "Metrics", blocks)
  }

  private func tables(_ rows: [RunTable.Row], _ key: String) throws -> [Block] {
    let isSpread = !table.replicated.isEmpty
    return [.table(try values(rows, key + "values"))] + (isSpread ? [.table(try spreads(rows, key + "spreads"))] : [])
  }

  /// A column per run, or per value of the pivot: means there where runs are replicates.
  private func values(_ rows: [RunTable.Row], _ key: String) throws -> TableBlock {
    let hasIntervals = showsIntervals && table.runs.contains { !$0.isSummary }
    let caption =
      table.options.pivot.map { "Values by \($0): single runs, and means over n replicates." }
      ?? "Values of each run\(hasIntervals ? ", with bootstrap intervals" : "")."
    return TableBlock(
      key: key, caption: Prose(caption),
      columns: [.init("metric"), .init("condition")]
        + table.columns.map { .init($0.runs.count > 1 ? "\($0.label) (n = \($0.runs.count))" : $0.label, .right) },
      rows: try rows.map { row in
        try named(row)
          + table.columns.map { column in
            guard let estimate = numbers.estimate(row, column.runs) else { return "–" }
            let number = Prose(try numbers.number(estimate, row, column.runs))
            guard showsIntervals, let interval = try numbers.interval(estimate, row, column.runs) else { return number }
            return "\(number) \(interval)"
          }
      }, headingCount: 2, isWide: table.columns.count > 4)
  }

  /// Mean and spread over the replicates of each group.
  private func spreads(_ rows: [RunTable.Row], _ key: String) throws -> TableBlock {
    let titles = ["n", "mean", "interval", "SD", "lowest", "highest"]
    return TableBlock(
      key: key,
      caption: """
        Means over replicates, with standard deviation, range, and \(table.options.level.inPercent)% intervals of the mean by \
        Student’s t where there are three or more that vary.
        """,
      columns: [.init("metric"), .init("condition"), .init("group")] + titles.map { .init($0, .right) },
      rows: try rows.flatMap { row in
        try table.replicated.compactMap { group -> [Prose]? in
          guard let spread = table.spread(row, over: group.runs), let mean = numbers.estimate(row, group.runs) else {
            return nil
          }
          func end(_ value: Double) throws -> Prose {
            let end = Estimate(value: value, interval: mean.interval, tokenCount: 0, clusterCount: 0)
            return Prose(try numbers.number(end, row, group.runs))
          }
          return named(row) + [
            Prose(group.name), "\(count: spread.count)", Prose(try numbers.number(mean, row, group.runs)),
            Prose(try [numbers.interval(mean, row, group.runs)].compactMap(\.self).map { .interval($0) }),
            try spread.standardDeviation.map { Prose(try numbers.deviation($0, row, group.runs)) } ?? "–",
            try end(spread.minimum), try end(spread.maximum),
          ]
        }
      }, headingCount: 2, isWide: true)
  }

  private func named(_ row: RunTable.Row) -> [Prose] { [Prose([.code(name(row))]), Prose(row.condition)] }

  /// `cross_entropy, definition 2`: which of the definitions that the table has.
  private func name(_ row: RunTable.Row) -> String {
    guard row.isOneOfSeveral else { return row.name }
    let all = table.rows.filter { $0.name == row.name && $0.condition == row.condition }
    return "\(row.name), definition \((all.firstIndex { $0.definition == row.definition } ?? 0) + 1)"
  }
}
