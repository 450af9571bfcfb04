import Digests

/// What a block says of an autoencoder's features.
public struct BlockFeatures: Sendable, Equatable {
  /// ‖W_dec‖ by feature.
  public var decoderNorms: [Float]
  /// By the names of the run's pairs: one for each of the block's reduction units.
  public var pairs: [String: [FeatureSums]]

  public init(decoderNorms: [Float], pairs: [String: [FeatureSums]]) {
    (self.decoderNorms, self.pairs) = (decoderNorms, pairs)
  }
}

/// What some tokens add to the comparison of an autoencoder's features under two streams, a the reference's activations and
/// b the condition's: by feature and by group of documents, those alone that are active under either.
///
/// A block brings one for each of its reduction units, so that the whole run's has the same bits however blocks are cut.
public struct FeatureSums: Sendable, Equatable {
  /// Groups of documents that the jackknife leaves out one after another: by a hash of the document's row, so that a
  /// document is never torn. Twenty leave each standard error uncertain by a sixth.
  public static let groupCount = 20
  /// Numbers per entry.
  static let countWidth = 3, sumWidth = 6, peakWidth = 2

  /// group · F + feature, ascending.
  public private(set) var keys: [Int32] = []
  /// Tokens with a > 0, with b > 0, with both, per key.
  public private(set) var counts: [Int32] = []
  /// Σa, Σb, Σa², Σb², Σab, Σ(b − a)², per key.
  public private(set) var sums: [Double] = []
  /// The largest a and b, per key.
  public private(set) var peaks: [Float] = []
  /// Tokens per group, those without an active feature among them.
  public private(set) var tokens = [Int32](repeating: 0, count: groupCount)
  public var flips = FlipCounts()
  public var shift = ShiftMoments()

  public init() {}

  init(
    keys: [Int32], counts: [Int32], sums: [Double], peaks: [Float], tokens: [Int32], flips: FlipCounts,
    shift: ShiftMoments
  ) {
    (self.keys, self.counts, self.sums, self.peaks, self.tokens) = (keys, counts, sums, peaks, tokens)
    (self.flips, self.shift) = (flips, shift)
  }

  /// The group of a document, by its row in the corpus: splitmix64's finalizer, modulo their number.
  public static func group(ofDocument row: Int32) -> Int {
    Int(Mixing.splitmix64(UInt64(bitPattern: Int64(row))) % UInt64(groupCount))
  }

  /// One feature in one group of documents.
  public struct Entry: Sendable {
    public var counts: (a: Int32, b: Int32, both: Int32) = (0, 0, 0)
    public var a = 0.0, b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0, change = 0.0
    public var peaks: (a: Float, b: Float) = (0, 0)

    public init() {}

    /// One token; activations are 0 where a feature is not active.
    @inline(__always)
    public mutating func add(_ x: Float, _ y: Float) {
      let (p, q) = (Double(x), Double(y))
      if x != 0 { counts.a += 1 }
      if y != 0 { counts.b += 1 }
      if x != 0, y != 0 { counts.both += 1 }
      a += p
      b += q
      aa += p * p
      bb += q * q
      ab += p * q
      change += (q - p) * (q - p)
      peaks = (max(peaks.a, x), max(peaks.b, y))
    }
  }

  /// Keys must be given in ascending order.
  public mutating func append(_ key: Int32, _ entry: Entry) {
    keys.append(key)
    counts.append(entry.counts.a)
    counts.append(entry.counts.b)
    counts.append(entry.counts.both)
    sums.append(entry.a)
    sums.append(entry.b)
    sums.append(entry.aa)
    sums.append(entry.bb)
    sums.append(entry.ab)
    sums.append(entry.change)
    peaks.append(entry.peaks.a)
    peaks.append(entry.peaks.b)
  }

  public mutating func add(tokens count: Int, toGroup group: Int) { tokens[group] += Int32(count) }

  /// Both added, entry by entry: self first.
  public func adding(_ other: FeatureSums) -> FeatureSums {
    var all = FeatureSums()
    all.tokens = zip(tokens, other.tokens).map { $0 + $1 }
    (all.flips, all.shift) = (flips, shift)
    all.flips.add(other.flips)
    all.shift.add(other.shift)
    all.reserve(keys.count + other.keys.count)
    var (i, j) = (0, 0)
    while i < keys.count || j < other.keys.count {
      if j == other.keys.count || (i < keys.count && keys[i] < other.keys[j]) {
        all.take(self, i)
        i += 1
      } else if i == keys.count || other.keys[j] < keys[i] {
        all.take(other, j)
        j += 1
      } else {
        all.take(self, i)
        all.addToLast(other, j)
        (i, j) = (i + 1, j + 1)
      }
    }
    return all
  }

  private mutating func reserve(_ count: Int) {
    keys.reserveCapacity(count)
    counts.reserveCapacity(count * Self.countWidth)
    sums.reserveCapacity(count * Self.sumWidth)
    peaks.reserveCapacity(count * Self.peakWidth)
  }

  private mutating func take(_ other: FeatureSums, _ i: Int) {
    keys.append(other.keys[i])
    for k in 0..<Self.countWidth { counts.append(other.counts[i * Self.countWidth + k]) }
    for k in 0..<Self.sumWidth { sums.append(other.sums[i * Self.sumWidth + k]) }
    for k in 0..<Self.peakWidth { peaks.append(other.peaks[i * Self.peakWidth + k]) }
  }

  private mutating func addToLast(_ other: FeatureSums, _ i: Int) {
    let last = keys.count - 1
    for k in 0..<Self.countWidth { counts[last * Self.countWidth + k] += other.counts[i * Self.countWidth + k] }
    for k in 0..<Self.sumWidth { sums[last * Self.sumWidth + k] += other.sums[i * Self.sumWidth + k] }
    for k in 0..<Self.peakWidth {
      let place = last * Self.peakWidth + k
      peaks[place] = max(peaks[place], other.peaks[i * Self.peakWidth + k])
    }
  }
}
