import Measures
import RunFile

/// Turns sums per piece into findings: resamples once per sample, then evaluates every metric over the same rows.
struct FindingsComputation {
  /// What numbers stand on: of the run's first chunks all, or a part.
  struct Stretch: Hashable {
    var chunks: Int
    var part = RunPart.all

    init(chunks: Int, part: RunPart = .all) { (self.chunks, self.part) = (chunks, part) }

    init(of metric: Metric, headline: Int, own: [String: Int]) {
      self.init(chunks: own[metric.experiment] ?? headline, part: metric.part)
    }
  }

  let description: RunDescription
  let metrics: [Metric]
  let conditions: RunConditions
  let run: RunTables
  let sums: PieceSums
  let buckets: TokenBuckets
  let headlineChunks: Int
  /// Chunks of experiments that have a count of their own.
  let ownChunks: [String: Int]
  private var sampled: [Stretch: SampledRun] = [:]
  private let snapshotMetrics: [(metric: Metric, strata: [Stratum])]

  /// Reads and adds up what the metrics need, over the headline's tokens, those of experiments with a count of their own,
  /// and those of snapshots.
  ///
  /// - Throws: as `PieceSums`.
  init(
    _ reader: RunReader, _ metrics: [Metric], strata: [Stratum] = Stratum.allCases, inBuckets: Bool = true,
    snapshots: [(metric: Metric, strata: [Stratum])] = []
  ) throws {
    description = reader.description
    self.metrics = metrics
    snapshotMetrics = snapshots
    conditions = try RunConditions(reader)
    let run = try RunTables(reader)
    self.run = run
    let extent = run.extent
    let budget = reader.description.budget
    headlineChunks = extent.chunkCount(forTokens: budget.headline)
    ownChunks = Dictionary(
      uniqueKeysWithValues: budget.counts.map { ($0.experiment, extent.wholeChunks(reaching: $0.tokens)) })
    let ends = [headlineChunks] + ownChunks.values + budget.snapshots.map { extent.chunkCount(forTokens: $0) }
    let pieces = Pieces(of: run, nil, cuts: run.partCuts.union(ends.map { extent.tokenCount(ofChunks: $0) }))
    let inCells = extent.tokenCount(ofChunks: ownChunks["sae"] ?? headlineChunks)
    buckets =
      inBuckets
      ? try TokenBuckets(
        reader, run, baseline: conditions.all[conditions.baseline].name,
        tokenCount: extent.tokenCount(ofChunks: ownChunks["accuracy"] ?? headlineChunks)) : TokenBuckets()
    var wanted: [Stretch: [(metric: Metric, strata: [Stratum])]] = [:]
    for metric in metrics {
      let stretch = Stretch(of: metric, headline: headlineChunks, own: ownChunks)
      wanted[stretch, default: []].append((metric, metric.strata))
    }
    for requested in budget.snapshots {
      wanted[Stretch(chunks: extent.chunkCount(forTokens: requested)), default: []] += snapshots
    }
    let samples = wanted.compactMap { stretch, wanted in
      Self.sample(stretch, pieces, run).map { sample in
        let resamples = Resamples(
          clusterCount: sample.count, replicates: reader.description.bootstrap.replicates, seed: reader.description.seed
        )
        return (stretch, ResampledSample(sample, resamples, for: wanted.map(\.metric), in: wanted.flatMap(\.strata)))
      }
    }
    sums = try PieceSums(
      reader, run, pieces, conditions,
      .init(
        metrics: metrics, strata: strata, buckets: buckets,
        inCells: pieces.firstToken.map { Int($0) < inCells }, samples: samples.map(\.1)))
    for (place, sample) in samples.enumerated() { sampled[sample.0] = SampledRun(sums, at: place) }
  }

  private func stretch(of metric: Metric) -> Stretch { Stretch(of: metric, headline: headlineChunks, own: ownChunks) }

  /// Nil where the stretch holds nothing.
  private static func sample(_ stretch: Stretch, _ pieces: Pieces, _ run: RunTables) -> Sample? {
    let end = run.extent.tokenCount(ofChunks: stretch.chunks)
    let sample = Sample(pieces) { piece in
      let first = Int(pieces.firstToken[piece])
      return first < end && run.contains(first, stretch.part)
    }
    return sample.count > 0 ? sample : nil
  }

  // MARK: Estimates

