import Foundation
import Kernels

/// An SAE's activation as tiles of pre-activations use it.
///
/// Kinds that decide feature by feature give a row's active features tile by tile. The k largest are known after the
/// last tile alone: until then each row keeps its k best.
struct FeatureSelection: Sendable {
  private let kind: Kind
  /// 1 ∕ ‖W_dec row‖ where activations are given in units of it.
  let inverseDecoderNorm: AlignedBuffer<Float>?

  private enum Kind {
    case jumpReLU(bias: AlignedBuffer<Float>, threshold: AlignedBuffer<Float>)
    case gated(gateBias: AlignedBuffer<Float>, scale: AlignedBuffer<Float>, magnitudeBias: AlignedBuffer<Float>)
    case topK(bias: AlignedBuffer<Float>, scale: AlignedBuffer<Float>?, k: Int, byMagnitude: Bool)
  }

  init(_ weights: SparseAutoencoderWeights) {
    var norms: [Float]?
    func topK(_ bias: [Float], _ topK: SAEActivation.TopK, byMagnitude: Bool) -> Kind {
      if topK.rescalesByDecoderNorm { norms = Self.rowNorms(weights.decoder) }
      return .topK(
        bias: AlignedBuffer(bias), scale: norms.map { AlignedBuffer($0) }, k: topK.count, byMagnitude: byMagnitude)
    }
    kind =
      switch weights.activation {
      // ReLU is JumpReLU whose thresholds are zero.
      case .standard(let bias):
        .jumpReLU(bias: AlignedBuffer(bias), threshold: AlignedBuffer(count: bias.count, zeroed: true))
      case .jumpReLU(let bias, let threshold):
        .jumpReLU(bias: AlignedBuffer(bias), threshold: AlignedBuffer(threshold))
      case .topK(let bias, let places): topK(bias, places, byMagnitude: false)
      case .absTopK(let bias, let places): topK(bias, places, byMagnitude: true)
      case .gated(let gateBias, let magnitudeBias, let logScale):
        .gated(
          gateBias: AlignedBuffer(gateBias), scale: AlignedBuffer(logScale.map { exp($0) }),
          magnitudeBias: AlignedBuffer(magnitudeBias))
      }
    inverseDecoderNorm = norms.map { AlignedBuffer($0.map { 1 / $0 }) }
  }

  /// What z must exceed, by feature; nil for kinds that do not decide feature by feature, or by another number than z.
  var thresholds: [Float]? {
    guard case .jumpReLU(_, let threshold) = kind else { return nil }
    return threshold.values.map { max($0, 0) }
  }

  /// Active features of one row in one tile, or of one row in all.
  struct Active {
    /// Ascending, counted from `firstFeature`.
    let index: UnsafePointer<Int32>
    let value: UnsafePointer<Float>
    let count: Int
    let firstFeature: Int
  }

  /// The k best of each row so far.
  final class Places {
    let index: AlignedBuffer<Int32>
    let value: AlignedBuffer<Float>
    var taken: [Int]

    init(rows: Int, k: Int) {
      (index, value) = (AlignedBuffer(count: rows * k), AlignedBuffer(count: rows * k))
      taken = Array(repeating: 0, count: rows)
    }
  }

  /// Nil for kinds that decide feature by feature.
  func places(rows: Int) -> Places? {
    if case .topK(_, _, let k, _) = kind { Places(rows: rows, k: k) } else { nil }
  }

  /// Takes one row's pre-activations of one tile; give tiles in ascending order.
  /// - Returns: the row's active features in the tile; nil where they are known at the end alone.
  func take(
    _ pre: UnsafePointer<Float>, _ features: Range<Int>, row: Int, places: Places?, _ workspace: Workspace
  ) -> Active? {
    let first = features.lowerBound
    let index = workspace.scratch(.active, Int32.self, count: features.count)
    let value = workspace.scratch(.activation, Float.self, count: features.count)
    switch kind {
    case .jumpReLU(let bias, let threshold):
      let count = SparseCode.jumpReLU(
        pre, bias: bias.pointer + first, threshold: threshold.pointer + first, count: features.count, index: index,
        value: value)
      return Active(index: index, value: value, count: count, firstFeature: first)
    case .gated(let gateBias, let scale, let magnitudeBias):
      let count = SparseCode.gated(
        pre, gateBias: gateBias.pointer + first, scale: scale.pointer + first,
        magnitudeBias: magnitudeBias.pointer + first, count: features.count, index: index, value: value)
      return Active(index: index, value: value, count: count, firstFeature: first)
    case .topK(let bias, let scale, let k, let byMagnitude):
      guard let places else { return nil }
      places.taken[row] = SparseCode.topK(
        pre, bias: bias.pointer + first, scale: scale.map { $0.pointer + first }, count: features.count, first: first,
        byMagnitude: byMagnitude, k: k, taken: places.taken[row], index: places.index.pointer + row * k,
        value: places.value.pointer + row * k)
      return nil
    }
  }

  /// A row's k best, once all tiles were taken.
  func finish(row: Int, places: Places, _ workspace: Workspace) -> Active {
    let count = places.taken[row]
    let k = places.index.count / places.taken.count
    let index = workspace.scratch(.active, Int32.self, count: count)
    let value = workspace.scratch(.activation, Float.self, count: count)
    let order = (row * k..<row * k + count).sorted { places.index[$0] < places.index[$1] }
    for (place, source) in order.enumerated() {
      index[place] = places.index[source]
      value[place] = places.value[source]
    }
    return Active(index: index, value: value, count: count, firstFeature: 0)
  }

  /// ‖row‖ of a [F, D] matrix.
  static func rowNorms(_ decoder: StoredTensor) -> [Float] {
    let d = decoder.columns
    let row = AlignedBuffer<Float>(count: d)
    return (0..<decoder.rows).map { index in
      TensorReader.readFloat32(
        decoder, rows: index..<index + 1, offset: .none, into: UnsafeMutableBufferPointer(start: row.pointer, count: d))
      return Float(SparseCode.compare(row.pointer, row.pointer, width: d).squaredNorm.squareRoot())
    }
  }
}
