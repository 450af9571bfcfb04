import RunFile

/// A stored quantity: how it lies in a run file, and which values it may have.
public struct Column: Sendable, Hashable {
  /// The experiment that measures it.
  public var experiment: String
  /// The data set's name.
  public var name: String
  public var axis: Axis
  public var type: ColumnDefinition.ElementType
  /// Shape of one row.
  public var row: Row
  public var unit: String
  /// One sentence for people.
  public var meaning: String
  /// Formula id and version: a changed formula gets a new version.
  public var definition: String
  public var values: Values
  public var subject: Subject
  /// True for what compares a condition with its reference: the baseline then has no such column.
  public var isComparison: Bool
  /// True for what only the baseline has: it says of each token what holds for all conditions.
  public var isOfBaseline: Bool
  /// True for what a branch of each of the study's conditions measures, on the batches that branches go on with.
  public var isOfBranch: Bool

  public enum Row: Sendable, Hashable {
    case scalar
    /// A vector of the residual stream's width, [D].
    case vector
    /// A vector of the residual stream's width per cell of tokens, [4, D].
    case vectorPerCell
  }

  /// What a value depends on: runs that differ in it are not compared.
  public enum Subject: Sendable, Hashable {
    case predictions
    /// The residual stream after the study's layer.
    case residual
    /// Likewise, and the autoencoder's reconstruction of it.
    case reconstruction
  }

  /// What a value may be.
  public enum Values: String, Sendable, Hashable {
    /// Finite and not below 0 where a next token is scored, NaN elsewhere.
    case loss
    /// Finite where a next token is scored, NaN elsewhere; not below `lowestDivergence`.
    case divergence
    /// 0 or 1 where a next token is scored, 255 elsewhere.
    case agreement
    /// Finite, 0 or more.
    case square
    case finite
    /// Whole, 0 or more.
    case count
    /// 0 or 1.
    case flag
  }

  /// Rounding may take a divergence below zero, and not further than this.
  public static let lowestDivergence: Float = -0.01

  public init(
    _ experiment: String, _ name: String, _ type: ColumnDefinition.ElementType, unit: String, _ values: Values,
    of subject: Subject, axis: Axis = .token, row: Row = .scalar, isComparison: Bool = false,
    isOfBaseline: Bool = false, isOfBranch: Bool = false,
    version: Int = 1, meaning: String
  ) {
    self.experiment = experiment
    self.name = name
    self.axis = axis
    self.type = type
    self.row = row
    self.unit = unit
    self.meaning = meaning
    self.definition = "\(name)@\(version)"
    self.values = values
    self.subject = subject
    self.isComparison = isComparison
    self.isOfBaseline = isOfBaseline
    self.isOfBranch = isOfBranch
  }

  /// True where rows without a scored prediction are marked: such a column has no strata.
  public var isScored: Bool {
    switch values {
    case .loss, .divergence, .agreement: true
    case .square, .finite, .count, .flag: false
    }
  }

  /// As the run file declares it.
  ///
  /// - Parameter dModel: D, the width of the residual stream.
  public func definition(dModel: Int) -> ColumnDefinition {
    let axes: [(name: String, length: Int)] =
      switch row {
      case .scalar: []
      case .vector: [("dimension", dModel)]
      case .vectorPerCell: [("cell", StratumFlags.cellCount), ("dimension", dModel)]
      }
    return ColumnDefinition(
      experiment: experiment, name: name, axis: axis, type: type, rowShape: axes.map(\.length),
      rowAxes: axes.map(\.name), unit: unit, meaning: meaning, definition: definition,
      appliesToBaseline: !isComparison, isOfBaseline: isOfBaseline, isOfBranch: isOfBranch)
  }

  public func key(_ condition: String) -> ColumnKey {
    ColumnKey(condition: condition, experiment: experiment, name: name)
  }
}
