/// How many of the features that fire stop firing, by how far above their threshold they were.
///
/// A feature's margin on a token is z − θ, its pre-activation less its threshold, in units of ‖Δx‖·‖w_enc‖ ∕ √D: what a
/// shift as long as the condition's moves that pre-activation by, root mean square, if its direction is random. A feature
/// that fires under the reference alone was lost, with the margin that it had there; one that fires under the condition
/// alone is new, with the margin that it has there.
public struct FlipCounts: Sendable, Equatable {
  /// Lower ends of the bins; the last goes on for ever.
  public static let edges = [0, 0.5, 1, 2, 4]
  static let binWidth = 4, width = edges.count * binWidth

  /// Per group of documents and bin: fires under the reference, of these lost; fires under the condition, of these new.
  /// Empty where the autoencoder has no thresholds of its own, such as TopK's.
  public private(set) var counts: [Int32] = []

  public init() {}
  init(counts: [Int32]) { self.counts = counts }

  public enum Kind: Int, Sendable, CaseIterable { case firesReference, lost, firesCondition, new }

  /// - Parameter margin: 0 or more; infinite where nothing moved.
  @inline(__always)
  public mutating func add(margin: Float, _ kinds: (Kind, Kind?), group: Int) {
    if counts.isEmpty { counts = Array(repeating: 0, count: FeatureSums.groupCount * Self.width) }
    let bin = margin < 1 ? (margin < 0.5 ? 0 : 1) : margin < 2 ? 2 : margin < 4 ? 3 : 4
    let place = group * Self.width + bin * Self.binWidth
    counts[place + kinds.0.rawValue] += 1
    if let second = kinds.1 { counts[place + second.rawValue] += 1 }
  }

  mutating func add(_ other: FlipCounts) {
    if counts.isEmpty { counts = other.counts } else { for i in other.counts.indices { counts[i] += other.counts[i] } }
  }
}

/// Flips of a run by margin: one number per bin of `FlipCounts.edges`.
public struct FlipTable: Sendable, Equatable {
  /// Feature and token pairs that fire under the reference, those of them that do not under the condition, and likewise
  /// those that fire under the condition, and do not under the reference.
  public var firesReference: [Int32] = []
  public var lost: [Int32] = []
  public var firesCondition: [Int32] = []
  public var new: [Int32] = []
  /// Standard error of `share`, by the grouped jackknife; missing where nothing fires.
  public var shareError: [Float] = []

  public init() {}

  /// Of what fires in a bin, under either, the share that flips; NaN where nothing does.
  public func share(_ bin: Int) -> Double {
    Double(lost[bin] + new[bin]) / Double(firesReference[bin] + firesCondition[bin])
  }

  init(_ counts: FlipCounts) {
    let groups = counts.counts.count / FlipCounts.width
    for bin in FlipCounts.edges.indices {
      let byGroup = (0..<groups).map { group in
        let place = group * FlipCounts.width + bin * FlipCounts.binWidth
        return SIMD4<Int32>(counts.counts[place..<place + FlipCounts.binWidth])
      }
      let all = byGroup.reduce(SIMD4<Int32>()) { $0 &+ $1 }
      firesReference.append(all[0])
      lost.append(all[1])
      firesCondition.append(all[2])
      new.append(all[3])
      func share(_ n: SIMD4<Int32>) -> Double { Double(n[1] + n[3]) / Double(n[0] + n[2]) }
      let error = Jackknife.error(byGroup.filter { $0 != SIMD4() }.map { share(all &- $0) })
      shareError.append(error.isNaN ? .missing : Float(error))
    }
  }
}
