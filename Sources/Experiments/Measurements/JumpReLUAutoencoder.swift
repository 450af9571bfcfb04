import Kernels

/// A JumpReLU sparse autoencoder, ready to run.
///
///     z = (x − b_dec·[applied to input])·W_enc + b_enc;  a = z where z > threshold and z > 0, else 0;  x̂ = a·W_dec + b_dec
///
/// float32 throughout; the dense [rows, F] pre-activation exists only a tile at a time, and decoding touches active
/// features alone. Source: SAELens, jumprelu_sae.py.
public struct JumpReLUAutoencoder: Sendable {
  public let dModel: Int
  public let featureCount: Int
  private let tiles: [(firstFeature: Int, encoder: PackedMatrix)]
  private let encoderBias: AlignedBuffer<Float>
  private let threshold: AlignedBuffer<Float>
  private let decoder: AlignedBuffer<Float>
  private let decoderBias: AlignedBuffer<Float>
  private let subtractsDecoderBias: Bool

  private static let featureTile = 4096
  private static let rowTile = 128

  public init(_ weights: JumpReLUWeights) throws {
    dModel = weights.dModel
    featureCount = weights.featureCount
    encoderBias = AlignedBuffer(weights.encoderBias)
    threshold = AlignedBuffer(weights.threshold)
    decoder = AlignedBuffer(weights.decoder)
    decoderBias = AlignedBuffer(weights.decoderBias)
    subtractsDecoderBias = weights.applyDecoderBiasToInput
    let (d, f) = (weights.dModel, weights.featureCount)
    tiles = try stride(from: 0, to: f, by: Self.featureTile).map { first in
      let width = min(Self.featureTile, f - first)
      let transposed = AlignedBuffer<Float>(count: width * d)
      weights.encoder.withUnsafeBufferPointer { encoder in
        for i in 0..<d {
          for j in 0..<width { transposed[j * d + i] = encoder[i * f + first + j] }
        }
      }
      return (first, try PackedMatrix(f32: transposed.pointer, rows: width, columns: d))
    }
  }

  /// Active features of each row, ascending.
  struct Code {
    var index: [Int32] = []
    var value: [Float] = []
  }

  /// Encodes rows of x, [rows, D].
  func encode(_ x: UnsafePointer<Float>, rows: Int, _ workspace: Workspace) throws -> [Code] {
    let d = dModel
    var input = x
    if subtractsDecoderBias {
      let centred = workspace.scratch(.wideInput, Float.self, count: rows * d)
      for row in 0..<rows {
        for i in 0..<d { centred[row * d + i] = x[row * d + i] - decoderBias[i] }
      }
      input = UnsafePointer(centred)
    }
    var codes = [Code](repeating: Code(), count: rows)
    let index = workspace.scratch(.active, Int32.self, count: Self.featureTile)
    let value = workspace.scratch(.activation, Float.self, count: Self.featureTile)
    for (first, encoder) in tiles {
      let pre = workspace.scratch(.preActivation, Float.self, count: rows * encoder.rows)
      try workspace.multiplier.multiply(
        Strided(input, stride: d), rows: rows, by: encoder, into: pre, stride: encoder.rows)
      for row in 0..<rows {
        let active = SparseCode.jumpReLU(
          pre + row * encoder.rows, bias: encoderBias.pointer + first, threshold: threshold.pointer + first,
          count: encoder.rows, index: index, value: value)
        for j in 0..<active {
          codes[row].index.append(index[j] + Int32(first))
          codes[row].value.append(value[j])
        }
      }
    }
    return codes
  }

  /// Decodes one code into D values.
  func decode(_ code: Code, into out: UnsafeMutablePointer<Float>) {
    SparseCode.decode(
      index: code.index, value: code.value, active: code.index.count, decoder: decoder.pointer,
      bias: decoderBias.pointer, width: dModel, into: out)
  }

  /// Calls `body` with each row's reconstruction x̂ and number of active features, in row order.
  func forEachReconstruction(
    of x: UnsafePointer<Float>, rows: Int, _ workspace: Workspace,
    _ body: (_ row: Int, _ reconstruction: UnsafePointer<Float>, _ active: Int) -> Void
  ) throws {
    let reconstruction = workspace.scratch(.reconstruction, Float.self, count: dModel)
    for start in stride(from: 0, to: rows, by: Self.rowTile) {
      let count = min(Self.rowTile, rows - start)
      for (offset, code) in try encode(x + start * dModel, rows: count, workspace).enumerated() {
        decode(code, into: reconstruction)
        body(start + offset, reconstruction, code.index.count)
      }
    }
  }
}
