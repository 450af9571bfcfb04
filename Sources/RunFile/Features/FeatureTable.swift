/// An autoencoder's features under a condition, or under a control of the same size, against its reference: one row per
/// feature, as the run file has it. Over ordinary tokens: no first positions, and none that is massive under either.
public struct FeatureTable: Sendable, Equatable {
  /// Tokens with the feature active under the reference, under the condition, and under both.
  public var countReference: [Int32] = []
  public var countCondition: [Int32] = []
  public var countBoth: [Int32] = []
  /// Σa, Σb, Σa², Σb², Σab, Σ(b − a)² over tokens.
  public var sumReference: [Double] = []
  public var sumCondition: [Double] = []
  public var squareReference: [Double] = []
  public var squareCondition: [Double] = []
  public var product: [Double] = []
  public var squaredChange: [Double] = []
  public var peakReference: [Float] = []
  public var peakCondition: [Float] = []
  /// Pearson's r over the tokens, and over those with the feature active under either; `Float.missing` where one of the
  /// two does not vary.
  public var correlation: [Float] = []
  public var correlationActive: [Float] = []
  /// Their standard errors, and that of log₂(count_condition ∕ count_reference), by the grouped jackknife; missing where
  /// the number is.
  public var correlationError: [Float] = []
  public var correlationActiveError: [Float] = []
  public var densityError: [Float] = []
  /// ‖W_dec‖ of each feature, by which an activation moves the reconstruction.
  public var decoderNorm: [Float] = []
  /// Of all features that are judged.
  public var shares = Shares()
  /// Nil where the autoencoder has no thresholds, and in older runs.
  public var flips: FlipTable?
  /// Of Σ‖Δx‖², what the mean shift makes up, and what lies along the first principal direction, at least; nil where
  /// nothing moved, and in older runs.
  public var meanShare: Double?
  public var firstDirectionShare: Double?

  public init() {}

  public var featureCount: Int { countReference.count }

  /// What the features that fire often enough have in common, with jackknife standard errors.
  public struct Shares: Sendable, Equatable {
    /// Tokens with a feature active under the reference that a verdict on it needs.
    public static let fewestTokens = 200
    public static let cuts = [0.5, 0.8, 0.9]

    public struct Number: Sendable, Equatable {
      public var value: Double
      public var error: Double
      public init(value: Double, error: Double) { (self.value, self.error) = (value, error) }
    }

    /// Features with at least `fewestTokens`.
    public var judged = 0
    /// Tokens compared.
    public var tokens = 0
    /// Groups of documents with tokens.
    public var groups = 0
    /// Of the judged, the share with r at or above each cut, and the median of r: over the tokens, and where active.
    public var kept: [Number] = []
    public var keptActive: [Number] = []
    public var median = Number(value: .nan, error: .nan)
    public var medianActive = Number(value: .nan, error: .nan)
    public init() {}
  }
}

extension FeatureTable {
  /// The data sets of a table: name, unit, meaning, and where its values are.
  struct Column: Sendable {
    var name: String
    var unit: String
    var meaning: String
    var read: @Sendable (FeatureTable) -> ColumnValues
    var write: @Sendable (inout FeatureTable, ColumnValues) -> Bool
  }

  static let columns: [Column] = [
    int32("count_reference", "tokens", "Tokens with the feature active under the reference", \.countReference),
    int32("count_condition", "tokens", "Tokens with the feature active under the condition", \.countCondition),
    int32("count_both", "tokens", "Tokens with the feature active under both", \.countBoth),
    float64("sum_reference", "activation", "Σ a over tokens, a the activation under the reference", \.sumReference),
    float64("sum_condition", "activation", "Σ b over tokens, b the activation under the condition", \.sumCondition),
    float64("square_reference", "activation²", "Σ a²", \.squareReference),
    float64("square_condition", "activation²", "Σ b²", \.squareCondition),
    float64("product", "activation²", "Σ a·b", \.product),
    float64("squared_change", "activation²", "Σ (b − a)²", \.squaredChange),
    float32("peak_reference", "activation", "Largest a", \.peakReference),
    float32("peak_condition", "activation", "Largest b", \.peakCondition),
    float32("r", "1", "Pearson's correlation of a and b over ordinary tokens", \.correlation),
    float32("r_error", "1", "Standard error of r, by the grouped jackknife over documents", \.correlationError),
    float32("r_active", "1", "Correlation over tokens with the feature active under either", \.correlationActive),
    float32("r_active_error", "1", "Standard error of r_active, likewise", \.correlationActiveError),
    float32(
      "log2_density_ratio_error", "1", "Standard error of log₂(count_condition ∕ count_reference), likewise",
      \.densityError),
    float32("decoder_norm", "1", "‖W_dec‖ of the feature", \.decoderNorm),
  ]

  private static func int32(
    _ name: String, _ unit: String, _ meaning: String, _ place: WritableKeyPath<FeatureTable, [Int32]> & Sendable
  ) -> Column {
    return Column(name: name, unit: unit, meaning: meaning, read: { .int32($0[keyPath: place]) }) { table, values in
      guard let values = values.int32s else { return false }
      table[keyPath: place] = values
      return true
    }
  }

  private static func float32(
    _ name: String, _ unit: String, _ meaning: String, _ place: WritableKeyPath<FeatureTable, [Float]> & Sendable
  ) -> Column {
    return Column(name: name, unit: unit, meaning: meaning, read: { .float32($0[keyPath: place]) }) { table, values in
      guard let values = values.float32s else { return false }
      table[keyPath: place] = values
      return true
    }
  }

  private static func float64(
    _ name: String, _ unit: String, _ meaning: String, _ place: WritableKeyPath<FeatureTable, [Double]> & Sendable
  ) -> Column {
    return Column(name: name, unit: unit, meaning: meaning, read: { .float64($0[keyPath: place]) }) { table, values in
      guard let values = values.float64s else { return false }
      table[keyPath: place] = values
      return true
    }
  }
}
