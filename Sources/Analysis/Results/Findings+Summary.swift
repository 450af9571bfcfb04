import Measures
import RunFile

extension Findings {
  /// The findings of a summary run: values as their source states them, without intervals, and plain differences.
  ///
  /// Values of metrics that this clearbox does not compute stay in the run file alone. A difference that is exactly
  /// zero says that two rounded sums agree, not that every token does: no verdict calls it identical.
  init(summary: [SummaryValue], description: RunDescription, measures: [Measure]) {
    let baseline = description.conditions.first(where: \.isBaseline)?.name
    func value(_ metric: Metric, _ condition: String?, _ stratum: Stratum) -> SummaryValue? {
      summary.first {
        $0.metric == metric.id && $0.condition == condition && $0.stratum == stratum.rawValue
          && $0.requestedTokens == nil
      }
    }
    var findings: [Finding] = []
    for metric in measures.metrics {
      for condition in description.conditions {
        for stratum in Stratum.allCases {
          guard let own = value(metric, condition.name, stratum), own.value.isFinite else { continue }
          var finding = Finding(
            metric: metric, condition: condition.name, stratum: stratum, estimate: Estimate(own.value, own.tokens))
          if !condition.isBaseline, !metric.isComparison,
            let base = value(metric, description.reference(of: condition)?.name, stratum)
          {
            finding.change = Estimate(own.value - base.value, own.tokens)
            if base.value != 0 {
              finding.percentChange = Estimate(100 * (own.value - base.value) / base.value, own.tokens)
            }
          }
          findings.append(finding)
        }
      }
    }
    let snapshots = description.conditions.flatMap { condition in
      summary.compactMap { entry -> Snapshot? in
        guard let requested = entry.requestedTokens, entry.metric == Metric.fvuArticle.id,
          entry.condition == condition.name, let stratum = Stratum(rawValue: entry.stratum)
        else { return nil }
        return Snapshot(
          condition: condition.name, requestedTokens: requested, tokens: entry.tokens ?? requested,
          metric: .fvuArticle, stratum: stratum, estimate: Estimate(entry.value, entry.tokens))
      }.sorted { $0.tokens < $1.tokens }
    }
    let tokens = summary.filter { $0.requestedTokens == nil && $0.condition == baseline }
    let measured = tokens.filter { $0.metric != Metric.crossEntropy.id && $0.metric != Metric.perplexity.id }
    let predictions = tokens.first { $0.metric == Metric.crossEntropy.id }?.tokens ?? 0
    let tokenCount = measured.compactMap(\.tokens).max() ?? predictions
    let length = description.corpus.chunkLength
    self.init(
      description: description, measures: measures, isPartial: false,
      measured: Counts(
        tokens: tokenCount, predictions: predictions, chunks: length > 0 ? tokenCount / length : 0, batches: 0,
        documents: 0),
      findings: findings, snapshots: snapshots, buckets: [], cells: [], verdicts: [])
    verdicts = VerdictRules.verdicts(of: self).map { verdict in
      var verdict = verdict
      if verdict.outcome == .identical { verdict.outcome = .undecided }
      return verdict
    }
  }
}

extension Estimate {
  fileprivate init(_ value: Double, _ tokens: Int?) {
    self.init(value: value, tokenCount: tokens ?? 0, clusterCount: 0)
  }
}
