import Foundation

/// Sums over a whole run by feature and group, and what follows from them.
///
/// Standard errors are those of the delete-a-group jackknife: √((G − 1) ∕ G · Σ(θ₍g₎ − θ̄)²) over the G groups that have
/// tokens, θ₍g₎ the number without the group's documents (Shao and Tu 1995, The Jackknife and Bootstrap, section 5).
struct FeatureTotals {
  let featureCount: Int
  /// [groups, F, 3] and [groups, F, 6], in the order of `FeatureSums`.
  private(set) var counts: [Int32]
  private(set) var sums: [Double]
  private var peaks: [Float]
  private(set) var tokens = [Int](repeating: 0, count: FeatureSums.groupCount)
  private var flips = FlipCounts()
  private var shift = ShiftMoments()

  init(featureCount: Int) {
    self.featureCount = featureCount
    let cells = FeatureSums.groupCount * featureCount
    counts = Array(repeating: 0, count: cells * FeatureSums.countWidth)
    sums = Array(repeating: 0, count: cells * FeatureSums.sumWidth)
    peaks = Array(repeating: 0, count: featureCount * FeatureSums.peakWidth)
  }

  /// Units in their order in the run.
  mutating func add(_ unit: FeatureSums) {
    for (group, count) in unit.tokens.enumerated() { tokens[group] += Int(count) }
    flips.add(unit.flips)
    shift.add(unit.shift)
    for (i, key) in unit.keys.enumerated() {
      let cell = Int(key)
      for k in 0..<FeatureSums.countWidth {
        counts[cell * FeatureSums.countWidth + k] += unit.counts[i * FeatureSums.countWidth + k]
      }
      for k in 0..<FeatureSums.sumWidth {
        sums[cell * FeatureSums.sumWidth + k] += unit.sums[i * FeatureSums.sumWidth + k]
      }
      for k in 0..<FeatureSums.peakWidth {
        let place = cell % featureCount * FeatureSums.peakWidth + k
        peaks[place] = max(peaks[place], unit.peaks[i * FeatureSums.peakWidth + k])
      }
    }
  }

  /// One feature over some groups.
  private struct Cell {
    var a = 0.0, b = 0.0, both = 0.0
    var sums = SIMD8<Double>(repeating: 0)

    mutating func add(_ other: Cell, _ sign: Double) {
      a += sign * other.a
      b += sign * other.b
      both += sign * other.both
      sums += sign * other.sums
    }

    /// Over `n` tokens; NaN where a or b does not vary.
    func correlation(_ n: Double) -> Double {
      let covariance = sums[4] - sums[0] * sums[1] / n
      let variances = (sums[2] - sums[0] * sums[0] / n, sums[3] - sums[1] * sums[1] / n)
      // What is left of a difference of equal numbers is rounding.
      guard n > 1, variances.0 > 1e-12 * sums[2], variances.1 > 1e-12 * sums[3] else { return .nan }
      return min(max(covariance / (variances.0 * variances.1).squareRoot(), -1), 1)
    }

    var active: Double { a + b - both }
  }

  private func cell(_ group: Int, _ feature: Int) -> Cell {
    let place = group * featureCount + feature
    let (c, s) = (place * FeatureSums.countWidth, place * FeatureSums.sumWidth)
    var cell = Cell(a: Double(counts[c]), b: Double(counts[c + 1]), both: Double(counts[c + 2]))
    for k in 0..<FeatureSums.sumWidth { cell.sums[k] = sums[s + k] }
    return cell
  }

