import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let tokens = StudyFigure("tokens", draw: TokensFigure.draw)
}

/// Which predictions compression changes: cross-entropy and KL divergence by the baseline's entropy, by position and by
/// script, a row of dots each.
enum TokensFigure {
  static let kinds: [Bucket.Kind] = [.entropy, .position, .script]

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in kinds.contains { !model.findings.names(of: $0).isEmpty } }
    guard !models.isEmpty else {
      return .absent(
        reason: "The run did not measure predictions token by token, so there is no figure of kinds of them.")
    }
    let shown = models.flatMap(\.findings.buckets).filter { kinds.contains($0.bucket.kind) }
    let changes = shown.flatMap { $0.metric == .crossEntropy ? $0.percentChange?.reach ?? [] : [] }
    let divergences = shown.flatMap { $0.metric == .kl ? $0.estimate.reach : [] }
    var panels: [Panel] = []
    for model in models {
      for kind in kinds where !model.findings.names(of: kind).isEmpty {
        panels += [
          panel(model, kind, models.title(model, title(kind, model)), [0] + changes, isChange: true),
          panel(model, kind, nil, [0] + divergences, isChange: false),
        ]
      }
    }
    let baseline = models.baseline()
    let indicative = shown.contains { $0.estimate.isIndicative }
    return .figure(
      Figure(
        key: StudyFigure.tokens.key, title: "Which tokens change",
        caption: """
          Predictions by the entropy of \(baseline), by the position of the predicted token in its chunk, and by its \
          script: change of cross-entropy in percent of \(baseline), and KL divergence. \
          \(models.onIntervals("Bars: \(try models.level()) bootstrap intervals, resampled by \(models.unit), each for one number; where no bar shows, it is smaller than its marker.")) \
          \(indicative ? "† From fewer than \(VerdictRules.fewClusters) \(models.unit)s: indicative. " : "")\
          \(try models.sample()).
          """,
        altText:
          "Dot plot of the change of cross-entropy and of KL divergence by kind of token. \(try models.told(sentence)).",
        table: try models.table(
          words: ["by", "tokens", "condition"],
          numbers: [
            "predictions", "clusters", "change of cross-entropy (%)", "change low (%)", "change high (%)",
            "KL (nats per token)", "KL low", "KL high",
          ]
        ) { model in
          try kinds.flatMap { kind in try model.findings.names(of: kind).flatMap { try rows(model, Bucket(kind, $0)) } }
        },
        content: .panels(panels, columns: 2, key: models.compressed.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  static func title(_ kind: Bucket.Kind, _ model: StudyModel) -> String {
    switch kind {
    case .source: "Text source"
    case .entropy: "Entropy of \(model.conditions.baseline?.name ?? "the baseline")"
    case .position: "Position"
    case .script: "Script"
    }
  }

  /// - Parameter isChange: of cross-entropy, else the divergence.
  private static func panel(
    _ model: StudyModel, _ kind: Bucket.Kind, _ title: String?, _ including: [Double], isChange: Bool
  ) -> Panel {
    let (compressed, baseline) = (model.conditions.compressed, model.conditions.baseline?.name ?? "the baseline")
    let names = model.findings.names(of: kind)
    let step: Points = 6
    var marks: [Mark] = isChange ? [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)] : []
    for (rank, entry) in compressed.enumerated() {
      let dodge = step * (Double(rank) - Double(compressed.count - 1) / 2)
      for (row, name) in names.enumerated() {
        let finding = model.findings.finding(isChange ? .crossEntropy : .kl, in: Bucket(kind, name), entry.name)
        guard let estimate = isChange ? finding?.percentChange : finding?.estimate else { continue }
        marks += .horizontal(estimate, row: row, dodge: dodge, entry.style, series: entry.name)
      }
    }
    let titles = names.map { name in
      let few = model.findings.buckets.contains { $0.bucket == Bucket(kind, name) && $0.estimate.isIndicative }
      return Bucket(kind, name).shortTitle + (few ? "\u{a0}†" : "")
    }
    return Panel(
      title: title,
      x: isChange
        ? Axis("Change of cross-entropy", unit: "% of \(baseline)", .linear(fromZero: false), including: including)
        : Axis("KL divergence", unit: "nats per token", .linear(fromZero: true), including: including),
      y: Axis("", unit: "", .categories(titles, names.map { _ in .ink })), marks: marks,
      height: (step * Double(max(1, compressed.count)) + 7) * Double(names.count))
  }

  private static func rows(_ model: StudyModel, _ bucket: Bucket) throws -> [[DataTable.Cell]] {
    try model.conditions.compressed.compactMap { entry in
      let findings = model.findings
      guard let kl = findings.finding(.kl, in: bucket, entry.name) else { return nil }
      let change = findings.finding(.crossEntropy, in: bucket, entry.name)?.percentChange
      let named: [DataTable.Cell] = [
        .text(title(bucket.kind, model)), .text(bucket.shortTitle), .text(entry.name), .count(kl.estimate.tokenCount),
        .count(kl.estimate.clusterCount),
      ]
      return try named + DataTable.Cell.percent(change, model.formats)
        + DataTable.Cell.estimate(kl.estimate, decimals: model.formats.decimals(.kl))
    }
  }

  /// Of each condition the kinds of tokens that diverge least and most.
  private static func sentence(_ model: StudyModel) throws -> Prose {
    var parts: [Prose] = []
    for entry in model.conditions.compressed {
      let own = model.findings.buckets.filter {
        $0.metric == .kl && $0.condition == entry.name && kinds.contains($0.bucket.kind) && $0.estimate.interval != nil
      }
      guard let least = own.min(by: { $0.estimate.value < $1.estimate.value }),
        let most = own.max(by: { $0.estimate.value < $1.estimate.value })
      else { continue }
      parts.append(
        """
        \(entry.name) diverges from \(try model.numbers.valueWithInterval(least)) (\(least.bucket.title)) to \
        \(try model.numbers.valueWithInterval(most)) nats per token (\(most.bucket.title))
        """)
    }
    return parts.isEmpty ? "Values are in the figure’s table" : parts.prose(separator: "; ")
  }
}

extension Findings {
  /// The buckets of a kind that a condition's predictions fall into, in their order.
  func names(of kind: Bucket.Kind) -> [String] {
    buckets.filter { $0.bucket.kind == kind && $0.metric == .kl }.map(\.bucket.name).distinct
  }

  func finding(_ metric: Metric, in bucket: Bucket, _ condition: String) -> BucketFinding? {
    buckets.first { $0.bucket == bucket && $0.metric == metric && $0.condition == condition }
  }
}

extension Bucket {
  /// Beside its kind's name.
  var shortTitle: String {
    switch kind {
    case .source: name
    case .entropy: ["q1": "lowest quarter", "q2": "second", "q3": "third", "q4": "highest quarter"][name] ?? name
    case .position: name.replacing("-up", with: " and up").replacing("-", with: "–")
    case .script: title
    }
  }
}
