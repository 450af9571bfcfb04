/// What a column's rows are.
public enum Axis: String, Codable, Sendable, CaseIterable {
  /// One row per token, chunk after chunk.
  case token
  /// One row per segment: a document's part of a chunk.
  case segment
  /// One row per chunk.
  case chunk
  /// One row per batch of chunks: the unit of one forward pass.
  case batch
}

/// One measured quantity as an experiment declares it: the writer stores any number of them, knowing none.
public struct ColumnDefinition: Codable, Sendable, Hashable {
  /// The experiment that measures it; names a group in the run file.
  public var experiment: String
  /// The data set's name.
  public var name: String
  public var axis: Axis
  public var type: ElementType
  /// Shape of one row: empty for a scalar, e.g. [4, D] for a vector per stratum cell.
  public var rowShape: [Int]
  /// Names of the row's axes, as many as `rowShape` has, e.g. ["cell", "dimension"]; empty for names made from the
  /// column's. Axes of one name have one length in all of a run.
  public var rowAxes: [String]
  /// "nats", "1", "activation²" …
  public var unit: String
  /// One sentence for people.
  public var meaning: String
  /// Formula id and version, e.g. "nll@1": a changed formula gets a new version.
  public var definition: String
  /// False for what compares with the baseline: the baseline itself then has no such column.
  public var appliesToBaseline: Bool
  /// True for what the baseline alone has. Nil, in what older programs left, is false.
  public var isOfBaseline: Bool?
  /// True for what branches measure: reruns have none. Nil, in what older programs left, is false.
  public var isOfBranch: Bool?

  public enum ElementType: String, Codable, Sendable, Hashable {
    case uint8, int32, float32, float64
  }

  public init(
    experiment: String, name: String, axis: Axis, type: ElementType, rowShape: [Int] = [], rowAxes: [String] = [],
    unit: String, meaning: String, definition: String, appliesToBaseline: Bool = true,
    isOfBaseline: Bool = false, isOfBranch: Bool = false
  ) {
    self.experiment = experiment
    self.name = name
    self.axis = axis
    self.type = type
    self.rowShape = rowShape
    self.rowAxes = rowAxes
    self.unit = unit
    self.meaning = meaning
    self.definition = definition
    self.appliesToBaseline = appliesToBaseline
    self.isOfBaseline = isOfBaseline
    self.isOfBranch = isOfBranch ? true : nil
  }

  /// Whether the baseline, or each other of the study's conditions, has such a column.
  public func applies(toBaseline isBaseline: Bool) -> Bool {
    isBaseline ? appliesToBaseline : isOfBaseline != true
  }

  /// Whether a condition has such a column; reruns lack those of branches.
  func applies(to condition: RunDescription.Condition) -> Bool {
    applies(toBaseline: condition.isBaseline) && (condition.rerunOf == nil || isOfBranch != true)
  }
}

/// Where a column's values live: `/measurements/<condition>/<experiment>/<name>`.
public struct ColumnKey: Hashable, Comparable, Sendable {
  public var condition: String
  public var experiment: String
  public var name: String

  public init(condition: String, experiment: String, name: String) {
    self.condition = condition
    self.experiment = experiment
    self.name = name
  }

  public static func < (a: ColumnKey, b: ColumnKey) -> Bool {
    (a.condition, a.experiment, a.name) < (b.condition, b.experiment, b.name)
  }
}
