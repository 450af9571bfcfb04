import Analysis
import Plot
import Words

extension StudyFigure {
  static let sources = StudyFigure("sources", draw: SourcesFigure.draw)
}

enum SourcesFigure {
  /// More conditions than these share a panel.
  private static let mostPanels = 4

  /// Per-source breakdown: what compression changes on each text source.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in model.findings.sources.contains { $0.percentChange != nil } }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure cross-entropy by text source, so there is no figure of it.")
    }
    let names = sorted(models)
    var panels: [Panel] = []
    for model in models {
      let (own, compressed) = (model.sources(names), model.conditions.compressed)
      // Each condition on its own scale, as long as that leaves room; else all on one.
      let groups = compressed.count <= mostPanels ? compressed.map({ [$0] }) : [compressed]
      for some in groups {
        let facet = some.count == 1 ? some[0].name : nil
        let height = (Points(6) * Double(some.count) + 8) * Double(own.count)
        panels.append(changes(model, own, some, title: models.title(model, facet), height))
      }
    }
    let single = models.contains { model in names.contains { mark(model, $0).contains("‡") } }
    let indicative = models.contains { $0.findings.sources.contains { $0.estimate.isIndicative } }
    return .figure(
      Figure(
        key: StudyFigure.sources.key, title: title(models, names),
        caption: """
          Change of cross-entropy on each text source, largest first. Each panel has its own scale. \
          \(models.onIntervals("Bars: paired \(try models.level()) intervals by \(models.unit), each by itself."))\
          \(indicative ? " † From fewer than \(VerdictRules.fewClusters) \(models.unit)s: indicative." : "")\
          \(single ? " ‡ From one chunk: an anecdote, drawn open." : "") \(try models.sample()).
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
        content: .panels(
          panels, columns: panels.count == 1 ? 1 : 2,
          key: models.compressed.count <= mostPanels
            ? [] : models.compressed.map { DirectLabel($0.name, at: 0, $0.style) })))
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

  private static func changes(
    _ model: StudyModel, _ names: [String], _ entries: [StudyConditions.Entry], title: String?, _ height: Points
  ) -> Panel {
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    let step: Points = 6
    var marks = [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)]
    for (rank, entry) in entries.enumerated() {
      let dodge = step * (Double(rank) - Double(entries.count - 1) / 2)
      for (row, name) in names.enumerated() {
        guard let change = model.source(name, entry.name)?.percentChange else { continue }
        let style = mark(model, name).contains("‡") ? entry.style.hollow : entry.style
        marks += .horizontal(change, row: row, dodge: dodge, style, series: entry.name)
      }
    }
    return Panel(
      title: title,
      x: Axis("Change of cross-entropy", unit: "% of \(baseline)", .linear(fromZero: false), including: [0]),
      y: sourceAxis(model, names), marks: marks, height: height)
  }

  /// Where compression costs most and least, of the sources that stand on enough documents to say so.
  private static func title(_ models: [StudyModel], _ names: [String]) -> String {
    let judged = names.filter { name in
      models.flatMap(\.findings.sources).filter { $0.bucket.name == name }.allSatisfy {
        $0.estimate.interval != nil && !$0.estimate.isIndicative
      }
    }
    guard models.count == 1, let first = judged.first, let last = judged.last, first != last else {
      return "What compression costs depends on the text"
    }
    return "Of the larger sources, compression costs most on \(first), least on \(last)"
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
