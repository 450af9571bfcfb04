import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let tokens = StudyFigure("tokens", draw: TokensFigure.draw)
}

/// Which predictions compression changes: KL divergence by the baseline's entropy, by position and by
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
    let divergences = shown.filter { $0.metric == .kl }.flatMap(\.estimate.reach)
    let isLogarithmic = divergences.allSatisfy { $0 > 0 }
    // Models stand side by side.
    let panels = kinds.flatMap { kind in
      models.filter { !$0.findings.names(of: kind).isEmpty }.map { model in
        panel(model, kind, models.title(model, title(kind, model)), divergences, isLogarithmic)
      }
    }
    let baseline = models.baseline()
    let indicative = shown.contains { $0.estimate.isIndicative }
    return .figure(
      Figure(
        key: StudyFigure.tokens.key, title: title(models),
        caption: """
          KL divergence from \(baseline) by how unsure \(baseline) is, by the place of the predicted token in its chunk, and by \
          its script. \
          \(models.onIntervals("Bars: \(try models.level()) intervals by \(models.unit), each by itself."))\
          \(indicative ? " † From fewer than \(VerdictRules.fewClusters) \(models.unit)s: indicative." : "") \
          \(try models.sample()).
          """,
        altText:
          "Dot plot of KL divergence by kind of token. \(try models.told(sentence)).",
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

  /// The kind of token that diverges most, where it is the same for every condition.
  private static func title(_ models: [StudyModel]) -> String {
    let most = models.flatMap { model in
      model.conditions.compressed.compactMap { entry in
        model.findings.buckets.filter {
          $0.metric == .kl && $0.condition == entry.name && kinds.contains($0.bucket.kind) && !$0.estimate.isIndicative
        }.max { $0.estimate.value < $1.estimate.value }?.bucket
      }
    }
    guard let first = most.first, most.allSatisfy({ $0 == first }) else {
      return "Compression changes some tokens more than others"
    }
    return "Predictions change most at \(first.title.replacing("-", with: "–"))"
  }

  private static func panel(
    _ model: StudyModel, _ kind: Bucket.Kind, _ title: String?, _ including: [Double], _ isLogarithmic: Bool
  ) -> Panel {
    let compressed = model.conditions.compressed
    let names = model.findings.names(of: kind)
    let step: Points = 6
    var marks: [Mark] = []
    for (rank, entry) in compressed.enumerated() {
      let dodge = step * (Double(rank) - Double(compressed.count - 1) / 2)
      for (row, name) in names.enumerated() {
        guard let finding = model.findings.finding(.kl, in: Bucket(kind, name), entry.name) else { continue }
        marks += .horizontal(finding.estimate, row: row, dodge: dodge, entry.style, series: entry.name)
      }
    }
    let titles = names.map { name in
      let few = model.findings.buckets.contains { $0.bucket == Bucket(kind, name) && $0.estimate.isIndicative }
      return Bucket(kind, name).shortTitle + (few ? "\u{a0}†" : "")
    }
    return Panel(
      title: title,
      x: Axis(
        "KL divergence", unit: isLogarithmic ? "nats per token, log scale" : "nats per token",
        isLogarithmic ? .logarithmic : .linear(fromZero: true), including: including),
      y: Axis("", unit: "", .categories(titles, names.map { _ in .ink })), marks: marks,
      height: (step * Double(max(1, compressed.count)) + 5) * Double(names.count))
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
  func names(of kind: Bucket.Kind, _ metric: Metric = .kl) -> [String] {
    buckets.filter { $0.bucket.kind == kind && $0.metric == metric }.map(\.bucket.name).distinct
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
