import Analysis
import Plot
import Words

extension StudyFigure {
  static let sources = StudyFigure("sources", draw: SourcesFigure.draw)
}

enum SourcesFigure {
  /// Per-source breakdown: what compression changes on each text source, and how hard the source is.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in model.findings.sources.contains { $0.percentChange != nil } }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure cross-entropy by text source, so there is no figure of it.")
    }
    let names = sorted(models)
    let changes = models.flatMap { $0.findings.sources.flatMap { $0.percentChange?.reach ?? [] } }
    let levels = models.flatMap { model in
      model.findings.sources.filter { $0.condition == model.conditions.baseline?.name }.flatMap(\.estimate.reach)
    }
    var panels: [Panel] = []
    for model in models {
      let own = model.sources(names)
      let height = (Points(7) * Double(max(1, model.conditions.compressed.count)) + 8) * Double(own.count)
      panels += [
        sourceChanges(model, own, title: models.title(model, "What compression changes"), [0] + changes, height),
        sourceLevels(model, own, title: models.title(model, "How hard the source is"), levels, height),
      ]
    }
    let baseline = models.baseline()
    let single = models.contains { model in names.contains { mark(model, $0).contains("‡") } }
    let indicative = models.contains { $0.findings.sources.contains { $0.estimate.isIndicative } }
    return .figure(
      Figure(
        key: StudyFigure.sources.key, title: "Model performance by text source",
        caption: """
          Change of cross-entropy on each text source in percent of \(baseline), and the source’s cross-entropy under \
          \(baseline): the text decides how hard a source is. Sources stand in the order of their mean \
          change.\(models.areSeveral ? " One row per model, on the same axes." : "") \
          \(models.onIntervals("Bars: \(try models.level()) bootstrap intervals, resampled by \(models.unit), paired for changes; where no bar shows, it is smaller than its marker.")) \
          \(indicative ? "† From fewer than \(VerdictRules.fewClusters) \(models.unit)s: indicative. " : "")\
          \(single ? "‡ From one chunk, without interval: an anecdote, drawn open. " : "")\(try models.sample()).
          """,
        altText: """
          Dot plot of the change of cross-entropy by text source\(models.onIntervals("") == "" ? " with \(try models.level()) intervals" : ""). \(try models.told { try sourceSentence($0, $0.sources(names)) }).
          """,
        table: try models.table(
          words: ["source", "condition"],
          numbers: [
            "predictions", "clusters", "cross-entropy (nats per token)", "interval low", "interval high", "change (%)",
            "change low (%)", "change high (%)",
          ]
        ) { model in try names.flatMap { try sourceRows(model, $0) } },
        content: .panels(panels, columns: 2, key: models.compressed.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  /// Sources from the largest mean change over models and conditions down.
  private static func sorted(_ models: [StudyModel]) -> [String] {
    let sources = models.flatMap(\.findings.sources)
    let means = sources.map(\.bucket.name).distinct.map { name in
      let changes = sources.filter { $0.bucket.name == name }.compactMap(\.percentChange?.value)
      return (name: name, mean: changes.isEmpty ? 0 : changes.reduce(0, +) / Double(changes.count))
    }
    return means.enumerated().sorted { ($1.element.mean, $0.offset) < ($0.element.mean, $1.offset) }.map(\.element.name)
  }

  private static func sourceChanges(
    _ model: StudyModel, _ names: [String], title: String?, _ including: [Double], _ height: Points
  ) -> Panel {
    let compressed = model.conditions.compressed
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    let step: Points = 7
    var marks = [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)]
    for (rank, entry) in compressed.enumerated() {
      let dodge = step * (Double(rank) - Double(compressed.count - 1) / 2)
      for (row, name) in names.enumerated() {
        guard let change = model.source(name, entry.name)?.percentChange else { continue }
        let style = mark(model, name).contains("‡") ? entry.style.hollow : entry.style
        marks += .horizontal(change, row: row, dodge: dodge, style, series: entry.name)
      }
    }
    return Panel(
      title: title,
      x: Axis("Change of cross-entropy", unit: "% of \(baseline)", .linear(fromZero: false), including: including),
      y: sourceAxis(model, names), marks: marks, height: height)
  }

  private static func sourceLevels(
    _ model: StudyModel, _ names: [String], title: String?, _ including: [Double], _ height: Points
  ) -> Panel {
    var marks: [Mark] = []
    if let baseline = model.conditions.baseline {
      for (row, name) in names.enumerated() {
        guard let source = model.source(name, baseline.name) else { continue }
        marks += .horizontal(source.estimate, row: row, dodge: 0, baseline.style, series: baseline.name)
      }
    }
    return Panel(
      title: title,
      x: Axis(
        "Cross-entropy under \(model.conditions.baseline?.name ?? "the baseline")", unit: "nats per token",
        .linear(fromZero: true), including: including),
      y: sourceAxis(model, names), marks: marks, height: height)
  }

  /// † where a source stands on few chunks, ‡ where it lies in one and has no interval.
  private static func mark(_ model: StudyModel, _ name: String) -> String {
    guard let estimate = model.findings.sources.first(where: { $0.bucket.name == name })?.estimate else { return "" }
    if estimate.isIndicative { return "\u{a0}†" }
    return estimate.interval == nil && estimate.clusterCount == 1 ? "\u{a0}‡" : ""
  }

  /// A row per source.
  private static func sourceAxis(_ model: StudyModel, _ names: [String]) -> Axis {
    Axis("", unit: "", .categories(names.map { $0 + mark(model, $0) }, names.map { _ in .ink }))
  }

  private static func sourceRows(
    _ model: StudyModel, _ name: String
  ) throws -> [[DataTable.Cell]] {
    let decimals = model.formats.decimals(.crossEntropy)
    return try model.conditions.entries.compactMap { entry -> [DataTable.Cell]? in
      guard let source = model.source(name, entry.name) else { return nil }
      let counts = [source.estimate.tokenCount, source.estimate.clusterCount].map { DataTable.Cell.count($0) }
      let values = try DataTable.Cell.estimate(source.estimate, decimals: decimals)
      let changes = try DataTable.Cell.percent(source.percentChange, model.formats)
      return [.text(name), .text(entry.name)] + counts + values + changes
    }
  }

  /// Each condition's range over sources, with the sources at its ends.
  private static func sourceSentence(_ model: StudyModel, _ names: [String]) throws -> Prose {
    var parts: [Prose] = []
    for entry in model.conditions.compressed {
      let all = names.compactMap { name in
        model.source(name, entry.name).flatMap { source in source.percentChange.map { (source, $0) } }
      }
      // Sources without interval are no extremes to speak of, where others have one.
      let judged = all.filter { $0.1.interval != nil }
      let own = judged.isEmpty ? all : judged
      guard let most = own.max(by: { $0.1.value < $1.1.value }), let least = own.min(by: { $0.1.value < $1.1.value })
      else { continue }
      guard let low = try model.numbers.percentWithInterval(least.0),
        let high = try model.numbers.percentWithInterval(most.0)
      else { continue }
      parts.append("\(entry.name) from \(low) on \(least.0.bucket.name) to \(high) on \(most.0.bucket.name)")
    }
    return parts.prose(separator: "; ")
  }
}

extension StudyModel {
  /// Those of the sources that it was measured on.
  fileprivate func sources(_ names: [String]) -> [String] {
    names.filter { name in findings.sources.contains { $0.bucket.name == name } }
  }

  fileprivate func source(_ name: String, _ condition: String) -> BucketFinding? {
    findings.sources.first { $0.bucket.name == name && $0.condition == condition }
  }
}