  /// A statistic of a metric, on its way to an estimate.
  private struct Task {
    var metric: Metric
    var place: Place
    var stretch: Stretch
    var quantity: MeasureAddress.Quantity
    var rows: [Double] = []
  }

  private struct Computed {
    var estimate: Estimate
    var studentized: SymmetricStudentized?
  }

  /// In the order of tasks; nil for what was not measured, or has no finite value.
  private func computed(_ tasks: [Task]) -> [Computed?] {
    let rows = concurrently(tasks.count) { self.rows(tasks[$0]) }
    var results = [Computed?](repeating: nil, count: tasks.count)
    for stretch in Set(tasks.map(\.stretch)) {
      guard let run = sampled[stretch] else { continue }
      let own = tasks.indices.filter { tasks[$0].stretch == stretch && rows[$0] != nil }
      let hasIntervals = run.sample.count > 1 && run.resamples.replicateCount > 0
      let statistics = concurrently(hasIntervals ? own.count : 0) { index -> ResampledStatistic in
        let task = tasks[own[index]]
        return ResampledStatistic(
          rows[own[index]] ?? [], run.resamples, denominators: run.denominators(task.metric, at: task.place))
      }
      let studentized = ResampledStatistic.studentized(statistics, under: [run.resamples])
      for (index, task) in own.enumerated() {
        guard let value = rows[task]?[run.resamples.pointRow], value.isFinite else { continue }
        let size = run.size(tasks[task].metric, at: tasks[task].place)
        var estimate = Estimate(value: value, tokenCount: size.tokens, clusterCount: size.clusters)
        let own = hasIntervals ? studentized[index] : nil
        estimate.interval = own?.interval(level: description.bootstrap.level)
        results[task] = Computed(estimate: estimate, studentized: own)
      }
    }
    return results
  }

  private func rows(_ task: Task) -> [Double]? {
    guard let run = sampled[task.stretch] else { return nil }
    if task.metric.isComparison, task.place.condition == conditions.baseline { return nil }
    func at(_ place: Place) -> [Double]? { run.rows(task.metric, at: place) }
    switch task.quantity {
    case .value: return at(task.place)
    case .reference: return at(task.place.atReference)
    case .change, .percent:
      guard let own = at(task.place), let base = at(task.place.atReference) else { return nil }
      return task.quantity == .change
        ? zip(own, base).map { $0 - $1 } : zip(own, base).map { 100 * ($0 - $1) / $1 }
    }
  }

  private func quantities(_ metric: Metric, _ condition: Int, _ stratum: Stratum = .all) -> [MeasureAddress.Quantity] {
    if metric.isComparison || condition == conditions.baseline { return [.value] }
    // Over the tokens that pairs decide, the reference's level is another one than by itself.
    return [.value, .change, .percent] + (conditions.hasPairs && stratum.dividesMassive ? [.reference] : [])
  }

  // MARK: Metrics

  func findings(_ strata: [Stratum] = Stratum.allCases) -> [Finding] {
    let tasks = metrics.flatMap { metric in
      (0..<conditions.studyCount).flatMap { condition in
        metric.strata.filter(strata.contains).flatMap { stratum in
          quantities(metric, condition, stratum).map {
            Task(
              metric: metric, place: conditions.place(condition, stratum), stretch: stretch(of: metric), quantity: $0)
          }
        }
      }
    }
    var results = computed(tasks)
    for condition in 0..<conditions.studyCount { makeSimultaneous(tasks, &results, condition) }
    var findings: [Finding] = []
    for (task, result) in zip(tasks, results) {
      guard let estimate = result?.estimate else { continue }
      if task.quantity == .value {
        findings.append(
          Finding(
            metric: task.metric, condition: conditions.all[task.place.condition].name, stratum: task.place.stratum,
            estimate: estimate))
      } else if let last = findings.indices.last, findings[last].isOf(task.metric, task.place, conditions) {
        switch task.quantity {
        case .value: break
        case .change: findings[last].change = estimate
        case .percent: findings[last].percentChange = estimate
        case .reference: findings[last].reference = estimate
        }
      }
    }
    return findings
  }

