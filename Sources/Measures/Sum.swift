/// A named number over the tokens of a sample, that metrics are made of. Most are sums; all can be resampled.
public struct Sum: Sendable {
  /// Unique among all sums.
  public var id: String
  /// "Σ‖x − x̂‖²", as a derivation tells it.
  public var text: String
  /// What it is made of, in the order in which its function takes them.
  public var columns: [Column]
  /// Columns of the condition that its own is compared with, which its function takes after those.
  public var referenceColumns: [Column]
  public var form: Form
  /// Quantiles of one name rank rows by the same function of the same columns: they are ranked once.
  public var ranking: String

  public enum Form: Sendable {
    /// N, the number of tokens.
    case members
    /// The number of rows that are scored.
    case scored
    /// Σ over rows of the one column; rows that are not scored are left out.
    case total
    /// Σ over rows of a function of the columns; rows in which one of them is not scored are left out.
    case totalOf(@Sendable (_ row: [Double]) -> Double)
    /// A quantile over rows of a function of the columns, 0 … 1: between two rows linearly, as numpy and llama.cpp have it.
    case quantileOf(_ share: Double, @Sendable (_ row: [Double]) -> Double)
    /// ‖Σv‖² of a column of vectors.
    case squaredLength

    /// The median over rows of a function of the columns.
    public static func medianOf(_ function: @escaping @Sendable (_ row: [Double]) -> Double) -> Form {
      .quantileOf(0.5, function)
    }
  }

  public init(
    _ id: String, _ text: String, _ columns: [Column], against referenceColumns: [Column] = [], _ form: Form,
    rankedBy ranking: String? = nil
  ) {
    self.id = id
    self.text = text
    self.columns = columns
    self.referenceColumns = referenceColumns
    self.form = form
    self.ranking = ranking ?? id
  }

  /// False for what speaks of predictions: they have no stratum.
  public var isStratified: Bool { !columns.contains(where: \.isScored) }

  public static let tokens = Sum("tokens", "N", [], .members)
}

extension Sum: Hashable {
  public static func == (a: Sum, b: Sum) -> Bool { a.id == b.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
