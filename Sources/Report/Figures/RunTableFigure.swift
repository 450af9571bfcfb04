import Analysis
import Measures
import Plot
import Words

/// Many runs in one figure: each metric in a panel, conditions in rows, runs or values of the pivot in lanes under each other.
public enum RunTableFigure {
  /// - Returns: nil where the runs have none of the metrics that the figure shows.
  /// - Throws: `PlotError` for numbers that no figure can show.
  public static func make(_ table: RunTable) throws -> Figure? {
    let subjects = subjects(of: table)
    guard !subjects.isEmpty else { return nil }
    var panels: [Panel] = []
    var cells: [[DataTable.Cell]] = []
    var sentences: [Prose] = []
    let (lanes, numbers) = (lanes(of: table), RunTableNumbers(table))
    let step: Points = lanes.count <= 12 ? 7.6 : 4.2
    for rows in subjects {
      var marks: [Mark] = []
      var said: [Prose] = []
      for (index, row) in rows.enumerated() {
        var words: [Prose] = []
        for (place, lane) in lanes.enumerated() {
          guard let estimate = numbers.estimate(row, lane.runs) else { continue }
          let number = try numbers.number(estimate, row, lane.runs)
          let dodge = step * (Double(place) - Double(lanes.count - 1) / 2)
          marks += .horizontal(
            row.isShare ? inPercent(estimate) : estimate, row: index, dodge: dodge, lane.style,
            series: "\(lane.name), \(row.condition)", text: lane.isMean || lanes.count <= 3 ? number.text : nil)
          if lane.isMean || table.replicated.isEmpty || table.options.pivot != nil {
            let interval = try numbers.interval(estimate, row, lane.runs).map { " \($0)" as Prose } ?? ""
            words.append("\(lane.name) \(number)\(interval)")
          }
          cells.append(try self.cells(estimate, row, lane, numbers))
        }
        if !words.isEmpty { said.append("\(row.condition) \(words.prose(separator: ", "))") }
      }
      let first = rows[0]
      let change = first.quantity == .percentChange
      panels.append(
        Panel(
          title: title(first), x: Axis("", unit: "", .linear(fromZero: false), including: change ? [0] : []),
          y: Axis("", unit: "", .categories(rows.map(\.condition), rows.map { _ in .ink })),
          marks: (change ? [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: "no change")] : [])
            + marks,
          note: note(first),
          height: Points((step * Double(lanes.count) + 10).value * Double(rows.count))))
      if !said.isEmpty { sentences.append("\(title(first)): \(said.prose(separator: "; "))") }
    }
    let means = lanes.contains(where: \.isMean)
    let order = table.options.pivot.map { "the values of \($0)" } ?? "the runs in their order"
    let mean: String =
      means
      ? " Filled diamonds: means over replicates, with \(table.options.level.inPercent)% intervals by Student’s t where there are three or more."
      : ""
    let singles =
      lanes.contains { !$0.isMean }
      ? " Open marks: single runs, with their own bootstrap intervals, resampled by document." : ""
    return Figure(
      key: "runs", title: "The runs side by side",
      caption: """
        Each condition has a lane for \(order), from top to bottom\(table.options.pivot == nil && means ? ", and below them one for each group’s mean" : "").\(singles)\(mean) \
        Runs that are no replicates of one another are never averaged. The axes do not start at zero.
        """,
      altText: "Dot plot of \(count: table.runs.count) runs. \(sentences.prose(separator: ". ")).",
      table: DataTable(
        words: ["metric", "condition", "of"], numbers: ["n", "value", "interval low", "interval high"], rows: cells),
      content: .panels(panels, columns: 2, key: key(lanes, table)))
  }

  // MARK: What is shown

  private static let usual: [(Metric, MetricDifference.Quantity)] = [
    (.crossEntropy, .value), (.crossEntropy, .percentChange), (.fvu, .value), (.fvu, .percentChange),
    (.fvuArticle, .value),
    (.fvuArticle, .percentChange), (.noiseFloorArticle, .value), (.top1Agreement, .value),
  ]

  /// The rows of each panel: the usual metrics over all tokens, or the first twelve that were asked for.
  private static func subjects(of table: RunTable) -> [[RunTable.Row]] {
    let shown = table.rows.filter { row in
      !table.options.metrics.isEmpty
        || (row.stratum == .all && usual.contains { $0.0.id == row.metric.id && $0.1 == row.quantity })
    }
    let subjects = shown.grouped { [$0.metric.id, $0.stratum.rawValue, $0.quantity.rawValue, $0.definition] }
    return subjects.prefix(12).map(\.elements)
  }

  private static func title(_ row: RunTable.Row) -> String {
    let what = row.quantity == .percentChange ? "\(row.metric.name.typeset), change" : row.metric.name.typeset
    return what + (row.stratum == .all ? "" : ", \(row.stratum.title)")
      + (row.isOneOfSeveral ? " (one of several definitions)" : "")
  }

  /// A run, the runs of a pivot's value, or a group's mean.
  private struct Lane {
    var name: String
    var runs: [Int]
    var isMean: Bool
    var style: MarkStyle
  }

  private static func lanes(of table: RunTable) -> [Lane] {
    func style(_ index: Int, isMean: Bool) -> MarkStyle {
      let own = MarkStyle.condition(index)
      return isMean
        ? MarkStyle(own.role, .diamond)
        : MarkStyle(own.role, own.marker == .diamond ? .circle : own.marker, isHollow: true)
    }
    if let pivot = table.options.pivot {
      return table.columns.enumerated().map { index, column in
        let isMean = column.runs.count > 1
        return Lane(
          name: "\(pivot) \(column.label)", runs: column.runs, isMean: isMean, style: style(index, isMean: isMean))
      }
    }
    func place(_ group: String) -> Int { table.groups.firstIndex { $0.name == group } ?? 0 }
    return table.columns.map { column in
      Lane(
        name: "run \(column.label)", runs: column.runs, isMean: false, style: style(place(column.group), isMean: false))
    }
      + table.replicated.map { group in
        Lane(
          name: "mean of group \(group.name)", runs: group.runs, isMean: true,
          style: style(place(group.name), isMean: true))
      }
  }

  private static func key(_ lanes: [Lane], _ table: RunTable) -> [DirectLabel] {
    if table.options.pivot != nil { return lanes.map { DirectLabel($0.name, at: 0, $0.style) } }
    return table.groups.compactMap { group -> DirectLabel? in
      let members = table.runs.indices.filter { table.group(of: $0)?.name == group.name }
      guard let lane = lanes.first(where: { $0.runs == [group.runs[0]] && !$0.isMean }) else { return nil }
      let names = members.map { String($0 + 1) }
      return DirectLabel("group \(group.name): run\(names.count == 1 ? "" : "s") \(names.listed)", at: 0, lane.style)
    } + (table.replicated.isEmpty ? [] : [DirectLabel("mean of a group", at: 0, MarkStyle(.ink, .diamond))])
  }

  // MARK: Numbers

  private static func note(_ row: RunTable.Row) -> String? {
    if row.isShare { return "Percent." }
    if row.quantity == .percentChange { return "Percent of the baseline." }
    return row.metric.unit == "1" ? nil : row.metric.unit.capitalizedFirst + "."
  }

  /// A share of 1, to be drawn as it is printed.
  private static func inPercent(_ share: Estimate) -> Estimate {
    var percent = share
    percent.value *= 100
    percent.interval = share.interval.map { Interval(low: $0.low * 100, high: $0.high * 100, level: $0.level) }
    return percent
  }

  private static func cells(
    _ estimate: Estimate, _ row: RunTable.Row, _ lane: Lane, _ numbers: RunTableNumbers
  ) throws -> [DataTable.Cell] {
    let values = try [estimate.value, estimate.interval?.low, estimate.interval?.high].map { value -> DataTable.Cell in
      guard let value else { return .none }
      var end = estimate
      end.value = value
      return .number(value, shown: try numbers.number(end, row, lane.runs).text)
    }
    return [.text(title(row)), .text(row.condition), .text(lane.name), .count(lane.isMean ? estimate.clusterCount : 1)]
      + values
  }
}
