import Foundation
import Kernels
import Measures
import RunFile

/// Primary measure: whether the same features fire on the same tokens, per token and per feature, beside controls.
///
/// The residual stream's shift is split exactly: with x̂ the reconstruction, Δx = Δx̂ + Δ(x − x̂). What is computed from the
/// columns: `Measure.features`; from the sums by feature: `FeatureTotals`.
struct FeatureComparison: Experiment {
  let measure = Measure.features
  let observes: ObservationPoints = .residual
  /// Of the control's noise.
  static let seed: UInt64 = 0
  private var autoencoder: SparseAutoencoder
  let decoderNorms: [Float]?
  private let thresholds: SparseAutoencoder.Thresholds?
  private let directions: [Double]

  init(_ autoencoder: SparseAutoencoder) {
    self.autoencoder = autoencoder
    self.autoencoder.keepsCodes = true
    decoderNorms = autoencoder.decoderNorms
    thresholds = autoencoder.thresholds
    directions = ShiftMoments.directions(autoencoder.dModel)
  }

  func featurePairs(of conditions: [RunDescription.Condition]) -> [RunDescription.FeaturePair] {
    conditions.filter { !$0.isBaseline }.flatMap { condition in
      [.init(condition: condition.name)]
        + (condition.rerunOf == nil ? [.init(condition: condition.name, control: .noise)] : [])
    }
  }

  func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    let encoded = try residual.encoded(by: autoencoder, workspace)
    let compared = (0..<residual.conditionCount).compactMap { condition in
      residual.reference(of: condition).map { (condition: condition, reference: $0) }
    }
    let noise = compared.map { condition, reference in
      TokenNoise(seed: Self.seed, name: residual.names[condition])
        .stream(residual.stream(reference), movedLike: residual.stream(condition), residual)
    }
    let noisy = try withExtendedLifetime(noise) {
      try autoencoder.encoded(noise.map { UnsafePointer($0.pointer) }, rows: residual.tokenCount, workspace)
    }
    let isMassive = (0..<residual.conditionCount).map { condition in
      (0..<residual.tokenCount).map { row in
        let x = residual.stream(condition).baseAddress! + row * residual.dModel
        let norm = SparseCode.compare(x, x, width: residual.dModel).squaredNorm.squareRoot()
        return norm > residual.chunk.massiveNorm
      }
    }
    let isFirst = residual.chunk.strata.map { StratumFlags(rawValue: $0).contains(.first) }
    var slices: [ColumnSlice] = []
    for (place, (condition, reference)) in compared.enumerated() {
      let (a, b) = (encoded[reference], encoded[condition])
      slices += columns(residual, condition, reference, a, b, noisy[place])
      // One massive token has activations as large as thousands of others': features are compared without them.
      let isOrdinary = isFirst.indices.map {
        !isFirst[$0] && !isMassive[condition][$0] && !isMassive[reference][$0]
      }
      let sums = FeatureAccumulator(autoencoder, thresholds, directions, residual.chunk, isKept: isOrdinary)
      let name = residual.names[condition]
      guard let x = residual.stream(reference).baseAddress, let y = residual.stream(condition).baseAddress else {
        continue
      }
      residual.shared.features[name] = sums.sums(a.codes, b.codes, x, y)
      if !residual.isRerun(condition) {
        let pair = RunDescription.FeaturePair(condition: name, control: .noise)
        residual.shared.features[pair.name] = withExtendedLifetime(noise[place]) {
          sums.sums(a.codes, noisy[place].codes, x, UnsafePointer(noise[place].pointer))
        }
      }
    }
    return slices
  }

  private func columns(
    _ residual: ResidualObservation, _ condition: Int, _ reference: Int, _ a: SparseAutoencoder.Encoded,
    _ b: SparseAutoencoder.Encoded, _ noisy: SparseAutoencoder.Encoded
  ) -> [ColumnSlice] {
    let (count, d) = (residual.tokenCount, residual.dModel)
    let overlaps = (0..<count).map { CodeOverlap(a.codes[$0], b.codes[$0]) }
    var shifts: (explained: [Double], missed: [Double]) = ([], [])
    let (x, y) = (residual.stream(reference), residual.stream(condition))
    for row in 0..<count {
      var (explained, missed) = (0.0, 0.0)
      for i in row * d..<(row + 1) * d {
        let rebuilt = Double(b.reconstruction[i]) - Double(a.reconstruction[i])
        let rest = Double(y[i]) - Double(x[i]) - rebuilt
        explained += rebuilt * rebuilt
        missed += rest * rest
      }
      shifts.explained.append(explained)
      shifts.missed.append(missed)
    }
    // Another token of the same chunk: what sets of features that have nothing to do with one another share.
    let chance = (0..<count).map { CodeOverlap(a.codes[($0 + count / 2) % count], b.codes[$0]).jaccard }
    let values: [(Column, ColumnValues)] = [
      (.featuresShared, .int32(overlaps.map { Int32($0.shared) })),
      (.featureCosine, .float32(overlaps.map(\.cosine))),
      (.topOverlap, .float32((0..<count).map { TopFeatures.overlap(a.codes[$0], b.codes[$0]) })),
      (.chanceJaccard, .float32(chance)),
      (.noiseJaccard, .float32((0..<count).map { CodeOverlap(a.codes[$0], noisy.codes[$0]).jaccard })),
      (.explainedShift, .float64(shifts.explained)), (.missedShift, .float64(shifts.missed)),
    ]
    return values.map { ColumnSlice(condition: condition, column: $0.0, values: $0.1) }
  }
}

