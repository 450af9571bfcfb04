import Kernels

/// An SAE's encoder as products use it: tiles of features, so that neither a [tokens, F] pre-activation nor a second
/// copy of a wide encoder ever exists.
///
/// An encoder whose float32 copy fits the budget is packed once. A wider one stays in its mapped file, and each tile is
/// multiplied where it lies, [D, tile] with rows F apart; bf16, half-precision and unaligned tiles go through a float32
/// scratch of one tile. To read the file as seldom as possible, give such an encoder many rows at a time.
struct EncoderTiles: Sendable {
  /// Bytes that packed tiles may take: 16k features of D = 3840 in float32, and a little more.
  static let packingBudget = 256 << 20
  /// Bytes of the scratch for one converted tile.
  private static let scratchBudget = 16 << 20

  /// D
  let dModel: Int
  /// F
  let featureCount: Int
  let tileWidth: Int
  private let storage: Storage

  private enum Storage {
    case packed([PackedMatrix])
    /// Float32 at an aligned address.
    case inPlace(StoredTensor)
    case converted(StoredTensor)
  }

  /// One tile of W_enc, ready to multiply.
  enum Tile {
    case packed(PackedMatrix)
    /// [D, tile]
    case plain(Strided<Float>)
  }

  /// - Parameters:
  ///   - encoder: W_enc, [D, F].
  ///   - packingBudget: see above; 0 leaves every encoder in its file.
  ///   - kernels: to pack it for.
  ///   - tileWidth: features per tile; by default 4096, fewer where a converted tile would be larger than its scratch.
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
    } else if encoder.element == .f32,
      encoder.withPointer({ Int(bitPattern: $0) % MemoryLayout<Float>.alignment == 0 })
    {
      self.tileWidth = tileWidth ?? 4096
      storage = .inPlace(encoder)
    } else {
      self.tileWidth = tileWidth ?? max(64, min(4096, Self.scratchBudget / (d * size) / 64 * 64))
      storage = .converted(encoder)
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
    case .inPlace(let encoder):
      try encoder.withPointer { base in
        let start = base.assumingMemoryBound(to: Float.self) + features.lowerBound
        try body(.plain(Strided(start, stride: featureCount)))
      }
    case .converted(let encoder):
      let scratch = workspace.scratch(.encoderTile, Float.self, count: dModel * tileWidth)
      workspace.timed(.saeEncoder) {
        Self.read(encoder, features, rows: 0..<dModel, into: scratch, stride: features.count)
      }
      try body(.plain(Strided(UnsafePointer(scratch), stride: features.count)))
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
