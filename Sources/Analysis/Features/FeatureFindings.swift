import RunFile

/// An autoencoder's features under a condition, or under noise of its size, against its reference.
public struct FeatureFindings: Sendable, Equatable {
  /// Ordinary tokens on which a feature must fire under the reference to be judged.
  public static let fewestTokens = FeatureTable.Shares.fewestTokens

  public var pair: RunDescription.FeaturePair
  public var isRerun: Bool
  public var table: FeatureTable
  /// Indices of the features that are judged.
  public var judged: [Int]

  public init(_ pair: RunDescription.FeaturePair, _ table: FeatureTable, _ description: RunDescription) {
    self.pair = pair
    self.table = table
    isRerun = description.rerunConditions?.contains { $0.name == pair.condition } ?? false
    judged = table.countReference.indices.filter { Int(table.countReference[$0]) >= Self.fewestTokens }
  }

  /// Σ (b − a)²·‖W_dec‖²: by how much a feature's change moves the reconstruction, seen alone.
  public func energy(_ feature: Int) -> Double {
    table.squaredChange[feature] * Double(table.decoderNorm[feature]) * Double(table.decoderNorm[feature])
  }

  /// r of the judged features; those whose r cannot be computed are left out.
  public func correlations(active: Bool = false) -> [Double] {
    judged.compactMap { feature in
      let r = active ? table.correlationActive[feature] : table.correlation[feature]
      return r.isNaN ? nil : Double(r)
    }
  }

  /// Counts of judged features by r: bins of equal width over −1 … 1, one that cannot be computed in none.
  public func histogram(bins: Int, active: Bool = false) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    for r in correlations(active: active) { counts[min(bins - 1, max(0, Int((r + 1) / 2 * Double(bins))))] += 1 }
    return counts
  }

  /// Nil where it has no finite value.
  public func value(of quantity: FeatureQuantity) -> Double? {
    let value: Double
    switch quantity {
    case .judged: value = Double(judged.count)
    case .median: value = Self.median(correlations()) ?? .nan
    case .medianActive: value = Self.median(correlations(active: true)) ?? .nan
    case .died: value = Double(judged.count { table.countCondition[$0] == 0 })
    case .arose:
      value = Double(
        table.countReference.indices.count {
          table.countReference[$0] == 0 && Int(table.countCondition[$0]) >= Self.fewestTokens
        })
    case .halved: value = Double(judged.count { 2 * table.countCondition[$0] < table.countReference[$0] })
    case .doubled: value = Double(judged.count { table.countCondition[$0] > 2 * table.countReference[$0] })
    case .topEnergy, .gini:
      let all = table.countReference.indices.filter { table.countReference[$0] + table.countCondition[$0] > 0 }
        .map(energy).sorted()
      let sum = all.reduce(0, +)
      guard sum > 0 else { return nil }
      if quantity == .topEnergy {
        value = all.suffix((all.count + 99) / 100).reduce(0, +) / sum
      } else {
        let weighted = all.enumerated().reduce(0.0) { $0 + Double($1.offset + 1) * $1.element }
        value = 2 * weighted / (Double(all.count) * sum) - Double(all.count + 1) / Double(all.count)
      }
    case .meanShift: value = table.meanShare ?? .nan
    case .firstDirection: value = table.firstDirectionShare ?? .nan
    case .flips0, .flips05, .flips1, .flips2, .flips4:
      guard let bin = quantity.bin, let flips = table.flips else { return nil }
      value = flips.share(bin)
    case .kept05, .kept08, .kept09, .keptActive05, .keptActive08, .keptActive09:
      guard let cut = quantity.cut, !judged.isEmpty else { return nil }
      let kept = correlations(active: cut.isActive).count { $0 >= cut.r }
      value = Double(kept) / Double(judged.count)
    }
    return value.isFinite ? value : nil
  }

  /// With an interval of the grouped jackknife, by Student's t with one degree of freedom fewer than groups, where the run
  /// file has the standard error.
  public func estimate(of quantity: FeatureQuantity, level: Double) -> Estimate? {
    guard let value = value(of: quantity) else { return nil }
    let shares = table.shares
    var interval: Interval?
    if let error = error(of: quantity), error.isFinite, shares.groups > 1 {
      let half = error * StudentT.twoSidedQuantile(level, degreesOfFreedom: shares.groups - 1)
      let range = quantity.kind == .share ? 0.0...1 : -1.0...1
      interval = Interval(
        low: max(range.lowerBound, value - half), high: min(range.upperBound, value + half), level: level)
    }
    return Estimate(value: value, interval: interval, tokenCount: shares.tokens, clusterCount: shares.groups)
  }

  private func error(of quantity: FeatureQuantity) -> Double? {
    let shares = table.shares
    switch quantity {
    case .median: return shares.median.error
    case .medianActive: return shares.medianActive.error
    case .flips0, .flips05, .flips1, .flips2, .flips4:
      return quantity.bin.flatMap { bin in table.flips.map { Double($0.shareError[bin]) } }
    default:
      guard let cut = quantity.cut, let place = FeatureTable.Shares.cuts.firstIndex(of: cut.r) else { return nil }
      return (cut.isActive ? shares.keptActive : shares.kept)[place].error
    }
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

extension Findings {
  /// Of a condition, of noise of its size, or of its rerun.
  public func features(_ condition: String, control: RunDescription.FeaturePair.Control? = nil) -> FeatureFindings? {
    features.first { $0.pair == RunDescription.FeaturePair(condition: condition, control: control) }
  }

  /// Of the rerun of a condition against the condition.
  public func featuresOfRerun(of condition: String) -> FeatureFindings? {
    features(RunDescription.Condition.rerunName(of: condition))
  }
}
