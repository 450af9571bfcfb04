import Analysis
import Measures
import Words

/// What another order of summation alone does, beside what compression does.
extension PerformanceSection {
  /// Rows of distances: to the reference, to the condition's own rerun, and what is left of the first without rounding.
  func rerunTable() throws -> Block? {
    let metrics: [Metric] = [.nllDistanceExcess, .klExcess, .disagreementExcess, .noiseFloorExcess, .flippedExcess]
    let shown = metrics.filter { metric in models.contains { $0.numbers.has(metric) } }
    guard !shown.isEmpty else { return nil }
    let rows = try rows(compressed, measured: { model, name in shown.contains { model.numbers.has($0, name) } }) {
      model, name in
      try shown.map { model.numbers.has($0, name) ? try model.numbers.valueWithInterval($0, name) : "–" }
    }
    let stands = models.compactMap { model -> Prose? in
      guard let reruns = model.description.reruns else { return nil }
      return "\(count: reruns.tokens) tokens of \(count: reruns.documents) documents\(on([model]))"
    }
    return table(
      "reruns", caption: "Distances from \(base) beyond rounding.",
      columns: modelColumn + [.init("Condition")] + shown.map { .init($0.name.typeset, .right) }, rows: rows,
      remarks:
        """
        Each distance D(c, b) less ½ [D(c, c′) + D(b, b′)], where ′ is the same condition in another order of summation: 0 \
        where the two differ by no more than rounding. Measured again: \(Prose.list(stands)). In brackets: \(level) intervals.
        """)
  }

  /// Perplexity in percent: cross-entropy in other words.
  func perplexitySentence() throws -> Prose? {
    let parts: [Prose] = try compressed.compactMap { condition in
      let own = models.filter { $0.numbers.has(.perplexity, condition) }
      guard
        let change = try range(own, { try $0.numbers.changeAmount(.perplexity, condition, inPercent: true) })
      else { return nil }
      return "\(change) under \(strong: condition)\(on(own))"
    }
    return parts.isEmpty ? nil : "In perplexity that is \(Prose.list(parts))."
  }
}
