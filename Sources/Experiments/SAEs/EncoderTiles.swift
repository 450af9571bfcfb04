import Kernels

/// An SAE's encoder as products use it: tiles of features, so that neither a [tokens, F] pre-activation nor a second
/// copy of a wide encoder ever exists.
///
/// An encoder whose float32 copy fits the budget is packed once. A wider one stays in its mapped file: a tile is packed
/// from there into scratch, multiplied, and dropped; bf16, half-precision and unaligned tiles go through a float32 copy of
/// the tile. To read the file as seldom as possible, give such an encoder many rows at a time.
struct EncoderTiles: Sendable {
  /// Bytes that packed tiles may take: 16k features of D = 3840 in float32, and a little more.
  static let packingBudget = 256 << 20
  /// Bytes of a tile that is packed for one use: it stays in the caches from its packing to its last product.
  private static let scratchBudget = 4 << 20

  /// D
  let dModel: Int
  /// F
  let featureCount: Int
  let tileWidth: Int
  private let storage: Storage

  private enum Storage {
    case packed([PackedMatrix])
    case mapped(StoredTensor)
  }

  /// One tile of W_enc, ready to multiply.
  enum Tile {
    case packed(PackedMatrix)
    case shared(SharedMatrix<Float>)
  }

  /// - Parameters:
  ///   - encoder: W_enc, [D, F].
  ///   - packingBudget: see above; 0 leaves every encoder in its file.
  ///   - kernels: to pack it for; what stays in the file is for our own.
  ///   - tileWidth: features per tile; by default 4096, or as many as the scratch of a tile holds.
  init(_ encoder: StoredTensor, packingBudget: Int, tileWidth: Int?, _ kernels: KernelChoice) throws {
    let (d, f) = (encoder.rows, encoder.columns)
    let size = MemoryLayout<Float>.size
    dModel = d
    featureCount = f
    if d * f * size <= packingBudget {
      let width = tileWidth ?? 4096
      self.tileWidth = width
      let starts = Array(stride(from: 0, to: f, by: width))
      storage = .packed(try starts.map { try Self.pack(encoder, features: $0..<min($0 + width, f), kernels) })
    } else {
      self.tileWidth = tileWidth ?? max(64, min(4096, Self.scratchBudget / (d * size) / 64 * 64))
      storage = .mapped(encoder)
    }
  }

  var isPacked: Bool { if case .packed = storage { true } else { false } }
  var count: Int { (featureCount + tileWidth - 1) / tileWidth }

  /// The features of a tile.
  func features(_ tile: Int) -> Range<Int> {
    tile * tileWidth..<min((tile + 1) * tileWidth, featureCount)
  }

  /// Calls `body` with a tile, which must not escape.
  func withTile(_ index: Int, _ workspace: Workspace, _ body: (Tile) throws -> Void) throws {
    let features = features(index)
    switch storage {
    case .packed(let tiles): try body(.packed(tiles[index]))
    case .mapped(let encoder):
      try encoder.withPointer { base in
        let tile = workspace.timed(.saeEncoder) {
          var columns = Strided(base.assumingMemoryBound(to: Float.self) + features.lowerBound, stride: featureCount)
          if encoder.element != .f32 || Int(bitPattern: base) % MemoryLayout<Float>.alignment != 0 {
            let copy = workspace.scratch(.encoderTile, Float.self, count: dModel * tileWidth)
            Self.read(encoder, features, rows: 0..<dModel, into: copy, stride: features.count)
            columns = Strided(UnsafePointer(copy), stride: features.count)
          }
          return workspace.multiplier.pack(columns, rows: features.count, columns: dModel, isTransposed: true) {
            workspace.scratch(.encoderPanels, count: $0)
          }
        }
        try body(.shared(tile))
      }
    }
  }

  /// Columns `features` of some rows of W_enc as float32.
  private static func read(
    _ encoder: StoredTensor, _ features: Range<Int>, rows: Range<Int>, into out: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    let bytes = encoder.element.blockBytes
    encoder.withPointer { base in
      for row in rows {
        Dequantization.dequantize(
          encoder.element, from: base + (row * encoder.columns + features.lowerBound) * bytes,
          count: features.count, into: out + (row - rows.lowerBound) * stride)
      }
    }
  }

  /// A tile transposed to [features, D], as packed products take it.
  private static func pack(_ encoder: StoredTensor, features: Range<Int>, _ kernels: KernelChoice) throws
    -> PackedMatrix
  {
    let (d, width) = (encoder.rows, features.count)
    let band = 16
    let rows = AlignedBuffer<Float>(count: band * width)
    let transposed = AlignedBuffer<Float>(count: width * d)
    for first in stride(from: 0, to: d, by: band) {
      let end = min(first + band, d)
      read(encoder, features, rows: first..<end, into: rows.pointer, stride: width)
      for j in 0..<width {
        for i in first..<end { transposed[j * d + i] = rows[(i - first) * width + j] }
      }
    }
    return try PackedMatrix(f32: transposed.pointer, rows: width, columns: d, kernels)
  }
}
