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

  /// Decompresses all of `input`.
  /// - Throws: `CodecError`.
  public func decompress(_ input: UnsafeRawBufferPointer) throws -> [UInt8] {
    var output: [UInt8] = []
    switch self {
    case .gzip: try Inflate.stream(input) { output.append(contentsOf: $0) }
    case .zstd: try Zstandard.stream(input) { output.append(contentsOf: $0) }
    case .snappy:
      output = [UInt8](repeating: 0, count: try SnappyBlock.plainCount(input))
      try output.withUnsafeMutableBytes { try SnappyBlock.decompress(input, into: $0) }
    }
    return output
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
