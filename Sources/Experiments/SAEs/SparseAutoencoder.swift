import Foundation
import Kernels

/// A sparse autoencoder of any kind, ready to run.
///
/// float32 throughout. The dense [rows, F] pre-activation exists only a tile at a time; decoding touches active
/// features alone and reads their rows where they lie in the mapped file. The definition is at
/// `SparseAutoencoderWeights`.
public struct SparseAutoencoder: Sendable {
  public let dModel: Int
  public let featureCount: Int
  private let encoder: EncoderTiles
  private let storedEncoder: StoredTensor
  private let selection: FeatureSelection
  private let decoder: StoredTensor
  private let decoderBias: AlignedBuffer<Float>
  private let subtractsDecoderBias: Bool
  private let normalization: SAENormalization
  private let rowTile: Int
  /// Whether `encoded` gives the codes too.
  var keepsCodes = false

  /// - Parameter kernels: those of the workspaces that it will be given.
  public init(_ weights: SparseAutoencoderWeights, _ kernels: KernelChoice) throws {
    try self.init(weights, kernels, packingBudget: EncoderTiles.packingBudget)
  }

  /// - Parameters:
  ///   - packingBudget, tileWidth: see `EncoderTiles`.
  ///   - rowTile: rows per product. More pay for reading an encoder that is not packed.
  init(
    _ weights: SparseAutoencoderWeights, _ kernels: KernelChoice, packingBudget: Int, tileWidth: Int? = nil,
    rowTile: Int? = nil
  ) throws {
    dModel = weights.dModel
    featureCount = weights.featureCount
    storedEncoder = weights.encoder
    encoder = try EncoderTiles(weights.encoder, packingBudget: packingBudget, tileWidth: tileWidth, kernels)
    selection = FeatureSelection(weights)
    decoder = weights.decoder
    decoderBias = AlignedBuffer(weights.decoderBias)
    subtractsDecoderBias = weights.subtractsDecoderBias
    normalization = weights.normalization
    self.rowTile = rowTile ?? (encoder.isPacked ? 128 : 512)
  }

  /// Active features of a row, ascending.
  struct Code: Equatable {
    var index: [Int32] = []
    var value: [Float] = []
  }

  /// Encodes rows of x, [rows, D].
  func encode(_ x: UnsafePointer<Float>, rows: Int, _ workspace: Workspace) throws -> [Code] {
    var codes = [Code](repeating: Code(), count: rows)
    _ = try forEachActive(in: pieces(of: x, rows: rows), workspace) { row, active in
      for j in 0..<active.count {
        codes[row].index.append(active.index[j] + Int32(active.firstFeature))
        codes[row].value.append(active.value[j])
      }
    }
    return codes
  }

  /// ‖W_dec‖ by feature, by which an activation of 1 moves the reconstruction: 1 where activations are in units of it.
  /// Reads the whole decoder.
  var decoderNorms: [Float] {
    selection.inverseDecoderNorm == nil
      ? FeatureSelection.rowNorms(decoder) : [Float](repeating: 1, count: featureCount)
  }

  /// Where a feature begins to fire, z > θ, and ‖w_enc‖, by which a shift of the stream moves z.
  struct Thresholds: Sendable {
    let threshold: [Float]
    let encoderNorm: [Float]
  }

  /// By feature; nil for kinds that have none, and where the stream is normalized first. Reads the whole encoder.
  var thresholds: Thresholds? {
    guard normalization == .none, let threshold = selection.thresholds else { return nil }
    var squares = [Double](repeating: 0, count: featureCount)
    let row = AlignedBuffer<Float>(count: featureCount)
    for index in 0..<storedEncoder.rows {
      TensorReader.readFloat32(
        storedEncoder, rows: index..<index + 1, offset: .none,
        into: UnsafeMutableBufferPointer(start: row.pointer, count: featureCount))
      for feature in 0..<featureCount { squares[feature] += Double(row[feature]) * Double(row[feature]) }
    }
    return Thresholds(threshold: threshold, encoderNorm: squares.map { Float($0.squareRoot()) })
  }

  /// A stream as the autoencoder takes it apart and puts it together again.
  struct Encoded: Sendable {
    /// x̂, [rows, D].
    let reconstruction: AlignedBuffer<Float>
    /// Active features per row.
    var active: [Int]
    /// What they are; empty unless the autoencoder keeps codes.
    var codes: [Code]
  }

