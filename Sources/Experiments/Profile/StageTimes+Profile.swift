import Kernels
import RunFile

extension StageTimes {
  /// How often each shape ran, wherever it did.
  var shapes: [ProductShape: Int] {
    products.reduce(into: [:]) { $0[$1.key.shape, default: 0] += $1.value }
  }

  /// The shapes whose best rate is measured: of each precision those with the most work, until hardly any is left.
  var shapesToTime: [ProductShape] {
    let all = Self.byWork(shapes)
    return ProductPrecision.allCases.flatMap { precision in
      let mine = all.filter { $0.shape.precision == precision }
      let total = mine.reduce(0) { $0 + $1.work }
      var covered = 0.0
      return mine.prefix { next in
        defer { covered += next.work }
        return covered < 0.995 * total
      }.map(\.shape)
    }
  }

  /// Measures `shapesToTime`; see `ProductPeak`.
  func timedShapes(_ kernels: KernelChoice, threads: Int, window: Double) throws -> [ProductShape: Double] {
    try shapesToTime.reduce(into: [:]) {
      $0[$1] = try ProductPeak.seconds($1, kernels, threads: threads, window: window)
    }
  }

  /// What a run file keeps.
  ///
  /// - Parameters:
  ///   - conditions: names, in the study's order.
  ///   - best: seconds per product for `shapesToTime`. The others are reckoned at the mean rate of their precision.
  func profile(
    conditions: [String], tokens: Int, threads: Int, wallSeconds: Double, processorSeconds: Double,
    startSeconds: Double, best: [ProductShape: Double]
  ) -> RunProfile {
    let shapes = shapes
    let rates = Self.meanRates(best, shapes)
    func secondsAtBest(_ shape: ProductShape) -> Double {
      best[shape] ?? rates[shape.precision].map { shape.multiplyAdds / $0 } ?? 0
    }
    var work: [StagePlace: (multiplyAdds: Double, secondsAtBest: Double)] = [:]
    // In order, so that sums do not depend on a dictionary's.
    for (shape, _) in Self.byWork(shapes) {
      for (counted, count) in products where counted.shape == shape {
        work[counted.place, default: (0, 0)].multiplyAdds += Double(count) * shape.multiplyAdds
        work[counted.place, default: (0, 0)].secondsAtBest += Double(count) * secondsAtBest(shape)
      }
    }
    let places = conditions.indices.map(Optional.some) + [nil]
    var entries = Stage.allCases.flatMap { stage in
      StagePart.allCases.flatMap { part in
        places.compactMap { condition -> RunProfile.Entry? in
          let place = StagePlace(condition: condition, stage: stage, part: part)
          guard let seconds = seconds[place] else { return nil }
          return .init(
            stage: stage.name, part: part.name, condition: condition.map { conditions[$0] }, seconds: seconds,
            multiplyAdds: work[place]?.multiplyAdds ?? 0, secondsAtBest: work[place]?.secondsAtBest ?? 0)
        }
      }
    }
    let busy = entries.reduce(0) { $0 + $1.seconds }
    entries.append(
      .init(
        stage: Stage.waiting, part: nil, condition: nil, seconds: Double(threads) * wallSeconds - busy,
        multiplyAdds: 0, secondsAtBest: 0))
    return RunProfile(
      tokens: tokens, threads: threads, wallSeconds: wallSeconds, processorSeconds: processorSeconds,
      startSeconds: startSeconds, entries: entries,
      products: Self.byWork(shapes).map { shape, _ in
        .init(
          precision: shape.precision.rawValue, rows: shape.rows, columns: shape.columns, depth: shape.depth,
          count: shapes[shape] ?? 0, secondsAtBest: secondsAtBest(shape))
      })
  }

  /// Most work first; of equal work in order of the shape.
  private static func byWork(_ shapes: [ProductShape: Int]) -> [(shape: ProductShape, work: Double)] {
    func order(_ shape: ProductShape) -> (String, Int, Int, Int) {
      (shape.precision.rawValue, shape.rows, shape.columns, shape.depth)
    }
    return shapes.map { (shape: $0.key, work: Double($0.value) * $0.key.multiplyAdds) }
      .sorted { $0.work != $1.work ? $0.work > $1.work : order($0.shape) < order($1.shape) }
  }

  /// Multiply-adds per second of a thread at best, over the work of the shapes that were timed.
  private static func meanRates(
    _ best: [ProductShape: Double], _ shapes: [ProductShape: Int]
  ) -> [ProductPrecision: Double] {
    var sums: [ProductPrecision: (work: Double, seconds: Double)] = [:]
    for (shape, work) in byWork(shapes) {
      guard let seconds = best[shape] else { continue }
      sums[shape.precision, default: (0, 0)].work += work
      sums[shape.precision, default: (0, 0)].seconds += seconds * Double(shapes[shape] ?? 0)
    }
    return sums.mapValues { $0.work / $0.seconds }
  }
}