/// Two tokens' active features, both ascending.
struct CodeOverlap {
  /// Active in both.
  var shared = 0
  private let sizes: (Int, Int)
  private var product = 0.0, squares = (0.0, 0.0)

  init(_ a: SparseAutoencoder.Code, _ b: SparseAutoencoder.Code) {
    sizes = (a.index.count, b.index.count)
    var (i, j) = (0, 0)
    while i < a.index.count, j < b.index.count {
      if a.index[i] == b.index[j] {
        shared += 1
        product += Double(a.value[i]) * Double(b.value[j])
        (i, j) = (i + 1, j + 1)
      } else if a.index[i] < b.index[j] {
        i += 1
      } else {
        j += 1
      }
    }
    squares = (a.value.reduce(0) { $0 + Double($1) * Double($1) }, b.value.reduce(0) { $0 + Double($1) * Double($1) })
  }

  /// |A ∩ B| ∕ |A ∪ B|; 1 for two empty sets.
  var jaccard: Float {
    let union = sizes.0 + sizes.1 - shared
    return union == 0 ? 1 : Float(Double(shared) / Double(union))
  }

  /// Of the activations; 1 for two empty sets, 0 where one is empty.
  var cosine: Float {
    if sizes.0 + sizes.1 == 0 { return 1 }
    if squares.0 == squares.1, product == squares.0, product > 0 { return 1 }
    let length = (squares.0 * squares.1).squareRoot()
    return length > 0 ? Float(product / length) : 0
  }
}

/// A token's strongest features.
enum TopFeatures {
  /// Of each token, or all of its features where it has fewer.
  static let count = 10

  /// |top(a) ∩ top(b)| ∕ max(|top(a)|, |top(b)|); 1 for two empty sets.
  static func overlap(_ a: SparseAutoencoder.Code, _ b: SparseAutoencoder.Code) -> Float {
    let (first, second) = (strongest(a), strongest(b))
    let most = max(first.count, second.count)
    return most == 0 ? 1 : Float(first.count { second.contains($0) }) / Float(most)
  }

  /// The lower index among equals.
  private static func strongest(_ code: SparseAutoencoder.Code) -> [Int32] {
    var top: [(index: Int32, value: Float)] = []
    for (index, value) in zip(code.index, code.value) {
      guard top.count < count || value > top[top.count - 1].value else { continue }
      let place = top.firstIndex { $0.value < value } ?? top.count
      top.insert((index, value), at: place)
      if top.count > count { top.removeLast() }
    }
    return top.map(\.index)
  }
}
