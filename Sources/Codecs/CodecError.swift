/// Compressed data that cannot be decompressed.
public struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  /// "gzip", "Zstandard", "Snappy".
  public let codec: String
  /// A clause: "the data end early".
  public let reason: String
  public var cause = Cause.data

  public enum Cause: Sendable {
    /// The data are not what the format asks for.
    case data
    /// The data are well formed and need more memory than there is.
    case memory
    /// The data are well formed and expand beyond reason.
    case expansion
  }

  public var description: String { "\(codec): \(reason)" }

  static let endsEarly = "the data end early"
}