  /// - Parameter decoderNorms: one per feature.
  func table(decoderNorms: [Float]) -> FeatureTable {
    let groups = tokens.indices.filter { tokens[$0] > 0 }
    let all = Double(tokens.reduce(0, +))
    var table = FeatureTable()
    var kept = KeptShares(groups: groups.count), keptActive = kept
    for feature in 0..<featureCount {
      let cells = groups.map { cell($0, feature) }
      let whole = cells.reduce(into: Cell()) { $0.add($1, 1) }
      let r = whole.correlation(all), active = whole.correlation(whole.active)
      let ratio = whole.a > 0 && whole.b > 0 ? log2(whole.b / whole.a) : .nan
      var without: (r: [Double], active: [Double], ratio: [Double]) = ([], [], [])
      for (place, group) in groups.enumerated() {
        // Subtracting would leave rounding where nothing is left: the others are added up.
        let rest =
          cells[place].active == 0
          ? whole : cells.indices.reduce(into: Cell()) { if $1 != place { $0.add(cells[$1], 1) } }
        without.r.append(rest.correlation(all - Double(tokens[group])))
        without.active.append(rest.correlation(rest.active))
        without.ratio.append(rest.a > 0 && rest.b > 0 ? log2(rest.b / rest.a) : .nan)
      }
      if whole.a >= Double(FeatureTable.Shares.fewestTokens) {
        kept.add(r, without.r)
        keptActive.add(active, without.active)
      }
      table.countReference.append(Int32(whole.a))
      table.countCondition.append(Int32(whole.b))
      table.countBoth.append(Int32(whole.both))
      table.sumReference.append(whole.sums[0])
      table.sumCondition.append(whole.sums[1])
      table.squareReference.append(whole.sums[2])
      table.squareCondition.append(whole.sums[3])
      table.product.append(whole.sums[4])
      table.squaredChange.append(whole.sums[5])
      table.peakReference.append(peaks[feature * FeatureSums.peakWidth])
      table.peakCondition.append(peaks[feature * FeatureSums.peakWidth + 1])
      table.correlation.append(Self.stored(r))
      table.correlationActive.append(Self.stored(active))
      table.correlationError.append(Self.stored(r.isNaN ? .nan : Jackknife.error(without.r)))
      table.correlationActiveError.append(Self.stored(active.isNaN ? .nan : Jackknife.error(without.active)))
      table.densityError.append(Self.stored(ratio.isNaN ? .nan : Jackknife.error(without.ratio)))
    }
    table.decoderNorm = decoderNorms
    table.flips = flips.counts.isEmpty ? nil : FlipTable(flips)
    table.meanShare = shift.meanShare(tokens: Int(all))
    table.firstDirectionShare = shift.firstDirectionShare
    table.shares.tokens = Int(all)
    table.shares.groups = groups.count
    table.shares.judged = kept.count
    (table.shares.kept, table.shares.median) = (kept.shares, kept.median)
    (table.shares.keptActive, table.shares.medianActive) = (keptActive.shares, keptActive.median)
    return table
  }

  private static func stored(_ value: Double) -> Float { value.isNaN ? .missing : Float(value) }
}

/// Standard errors from the numbers without each group.
enum Jackknife {
  /// NaN where one of them cannot be computed, or there are no two.
  static func error(_ without: [Double]) -> Double {
    let count = Double(without.count)
    guard count > 1 else { return .nan }
    let mean = without.reduce(0, +) / count
    let squares = without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ((count - 1) / count * squares).squareRoot()
  }
}

/// The judged features' correlations, in the whole run and without each group.
private struct KeptShares {
  private var whole: [Double] = []
  private var without: [[Double]]

  init(groups: Int) { without = Array(repeating: [], count: groups) }

  var count: Int { whole.count }

  /// One that cannot be computed is not kept.
  mutating func add(_ r: Double, _ others: [Double]) {
    whole.append(r.isNaN ? -1 : r)
    for (group, r) in others.enumerated() { without[group].append(r.isNaN ? -1 : r) }
  }

  var shares: [FeatureTable.Shares.Number] {
    FeatureTable.Shares.cuts.map { cut in
      number { values in Double(values.count { $0 >= cut }) / Double(values.count) }
    }
  }

  var median: FeatureTable.Shares.Number {
    number { values in
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  private func number(_ of: ([Double]) -> Double) -> FeatureTable.Shares.Number {
    guard count > 0 else { return .init(value: .nan, error: .nan) }
    return .init(value: of(whole), error: Jackknife.error(without.map(of)))
  }
}
