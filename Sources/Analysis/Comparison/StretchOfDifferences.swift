import RunFile

/// The differences over one stretch of tokens.
struct StretchOfDifferences {
  let sample: ResampledPair
  let comparability: Comparability
  let options: RunComparison.Options
  let model: String

  func differences(_ rules: [MetricRule], _ pairs: [RunComparison.Options.Match]) -> [MetricDifference] {
    let tasks = rules.flatMap { rule in
      pairs.flatMap { pair in
        rule.strata.flatMap { stratum in
          MetricDifference.Quantity.allCases.compactMap { quantity in
            isWanted(rule.metric, stratum, quantity) ? (rule, pair, stratum, quantity) : nil
          }
        }
      }
    }
    let rows = concurrently(tasks.count) { index -> Compared? in
      let (rule, pair, stratum, quantity) = tasks[index]
      return compared(rule, pair, stratum, quantity)
    }.compactMap(\.self)
    let statistics = statistics(of: rows)
    var differences = rows.map(\.difference)
    for (row, absolute, relative) in statistics {
      differences[row].difference = absolute.estimate
      guard let judged = absolute.studentized else {
        differences[row].reason = "more than one resample in a hundred has no value: too few tokens of this stratum"
        continue
      }
      differences[row].interval = judged.interval
      differences[row].pValue = judged.pValue
      differences[row].verdict = .withinNoise
      differences[row].relative = relative?.estimate
      differences[row].relativeInterval = relative?.studentized?.interval
    }
    nameTwins(&differences)
    return differences
  }

  private func isWanted(_ metric: Metric, _ stratum: Stratum, _ quantity: MetricDifference.Quantity) -> Bool {
    options.metrics.isEmpty || options.metrics.contains { $0.matches(metric, stratum, quantity) }
  }

  // MARK: Values

  /// A row before its statistics; `a` and `b` are the values over all weight rows where a difference can be made.
  private struct Compared {
    var difference: MetricDifference
    var a: [Double] = []
    var b: [Double] = []
    var denominatorsA: [Double] = []
    var denominatorsB: [Double] = []
  }

  private func compared(
    _ rule: MetricRule, _ pair: RunComparison.Options.Match, _ stratum: Stratum, _ quantity: MetricDifference.Quantity
  ) -> Compared? {
    guard let inA = sample.a.conditions[pair.a], let inB = sample.b.conditions[pair.b] else { return nil }
    let a = sample.a.rows(rule, inA, stratum, quantity)
    let b = sample.b.rows(rule, inB, stratum, quantity)
    guard a != nil || b != nil else { return nil }
    func point(_ rows: [Double]?, _ run: ResampledRun) -> Double? {
      rows.map { $0[run.resamples.pointRow] }.flatMap { $0.isFinite ? $0 : nil }
    }
    var row = Compared(
      difference: MetricDifference(
        model: model, metric: rule.metric, stratum: stratum, conditionA: pair.a, conditionB: pair.b, quantity: quantity,
        a: point(a, sample.a), b: point(b, sample.b), isPaired: sample.isPaired, clustersA: sample.a.clusters.count,
        clustersB: sample.b.clusters.count, margin: options.margin(rule.metric, stratum, quantity), verdict: .notComparable))
    row.difference.reason = reason(rule, pair, stratum, a, b, row.difference)
    guard row.difference.reason == nil, let a, let b else { return row }
    if sample.isPaired, a == b {
      row.difference.verdict = .identical
      row.difference.difference = 0
      row.difference.relative = row.difference.a == 0 || quantity == .percentChange ? nil : 0
      row.difference.isInsideMargin = true
      return row
    }
    (row.a, row.b) = (a, b)
    row.denominatorsA = sample.a.denominators(rule, inA, stratum)
    row.denominatorsB = sample.b.denominators(rule, inB, stratum)
    return row
  }

  private func reason(
    _ rule: MetricRule, _ pair: RunComparison.Options.Match, _ stratum: Stratum, _ a: [Double]?, _ b: [Double]?,
    _ difference: MetricDifference
  ) -> String? {
    if a == nil { return "not measured in A" }
    if b == nil { return "not measured in B" }
    if let reason = comparability.of(rule, stratum, conditionA: pair.a, conditionB: pair.b) { return reason }
    if difference.a == nil || difference.b == nil {
      let which = difference.a == nil ? (difference.b == nil ? "either run" : "A") : "B"
      return "no finite value in \(which)"
    }
    let fewest = min(sample.a.clusters.count, sample.b.clusters.count)
    return fewest < 2 ? "one \(sample.a.clusters.unit.rawValue) only: no interval can be made" : nil
  }

  // MARK: Statistics

  private struct Statistic {
    var estimate: Double
    var studentized: SymmetricStudentized?
  }

  /// What is made of a value of A and one of B.
  private enum Form: CaseIterable {
    case difference, relative
    func callAsFunction(_ a: Double, _ b: Double) -> Double {
      switch self {
      case .difference: b - a
      case .relative: 100 * (b - a) / abs(a)
      }
    }
  }

  /// A statistic on its way: its resamples and the influences of the clusters in each run; one list where they are paired.
  private struct Prepared {
    var row: Int
    var form: Form
    var estimate: Double
    var replicates: [Double]
    var influences: [SymmetricStudentized.Influence]
  }