  /// - Parameter streams: each [rows, D]. A wide encoder is read once for all of them.
  func encoded(_ streams: [UnsafePointer<Float>], rows: Int, _ workspace: Workspace) throws -> [Encoded] {
    let all = streams.enumerated().flatMap { pieces(of: $1, stream: $0, rows: rows) }
    let buffers = streams.map { _ in AlignedBuffer<Float>(count: rows * dModel) }
    var active: [Int] = []
    var codes = [Code](repeating: Code(), count: keepsCodes ? streams.count * rows : 0)
    // A packed encoder stays near for one piece after the other; a mapped one is best read once.
    for group in encoder.isPacked ? all.map({ [$0] }) : [all] {
      let done = active.count
      let (rebuilt, counts) = try reconstruct(group, workspace) { row, active in
        guard keepsCodes else { return }
        let first = Int32(active.firstFeature)
        codes[done + row].value += UnsafeBufferPointer(start: active.value, count: active.count)
        for j in 0..<active.count { codes[done + row].index.append(active.index[j] + first) }
      }
      for row in counts.indices {
        let (stream, place) = ((done + row) / rows, (done + row) % rows)
        (buffers[stream].pointer + place * dModel).update(from: rebuilt + row * dModel, count: dModel)
      }
      active += counts
    }
    return buffers.enumerated().map { stream, buffer in
      let range = stream * rows..<(stream + 1) * rows
      return Encoded(
        reconstruction: buffer, active: Array(active[range]), codes: keepsCodes ? Array(codes[range]) : [])
    }
  }

  /// Rows that are multiplied together.
  private struct Piece {
    let x: UnsafePointer<Float>
    let rows: Int
    /// The stream that they are from: a condition, where time is counted.
    let stream: Int
  }

  private func pieces(of x: UnsafePointer<Float>, stream: Int = 0, rows: Int) -> [Piece] {
    stride(from: 0, to: rows, by: rowTile).map {
      Piece(x: x + $0 * dModel, rows: min(rowTile, rows - $0), stream: stream)
    }
  }

  // MARK: Encoding

  /// What normalization did to a row: x̂ becomes x̂·scale + shift.
  private struct Restoration {
    var scale: Float
    var shift: Float
  }

  /// Calls `body` with each row's active features: once, or once per tile in ascending order. Tiles are outermost.
  private func forEachActive(
    in pieces: [Piece], _ workspace: Workspace, _ body: (_ row: Int, FeatureSelection.Active) -> Void
  ) throws -> [Restoration] {
    let (inputs, restorations) = prepared(pieces, workspace)
    let rows = pieces.reduce(0) { $0 + $1.rows }
    let places = selection.places(rows: rows)
    for tile in 0..<encoder.count {
      let features = encoder.features(tile)
      try encoder.withTile(tile, workspace) { weights in
        var first = 0
        for piece in inputs {
          try workspace.timed(.saeEncoder, condition: piece.stream) {
            let pre = try preActivations(piece, weights, count: features.count, workspace)
            for row in 0..<piece.rows {
              let active = selection.take(
                pre + row * features.count, features, row: first + row, places: places, workspace)
              if let active, active.count > 0 { body(first + row, active) }
            }
          }
          first += piece.rows
        }
      }
    }
    if let places {
      var row = 0
      for piece in pieces {
        workspace.timed(.saeEncoder, condition: piece.stream) {
          for _ in 0..<piece.rows {
            body(row, selection.finish(row: row, places: places, workspace))
            row += 1
          }
        }
      }
    }
    return restorations
  }

  /// x · W_enc over one tile of features, [rows, count] in the workspace.
  private func preActivations(
    _ piece: Piece, _ tile: EncoderTiles.Tile, count: Int, _ workspace: Workspace
  ) throws -> UnsafeMutablePointer<Float> {
    let pre = workspace.scratch(.preActivation, Float.self, count: piece.rows * count)
    let x = Strided(piece.x, stride: dModel)
    try workspace.product(of: Float.self, rows: piece.rows, n: count, k: dModel) {
      switch tile {
      case .packed(let matrix):
        try workspace.multiplier.multiply(x, rows: piece.rows, by: matrix, into: pre, stride: count)
      case .shared(let matrix):
        try workspace.multiplier.multiply(
          x, rows: piece.rows, by: matrix, rows: 0..<count, columns: 0..<dModel, into: pre, stride: count)
      }
    }
    return pre
  }

