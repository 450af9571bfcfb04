import Kernels
import RunFile

/// Sums a chunk's activations by feature and by group of documents, token after token: of the tokens that are kept.
struct FeatureAccumulator {
  private let featureCount: Int
  /// D
  private let width: Int
  private let thresholds: SparseAutoencoder.Thresholds?
  /// Of `ShiftMoments`.
  private let directions: [Double]
  /// Rows of each group of documents in the chunk, groups ascending.
  private let rows: [(group: Int, rows: [Int])]

  /// - Parameters:
  ///   - directions: of `ShiftMoments`.
  ///   - isKept: one per row.
  init(
    _ autoencoder: SparseAutoencoder, _ thresholds: SparseAutoencoder.Thresholds?, _ directions: [Double],
    _ chunk: ChunkContext, isKept: [Bool]
  ) {
    (featureCount, width) = (autoencoder.featureCount, autoencoder.dModel)
    (self.thresholds, self.directions) = (thresholds, directions)
    var rows: [Int: [Int]] = [:]
    for (segment, document) in zip(chunk.segments, chunk.documents) {
      rows[FeatureSums.group(ofDocument: document), default: []] += segment.filter { isKept[$0] }
    }
    self.rows = rows.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { (group: $0.key, rows: $0.value) }
  }

  /// - Parameters:
  ///   - a: the reference's codes, one per row of the chunk.
  ///   - b: the condition's.
  ///   - x: the reference's stream, [T, D].
  ///   - y: the condition's.
  func sums(
    _ a: [SparseAutoencoder.Code], _ b: [SparseAutoencoder.Code], _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>
  ) -> FeatureSums {
    var sums = FeatureSums()
    // Where a feature's entry is; −1 for none.
    var places = [Int32](repeating: -1, count: featureCount)
    for (group, rows) in rows {
      sums.add(tokens: rows.count, toGroup: group)
      var entries: [FeatureSums.Entry] = []
      var features: [Int32] = []
      func add(_ feature: Int32, _ x: Float, _ y: Float) {
        var place = Int(places[Int(feature)])
        if place < 0 {
          place = entries.count
          places[Int(feature)] = Int32(place)
          entries.append(.init())
          features.append(feature)
        }
        entries[place].add(x, y)
      }
      for row in rows {
        let (first, second) = (a[row], b[row])
        let squared = sums.shift.add(width: width) { sum, sketch in
          SparseCode.sketch(
            x + row * width, y + row * width, directions: directions, width: width, sum: sum, into: sketch)
        }
        let unit = Float((squared / Double(width)).squareRoot())
        var (i, j) = (0, 0)
        while i < first.index.count || j < second.index.count {
          if j == second.index.count || (i < first.index.count && first.index[i] < second.index[j]) {
            add(first.index[i], first.value[i], 0)
            if let margin = margin(first.index[i], first.value[i], unit) {
              sums.flips.add(margin: margin, (.firesReference, .lost), group: group)
            }
            i += 1
          } else if i == first.index.count || second.index[j] < first.index[i] {
            add(second.index[j], 0, second.value[j])
            if let margin = margin(second.index[j], second.value[j], unit) {
              sums.flips.add(margin: margin, (.firesCondition, .new), group: group)
            }
            j += 1
          } else {
            add(first.index[i], first.value[i], second.value[j])
            if let margin = margin(first.index[i], first.value[i], unit) {
              sums.flips.add(margin: margin, (.firesReference, nil), group: group)
            }
            if let margin = margin(second.index[j], second.value[j], unit) {
              sums.flips.add(margin: margin, (.firesCondition, nil), group: group)
            }
            (i, j) = (i + 1, j + 1)
          }
        }
      }
      for feature in features.sorted() {
        sums.append(Int32(group * featureCount) + feature, entries[Int(places[Int(feature)])])
      }
      for feature in features { places[Int(feature)] = -1 }
    }
    return sums
  }

  /// How far above its threshold a feature fires; nil where it has none.
  ///
  /// - Parameter unit: ‖Δx‖ ∕ √D.
  @inline(__always)
  private func margin(_ feature: Int32, _ z: Float, _ unit: Float) -> Float? {
    guard let thresholds else { return nil }
    let moved = unit * thresholds.encoderNorm[Int(feature)]
    return moved > 0 ? (z - thresholds.threshold[Int(feature)]) / moved : .infinity
  }
}
