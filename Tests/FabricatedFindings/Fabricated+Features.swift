import Analysis
import Measures
import RunFile

/// Features that were never measured: the more a condition moves accuracy, the less they agree with themselves.
extension Fabricated {
  /// A metric with its value under a condition, and the half width of its interval.
  static func featureValues(_ change: Double) -> [(metric: Metric, value: Double, half: Double)] {
    let lost = min(0.9, 0.05 + change * 3)
    return [
      (.jaccard, 1 - lost, 0.005), (.featuresChangedExcess, lost * 0.8, 0.006), (.jaccardNoise, 0.7, 0.01),
      (.jaccardChance, 0.05, 0.004), (.featurePrecision, 1 - lost * 0.6, 0.004),
      (.featureRecall, 1 - lost * 0.61, 0.004),
      (.topOverlap, 1 - lost * 0.4, 0.003), (.featureCosine, 1 - lost * 0.2, 0.002), (.explainedShift, 0.95, 0.02),
      (.missedShift, 0.11, 0.03), (.shiftCross, -0.06, 0.02),
    ]
  }

  var features: [FeatureFindings] {
    conditions.dropFirst().flatMap { condition -> [FeatureFindings] in
      let pair = RunDescription.FeaturePair(condition: condition.name)
      let noise = RunDescription.FeaturePair(condition: condition.name, control: .noise)
      let rerun = RunDescription.FeaturePair(condition: RunDescription.Condition.rerunName(of: condition.name))
      let lost = min(0.9, 0.05 + condition.change * 3)
      return [
        FeatureFindings(pair, Self.table(lost: lost, tokens: tokens), description),
        FeatureFindings(noise, Self.table(lost: min(0.95, lost + 0.3), tokens: tokens), description),
      ] + (hasReruns ? [FeatureFindings(rerun, Self.table(lost: 0.01, tokens: tokens / 8), description)] : [])
    }
  }

  /// By entropy and position: the surer the baseline, the less changes.
  var featureBucketFindings: [BucketFinding] {
    guard hasFeatures, hasReruns else { return [] }
    let buckets =
      ["q1", "q2", "q3", "q4"].map { Bucket(.entropy, $0) }
      + ["1-15", "16-63", "64-255", "256-up"].map { Bucket(.position, $0) }
    return buckets.enumerated().flatMap { place, bucket in
      conditions.dropFirst().map { condition in
        let value = min(0.9, 0.05 + condition.change * 3) * (0.4 + 0.15 * Double(place % 4))
        return BucketFinding(
          bucket: bucket, metric: .featuresChangedExcess, condition: condition.name,
          estimate: Estimate(
            value: value, interval: hasIntervals ? Interval(low: value - 0.01, high: value + 0.01, level: 0.95) : nil,
            tokenCount: tokens / 32, clusterCount: chunks))
      }
    }
  }

  /// Three hundred features, from rare to frequent.
  private static func table(lost: Double, tokens: Int) -> FeatureTable {
    var table = FeatureTable()
    for feature in 0..<300 {
      let place = Double((feature * 97) % 300) / 300
      let frequency = 0.0005 + 0.05 * place * place
      let count = Int32(Double(tokens) * frequency)
      let weight = 0.4 + 0.6 * Double(feature % 7) / 6
      let r: Double = 1 - lost * (1.2 - place) * weight
      let mean: Double = 40 + 60 * place
      let energy: Double = Double(count) * mean * mean
      let moved: Double = Double(feature % 5 - 2) * 0.05 * Double(count)
      table.countReference.append(count)
      table.countCondition.append(count + Int32(moved))
      table.countBoth.append(Int32(Double(count) * max(0, r)))
      table.sumReference.append(Double(count) * mean)
      table.sumCondition.append(Double(count) * mean * 0.99)
      table.squareReference.append(energy * 1.3)
      table.squareCondition.append(energy * 1.28)
      table.product.append(energy * 1.28 * max(0, r))
      table.squaredChange.append(energy * (1 - r) * (1 + 9 * place))
      table.peakReference.append(Float(mean * 4))
      table.peakCondition.append(Float(mean * 4.1))
      table.correlation.append(Float(r))
      table.correlationActive.append(Float(r - 0.1))
      table.correlationError.append(0.004)
      table.correlationActiveError.append(0.008)
      table.densityError.append(0.02)
      table.decoderNorm.append(1)
    }
    table.meanShare = 0.05 + lost / 4
    table.firstDirectionShare = 0.2 + lost / 4
    var flips = FlipTable()
    for bin in 0..<5 {
      let fires = Int32(tokens / 3 * (bin + 1))
      let share = lost / Double(1 << bin)
      flips.firesReference.append(fires)
      flips.firesCondition.append(fires)
      flips.lost.append(Int32(Double(fires) * share))
      flips.new.append(Int32(Double(fires) * share))
      flips.shareError.append(0.004)
    }
    table.flips = flips
    table.shares.tokens = tokens
    table.shares.groups = 20
    table.shares.kept = FeatureTable.Shares.cuts.map { _ in FeatureTable.Shares.Number(value: 0, error: 0.01) }
    table.shares.keptActive = table.shares.kept
    table.shares.median = FeatureTable.Shares.Number(value: 0, error: 0.003)
    table.shares.medianActive = FeatureTable.Shares.Number(value: 0, error: 0.006)
    return table
  }
}
