import Measures
import RunFile

/// The differences over one stretch of tokens.
struct StretchOfDifferences {
  let sample: SampledPair
  let a: ComparedRun
  let b: ComparedRun
  let comparability: Comparability
  let options: RunComparison.Options
  let model: String

  func differences(_ metrics: [Metric], _ pairs: [RunComparison.Options.Match]) -> [MetricDifference] {
    let tasks = metrics.flatMap { metric in
      pairs.flatMap { pair in
        metric.strata.flatMap { stratum in
          MetricDifference.Quantity.allCases.compactMap { quantity in
            isWanted(metric, stratum, quantity) ? (metric, pair, stratum, quantity) : nil
          }
        }
      }
    }
    let rows = concurrently(tasks.count) { index -> Compared? in
      let (metric, pair, stratum, quantity) = tasks[index]
      return compared(metric, pair, stratum, quantity)
    }.compactMap(\.self)
    let statistics = statistics(of: rows)
    var differences = rows.map(\.difference)
    for (row, absolute, relative) in statistics {
      differences[row].difference = absolute.estimate
      guard let judged = absolute.studentized else {
        differences[row].reason = "more than one resample in a hundred has no value: too few tokens of this stratum"
        continue
      }
      differences[row].interval = judged.interval(level: options.level)
      differences[row].pValue = judged.pValue
      differences[row].verdict = .withinNoise
      differences[row].relative = relative?.estimate
      differences[row].relativeInterval = relative?.studentized?.interval(level: options.level)
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
    _ metric: Metric, _ pair: RunComparison.Options.Match, _ stratum: Stratum, _ quantity: MetricDifference.Quantity
  ) -> Compared? {
    guard let inA = a.place(pair.a), let inB = b.place(pair.b) else { return nil }
    let a = sample.a.rows(metric, inA, stratum, quantity)
    let b = sample.b.rows(metric, inB, stratum, quantity)
    guard a != nil || b != nil else { return nil }
    func point(_ rows: [Double]?, _ run: SampledRun) -> Double? {
      rows.map { $0[run.resamples.pointRow] }.flatMap { $0.isFinite ? $0 : nil }
    }
    var row = Compared(
      difference: MetricDifference(
        model: model, metric: metric, stratum: stratum, conditionA: pair.a, conditionB: pair.b, quantity: quantity,
        a: point(a, sample.a), b: point(b, sample.b), isPaired: sample.isPaired, clustersA: sample.a.sample.count,
        clustersB: sample.b.sample.count, margin: options.margin(metric, stratum, quantity), verdict: .notComparable))
    row.difference.reason = reason(metric, pair, stratum, a, b, row.difference)
    guard row.difference.reason == nil, let a, let b else { return row }
    if sample.isPaired, a == b {
      row.difference.verdict = .identical
      row.difference.difference = 0
      row.difference.relative = row.difference.a == 0 || quantity == .percentChange ? nil : 0
      row.difference.isInsideMargin = true
      return row
    }
    (row.a, row.b) = (a, b)
    row.denominatorsA = sample.a.denominators(metric, at: sample.a.conditions.place(inA, stratum))
    row.denominatorsB = sample.b.denominators(metric, at: sample.b.conditions.place(inB, stratum))
    return row
  }

  private func reason(
    _ metric: Metric, _ pair: RunComparison.Options.Match, _ stratum: Stratum, _ a: [Double]?, _ b: [Double]?,
    _ difference: MetricDifference
  ) -> String? {
    if a == nil { return "not measured in A" }
    if b == nil { return "not measured in B" }
    if let reason = comparability.of(metric, stratum, conditionA: pair.a, conditionB: pair.b) { return reason }
    if difference.a == nil || difference.b == nil {
      let which = difference.a == nil ? (difference.b == nil ? "either run" : "A") : "B"
      return "no finite value in \(which)"
    }
    let fewest = min(sample.a.sample.count, sample.b.sample.count)
    return fewest < 2 ? "one \(sample.a.sample.unit.rawValue) only: no interval can be made" : nil
  }

  // MARK: Statistics

  private struct Statistic {
    var estimate: Double
    var studentized: SymmetricStudentized?
  }

  private func statistics(of rows: [Compared]) -> [(row: Int, absolute: Statistic, relative: Statistic?)] {
    let tasks = rows.indices.filter { !rows[$0].a.isEmpty }.flatMap { row in
      DifferenceForm.allCases.compactMap { form in
        form == .relative && (rows[row].difference.quantity == .percentChange || rows[row].difference.a == 0)
          ? nil : (row: row, form: form)
      }
    }
    let (a, b) = (sample.a.resamples, sample.b.resamples)
    let statistics = concurrently(tasks.count) { index in
      let (row, form) = (rows[tasks[index].row], tasks[index].form)
      return sample.isPaired
        ? ResampledStatistic(zip(row.a, row.b).map { form($0, $1) }, a, denominators: row.denominatorsA)
        : ResampledStatistic(
          form, unpaired: row.a, a, denominatorsA: row.denominatorsA, row.b, b, denominatorsB: row.denominatorsB)
    }
    let judged = ResampledStatistic.studentized(statistics, under: sample.isPaired ? [a] : [a, b])
    var result: [(row: Int, absolute: Statistic, relative: Statistic?)] = []
    for (index, task) in tasks.enumerated() {
      let statistic = Statistic(estimate: statistics[index].estimate, studentized: judged[index])
      if task.form == .difference {
        result.append((task.row, statistic, nil))
      } else {
        result[result.count - 1].relative = statistic
      }
    }
    return result
  }

  // MARK: One hypothesis, several rows

  /// A metric may restate another one; and where the references are identical, a change against them differs
  /// exactly when the value does.
  private func nameTwins(_ differences: inout [MetricDifference]) {
    func index(
      _ metric: String, like row: MetricDifference, conditionA: String, conditionB: String,
      _ quantity: MetricDifference.Quantity
    ) -> Int? {
      differences.firstIndex {
        $0.metric.id == metric && $0.stratum == row.stratum && $0.conditionA == conditionA
          && $0.conditionB == conditionB
          && $0.quantity == quantity
      }
    }
    func reference(_ run: ComparedRun, _ condition: String) -> String {
      let conditions = run.conditions
      return conditions.all[run.place(condition).map { conditions.references[$0] } ?? conditions.baseline].name
    }
    for row in differences.indices where differences[row].pValue != nil {
      let own = differences[row]
      if own.quantity == .percentChange,
        let base = index(
          own.metric.id, like: own, conditionA: reference(a, own.conditionA),
          conditionB: reference(b, own.conditionB), .value),
        differences[base].verdict == .identical,
        let value = index(own.metric.id, like: own, conditionA: own.conditionA, conditionB: own.conditionB, .value)
      {
        differences[row].sameHypothesisAs = differences[value].sameHypothesisAs ?? differences[value].id
      } else if let restated = own.metric.restates, own.quantity == .value,
        let twin = index(restated, like: own, conditionA: own.conditionA, conditionB: own.conditionB, .value)
      {
        differences[row].sameHypothesisAs = differences[twin].id
      }
    }
  }
}