  /// Normalizes and centres; pieces are used where they lie if there is nothing to do. One restoration per row, or none.
  private func prepared(_ pieces: [Piece], _ workspace: Workspace) -> ([Piece], [Restoration]) {
    if normalization == .none && !subtractsDecoderBias { return (pieces, []) }
    let d = dModel
    let rows = pieces.reduce(0) { $0 + $1.rows }
    let scratch = workspace.scratch(.wideInput, Float.self, count: rows * d)
    var inputs: [Piece] = []
    var restorations: [Restoration] = []
    var out = scratch
    for piece in pieces {
      inputs.append(Piece(x: UnsafePointer(out), rows: piece.rows, stream: piece.stream))
      workspace.timed(.saeEncoder, condition: piece.stream) {
        for row in 0..<piece.rows {
          if let restoration = normalize(piece.x + row * d, into: out) { restorations.append(restoration) }
          if subtractsDecoderBias { for i in 0..<d { out[i] -= decoderBias[i] } }
          out += d
        }
      }
    }
    return (inputs, restorations)
  }

  /// Sums in Double, each result rounded once.
  private func normalize(_ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) -> Restoration? {
    let d = dModel
    switch normalization {
    case .none:
      out.update(from: x, count: d)
      return nil
    case .constantNorm:
      let norm = SparseCode.compare(x, x, width: d).squaredNorm.squareRoot()
      let factor = Float(Double(d).squareRoot() / norm)
      for i in 0..<d { out[i] = x[i] * factor }
      return Restoration(scale: Float(norm / Double(d).squareRoot()), shift: 0)
    case .layerNorm:
      let mean = Float(SparseCode.compare(x, x, width: d).sum / Double(d))
      for i in 0..<d { out[i] = x[i] - mean }
      let sums = SparseCode.compare(out, out, width: d)
      // The mean is rounded, so what is centred keeps a small sum of its own.
      let variance = (sums.squaredNorm - sums.sum * sums.sum / Double(d)) / Double(d - 1)
      let deviation = Float(max(variance, 0).squareRoot())
      for i in 0..<d { out[i] /= deviation + 1e-5 }
      return Restoration(scale: deviation, shift: mean)
    }
  }

  // MARK: Decoding

  /// x̂ of all rows, [rows, D] in the workspace, and each row's number of active features.
  private func reconstruct(
    _ pieces: [Piece], _ workspace: Workspace, _ tell: (_ row: Int, FeatureSelection.Active) -> Void
  ) throws -> (rebuilt: UnsafeMutablePointer<Float>, active: [Int]) {
    let d = dModel
    let rows = pieces.reduce(0) { $0 + $1.rows }
    let rebuilt = workspace.scratch(.reconstruction, Float.self, count: rows * d)
    rebuilt.update(repeating: 0, count: rows * d)
    var counts = [Int](repeating: 0, count: rows)
    let storage = decoder.sparseStorage
    let restorations = try decoder.withPointer { base in
      try forEachActive(in: pieces, workspace) { row, active in
        counts[row] += active.count
        tell(row, active)
        var value = active.value
        if let inverse = selection.inverseDecoderNorm {
          let unscaled = workspace.scratch(.unscaledActivation, Float.self, count: active.count)
          for j in 0..<active.count { unscaled[j] = value[j] * inverse[Int(active.index[j])] }
          value = UnsafePointer(unscaled)
        }
        workspace.timed(.saeDecoder) {
          SparseCode.add(
            index: active.index, value: value, active: active.count,
            decoder: base + active.firstFeature * decoder.rowBytes, storage: storage, width: d, to: rebuilt + row * d)
        }
      }
    }
    var row = 0
    for piece in pieces {
      workspace.timed(.saeDecoder, condition: piece.stream) {
        for _ in 0..<piece.rows {
          let out = rebuilt + row * d
          for i in 0..<d { out[i] += decoderBias[i] }
          if !restorations.isEmpty {
            for i in 0..<d { out[i] = out[i] * restorations[row].scale + restorations[row].shift }
          }
          row += 1
        }
      }
    }
    return (rebuilt, counts)
  }
}

extension StoredTensor {
  /// For `SparseCode.add`. SAEs are read from safetensors files, which hold no other types here.
  fileprivate var sparseStorage: SparseCode.Storage {
    switch element {
    case .bf16: .bf16
    case .f16: .f16
    default: .f32
    }
  }
}