  private func statistics(of rows: [Compared]) -> [(row: Int, absolute: Statistic, relative: Statistic?)] {
    let tasks = rows.indices.filter { !rows[$0].a.isEmpty }.flatMap { row in
      Form.allCases.compactMap { form in
        form == .relative && (rows[row].difference.quantity == .percentChange || rows[row].difference.a == 0)
          ? nil : (row, form)
      }
    }
    let prepared = concurrently(tasks.count) { prepare(rows[tasks[$0].0], tasks[$0].0, tasks[$0].1) }
    let variances = variances(of: prepared)
    let judged = concurrently(prepared.count) { index in
      Statistic(
        estimate: prepared[index].estimate,
        studentized: SymmetricStudentized(
          estimate: prepared[index].estimate, variance: prepared[index].influences.reduce(0) { $0 + $1.variance },
          replicates: prepared[index].replicates[...], variances: variances[index], level: options.level))
    }
    var result: [(row: Int, absolute: Statistic, relative: Statistic?)] = []
    for (index, one) in prepared.enumerated() {
      if one.form == .difference {
        result.append((one.row, judged[index], nil))
      } else {
        result[result.count - 1].relative = judged[index]
      }
    }
    return result
  }

  private func prepare(_ compared: Compared, _ row: Int, _ form: Form) -> Prepared {
    let (a, b) = (compared.a, compared.b)
    let (own, other) = (sample.a.resamples, sample.b.resamples)
    let (pointA, pointB) = (a[own.pointRow], b[other.pointRow])
    let estimate = form(pointA, pointB)
    let replicates = (0..<own.replicateCount).map { form(a[$0], b[$0]) }
    let influences: [SymmetricStudentized.Influence]
    if sample.isPaired {
      influences = [
        .init(
          estimate: estimate, leaveOneOut: own.leaveOneOutRows.map { form(a[$0], b[$0]) },
          denominator: compared.denominatorsA)
      ]
    } else {
      influences = [
        .init(
          estimate: estimate, leaveOneOut: own.leaveOneOutRows.map { form(a[$0], pointB) },
          denominator: compared.denominatorsA),
        .init(
          estimate: estimate, leaveOneOut: other.leaveOneOutRows.map { form(pointA, b[$0]) },
          denominator: compared.denominatorsB),
      ]
    }
    return Prepared(row: row, form: form, estimate: estimate, replicates: replicates, influences: influences)
  }

  /// SE*² of every statistic in every resample, both runs' added up where they are resampled apart.
  private func variances(of prepared: [Prepared]) -> [[Double]] {
    var totals = prepared.map { [Double](repeating: 0, count: $0.replicates.count) }
    let runs = sample.isPaired ? [sample.a] : [sample.a, sample.b]
    let width = SymmetricStudentized.Influence.columnCount
    for (side, run) in runs.enumerated() {
      // A few at a time, so that their columns stay in cache.
      for first in stride(from: 0, to: prepared.count, by: 16) {
        let some = first..<min(first + 16, prepared.count)
        let sums = run.resamples.sums(of: some.flatMap { prepared[$0].influences[side].columns })
        let own = concurrently(some.count) { index -> [Double] in
          let start = index * width
          let (values, squares, products, sizes, squaredSizes) = (
            sums[start], sums[start + 1], sums[start + 2], sums[start + 3], sums[start + 4]
          )
          return (0..<run.resamples.replicateCount).map { row in
            SymmetricStudentized.Influence.variance(
              (values[row], squares[row], products[row], sizes[row], squaredSizes[row]), clusters: run.resamples.chunkCount)
          }
        }
        for (index, variances) in zip(some, own) {
          for row in variances.indices { totals[index][row] += variances[row] }
        }
      }
    }
    return totals
  }

  // MARK: One hypothesis, several rows

  /// Perplexity is cross-entropy in other words; and where the baselines are identical, a change against the baseline differs
  /// exactly when the value does.
  private func nameTwins(_ differences: inout [MetricDifference]) {
    func index(_ metric: Metric, like row: MetricDifference, conditionA: String, conditionB: String, _ quantity: MetricDifference.Quantity) -> Int? {
      differences.firstIndex {
        $0.metric.id == metric.id && $0.stratum == row.stratum && $0.conditionA == conditionA && $0.conditionB == conditionB
          && $0.quantity == quantity
      }
    }
    func baseline(_ run: ResampledRun) -> String { run.conditions.first { $0.value == run.baseline }?.key ?? "" }
    let (baseA, baseB) = (baseline(sample.a), baseline(sample.b))
    for row in differences.indices where differences[row].pValue != nil {
      let own = differences[row]
      if own.quantity == .percentChange,
        let base = index(own.metric, like: own, conditionA: baseA, conditionB: baseB, .value),
        differences[base].verdict == .identical,
        let value = index(own.metric, like: own, conditionA: own.conditionA, conditionB: own.conditionB, .value)
      {
        differences[row].sameHypothesisAs = differences[value].sameHypothesisAs ?? differences[value].id
      } else if own.metric.id == Metric.perplexity.id, own.quantity == .value,
        let twin = index(.crossEntropy, like: own, conditionA: own.conditionA, conditionB: own.conditionB, .value)
      {
        differences[row].sameHypothesisAs = differences[twin].id
      }
    }
  }
}