  /// Gives a condition's primary measures intervals that hold together, and what their tests can detect.
  private func makeSimultaneous(_ tasks: [Task], _ results: inout [Computed?], _ condition: Int) {
    func isPrimary(_ task: Task, _ metric: Metric) -> Bool {
      task.place.condition == condition && condition != conditions.baseline
        && StudyProtocol.primary.contains { $0.metric == metric && $0.stratum == task.place.stratum }
    }
    // What stands on too few documents is not judged, and takes no part.
    let judged = tasks.indices.filter {
      isPrimary(tasks[$0], tasks[$0].metric) && tasks[$0].quantity == tasks[$0].metric.judgedQuantity
        && results[$0]?.estimate.isIndicative == false
    }
    let level = description.bootstrap.level
    guard let reach = SymmetricStudentized.simultaneous(judged.compactMap { results[$0]?.studentized }, level: level)
    else { return }
    let power = NormalDistribution.quantile(StudyProtocol.power)
    for (index, task) in tasks.enumerated() {
      let primary = task.metric.restates.flatMap { id in metrics.first { $0.id == id } } ?? task.metric
      let isChange = task.quantity == .change || task.quantity == .percent
      guard isPrimary(task, primary), isChange || task.metric.isComparison, let own = results[index]?.studentized,
        results[index]?.estimate.isIndicative == false
      else { continue }
      results[index]?.estimate.interval = own.interval(level: level, reach: reach)
      results[index]?.estimate.detectable = own.error > 0 ? (reach + power) * own.error : nil
      results[index]?.estimate.isSimultaneous = true
    }
  }

  // MARK: Snapshots

  /// Metrics over growing parts of the run, by condition, metric, stratum and count.
  func snapshots() -> [Snapshot] {
    let counts = description.budget.snapshots
    let tasks = (0..<conditions.studyCount).flatMap { condition in
      snapshotMetrics.flatMap { metric, strata in
        strata.flatMap { stratum in
          counts.flatMap { requested in
            quantities(metric, condition).map {
              Task(
                metric: metric, place: conditions.place(condition, stratum),
                stretch: Stretch(chunks: run.extent.chunkCount(forTokens: requested)), quantity: $0)
            }
          }
        }
      }
    }
    var snapshots: [Snapshot] = []
    var position = 0
    for (task, result) in zip(tasks, computed(tasks)) {
      if task.quantity == .value { position += 1 }
      guard let estimate = result?.estimate else { continue }
      switch task.quantity {
      case .value:
        snapshots.append(
          Snapshot(
            condition: conditions.all[task.place.condition].name,
            requestedTokens: counts[(position - 1) % counts.count],
            tokens: run.extent.tokenCount(ofChunks: task.stretch.chunks), metric: task.metric,
            stratum: task.place.stratum,
            estimate: estimate))
      case .change: snapshots[snapshots.count - 1].change = estimate
      case .percent: snapshots[snapshots.count - 1].percentChange = estimate
      case .reference: break
      }
    }
    return snapshots
  }

  // MARK: Buckets

  /// Metrics of predictions by bucket, kinds after one another, buckets without a prediction left out.
  func bucketFindings() -> [BucketFinding] {
    let tasks = metrics.filter(\.hasBuckets).flatMap { metric in
      buckets.all.indices.flatMap { bucket in
        (0..<conditions.studyCount).flatMap { condition in
          quantities(metric, condition).map {
            Task(
              metric: metric, place: conditions.place(condition, .all, bucket: bucket), stretch: stretch(of: metric),
              quantity: $0)
          }
        }
      }
    }
    var findings: [BucketFinding] = []
    for (task, result) in zip(tasks, computed(tasks)) {
      guard let estimate = result?.estimate, let bucket = task.place.bucket else { continue }
      switch task.quantity {
      case .value:
        findings.append(
          BucketFinding(
            bucket: buckets.all[bucket], metric: task.metric, condition: conditions.all[task.place.condition].name,
            estimate: estimate))
      case .change: findings[findings.count - 1].change = estimate
      case .percent: findings[findings.count - 1].percentChange = estimate
      case .reference: break
      }
    }
    return findings
  }
}

extension Finding {
  fileprivate func isOf(_ metric: Metric, _ place: Place, _ conditions: RunConditions) -> Bool {
    self.metric == metric && condition == conditions.all[place.condition].name && stratum == place.stratum
  }
}

extension Metric {
  /// What a verdict judges: a comparison's value, else the change in the margin's unit.
  public var judgedQuantity: MeasureAddress.Quantity { isComparison ? .value : margin.isRelative ? .percent : .change }
}
