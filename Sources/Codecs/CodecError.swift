/// Compressed data that cannot be decompressed.
public struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  /// "gzip", "Zstandard", "Snappy".
  public let codec: String
  /// A clause: "the data end early".
  public let reason: String

  public var description: String { "\(codec): \(reason)" }

  static let endsEarly = "the data end early"
}
