/// What the rules of docs/protocol.md fix: reports print the version, and claim no more than they allow.
public enum StudyProtocol {
  public static let version = 2

  /// Fewer documents than this, and an interval is indicative: nothing is claimed by it.
  public static let fewestDocuments = 40

  /// A change is large where its whole interval lies beyond so many margins.
  public static let largeMargins = 10.0

  /// Sensitivity: in this share of repetitions the smallest change is told from zero.
  public static let power = 0.8

  /// One of the six measures whose intervals hold together.
  public struct Primary: Sendable, Hashable {
    public var metric: Metric
    public var stratum: Stratum
  }

  /// The primary family of a condition.
  public static let primary: [Primary] = [
    .init(metric: .crossEntropy, stratum: .all), .init(metric: .klExcess, stratum: .all),
    .init(metric: .disagreementExcess, stratum: .all), .init(metric: .fvuArticle, stratum: .all),
    .init(metric: .fvu, stratum: .ordinary), .init(metric: .mse, stratum: .ordinary),
  ]
}
