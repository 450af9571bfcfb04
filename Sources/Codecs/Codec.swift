/// Compressed bytes to plain ones, by the libraries that everybody uses.
public enum Codec: String, Sendable, CaseIterable {
  /// gzip or zlib, of one member or several.
  case gzip
  /// Zstandard, of one frame or several.
  case zstd
  /// Snappy's raw block format, as in Parquet.
  case snappy

  /// The codec of a compressed file by its first bytes; nil for anything else. Raw Snappy has no mark.
  public static func detect(_ bytes: UnsafeRawBufferPointer) -> Codec? {
    if bytes.starts(with: [0x1f, 0x8b]) { return .gzip }
    if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
    return nil
  }

  /// How many times its size compressed text may have; text comes near a tenth of it, and a file made to fill the memory
  /// goes far beyond.
  public static let mostExpansion = 200
  /// A file may become as large as this whatever its size.
  private static let alwaysAllowed = 64 << 20

  /// Hands out the plain data of a file of gzip or Zstandard piece by piece.
  /// - Throws: `CodecError`, also where the data expand to more than `mostExpansion` times their size; what `take` throws.
  public func stream(_ input: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let most = max(Self.alwaysAllowed, input.count.multipliedReportingOverflow(by: Self.mostExpansion).partialValue)
    var count = 0
    let bounded = { (piece: UnsafeRawBufferPointer) in
      count += piece.count
      guard count <= most else {
        throw CodecError(
          codec: rawValue, reason: "\(input.count) bytes become more than \(most), which no text does",
          cause: .expansion)
      }
      try take(piece)
    }
    switch self {
    case .gzip: try Inflate.stream(input, bounded)
    case .zstd: try Zstandard.stream(input, bounded)
    case .snappy: throw CodecError(codec: rawValue, reason: "raw Snappy is no file")
    }
  }

  /// Decompresses `input` into a buffer that it must fill exactly.
  /// - Throws: `CodecError`, also when the plain data are shorter or longer than the buffer.
  public func decompress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
    if self == .snappy { return try SnappyBlock.decompress(input, into: output) }
    var written = 0
    let take = { (piece: UnsafeRawBufferPointer) in
      guard piece.count <= output.count - written else {
        throw CodecError(codec: rawValue, reason: "the data are longer than the \(output.count) bytes stated")
      }
      UnsafeMutableRawBufferPointer(rebasing: output[written..<written + piece.count]).copyMemory(from: piece)
      written += piece.count
    }
    if self == .gzip { try Inflate.stream(input, take) } else { try Zstandard.stream(input, take) }
    guard written == output.count else {
      throw CodecError(codec: rawValue, reason: "the data have \(written) bytes, not the \(output.count) stated")
    }
  }
}
