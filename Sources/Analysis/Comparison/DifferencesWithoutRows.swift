import Measures
import RunFile

/// Values of two runs side by side where nothing may be said of their difference.
struct DifferencesWithoutRows {
  let a: RunReader
  let b: RunReader
  let options: RunComparison.Options

  /// - Returns: one entry per metric, pair of conditions and stratum that either run has; values where they are stored as
  ///   such, which saves reading what cannot be compared.
  func differences(_ pairs: [RunComparison.Options.Match], reason: String) -> [MetricDifference] {
    pairs.flatMap { pair in
      options.measures.metrics.flatMap { metric in
        metric.strata.compactMap { stratum -> MetricDifference? in
          guard options.metrics.isEmpty || options.metrics.contains(where: { $0.matches(metric, stratum, .value) })
          else { return nil }
          func value(_ reader: RunReader, _ condition: String) -> Double? {
            reader.summary?.first {
              $0.metric == metric.id && $0.condition == condition && $0.stratum == stratum.rawValue
                && $0.requestedTokens == nil
            }.flatMap { $0.value.isFinite ? $0.value : nil }
          }
          let (x, y) = (value(a, pair.a), value(b, pair.b))
          // Of runs with rows, one line per pair says it: the metrics that stand for the rest.
          let hasRows = a.summary == nil || b.summary == nil
          guard x != nil || y != nil || (hasRows && stratum == .all && measures(metric, pair)) else { return nil }
          return MetricDifference(
            model: a.description.model.name, metric: metric, stratum: stratum, conditionA: pair.a, conditionB: pair.b,
            quantity: .value, a: x, b: y, isPaired: false, clustersA: 0, clustersB: 0,
            margin: options.margin(metric, stratum, .value), verdict: .notComparable, reason: reason)
        }
      }
    }
  }

  private func measures(_ metric: Metric, _ pair: RunComparison.Options.Match) -> Bool {
    func isBaseline(_ reader: RunReader, _ name: String) -> Bool {
      reader.description.conditions.contains { $0.name == name && $0.isBaseline }
    }
    if metric.isComparison, isBaseline(a, pair.a) || isBaseline(b, pair.b) { return false }
    let experiment = metric.experiment
    return a.description.experiments.contains(experiment) && b.description.experiments.contains(experiment)
  }
}
