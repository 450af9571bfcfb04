/// Names and versions of the run file, in one place. `docs/run-file.md` says the same in words.
enum RunSchema {
  /// Root attribute `schema_name` of a finished run file.
  static let name = "clearbox-run"
  /// Root attribute `schema_name` of one part of a run in progress.
  static let partName = "clearbox-part"
  /// Root attribute `schema_version` of runs with raw measurements: grows when a reader of the old layout would misread
  /// the new one.
  static let version = 1
  /// `schema_version` of summary runs, which hold values and no tokens: a reader of version 1 would find an empty run.
  static let summaryVersion = 2
  /// `schema_version` of runs that hold more than a reader of version 1 knows of: it would take a divergence from another
  /// reference for one from the baseline, and another checkpoint for a compression of the model. Sites, branches, compressed caches and tables by feature have their place in it
  /// already: docs/run-file.md.
  static let extendedVersion = 3
  /// The newest version that this clearbox reads.
  static let newestVersion = extendedVersion

  /// What a file states: the oldest version that describes it.
  static func version(of description: RunDescription, isSummary: Bool) -> Int {
    if description.featurePairs != nil { return extendedVersion }
    if description.measuredConditions.contains(where: { $0.reference != nil || $0.checkpoint != nil }) {
      return extendedVersion
    }
    return isSummary ? summaryVersion : version
  }
  /// The group of a summary run's values.
  static let summary = "/summary"
  /// Root attribute that holds the SHA-256 of the logical content.
  static let contentHash = "content_sha256"
  /// The group that the content hash leaves out: what differs between two runs that measured the same.
  static let volatileGroup = "/provenance/volatile"

  static func conditionGroup(_ condition: String) -> String { "/conditions/\(condition)" }
  static let measurements = "/measurements"

  /// Root groups and data sets: names that no axis of a row may take.
  static let reservedNames: Set<String> = [
    "study", "tokens", "segments", "chunks", "batches", "sources", "conditions", "measurements", "provenance",
    "summary", "vocabulary",
    "token", "segment", "chunk", "batch", "sites", "feature", "margin", "group",
  ]

  /// The row axis of tables by feature.
  static let featureAxis = "feature"
  /// The row axis of flips by margin, and of sums by group of documents.
  static let marginAxis = "margin", groupAxis = "group"
  /// Attribute of a condition that repeats another one.
  static let rerunOf = "rerun_of"
  /// Attributes of a condition that make it something else than a compression of the model compared with a reference;
  /// this clearbox writes none of them, and reads no file that has one.
  static let reservedConditionAttributes: Set<String> = ["branch_of", "cache"]

  /// A name may become a group, data set or attribute: not empty, no slash, not "." or "..".
  static func isUsableName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !name.utf8.contains(0)
  }
}

/// A data set of numbers as it stands in a part or a run file: a table's column or a measurement.
struct StoredColumn: Equatable {
  var path: String
  var axis: Axis
  var type: ColumnDefinition.ElementType
  var rowShape: [Int] = []
  var rowAxes: [String] = []
  var unit: String
  var meaning: String
  /// Formula id and version; nil for a table's columns.
  var definition: String?

  init(
    path: String, axis: Axis, type: ColumnDefinition.ElementType, unit: String, meaning: String
  ) {
    self.path = path
    self.axis = axis
    self.type = type
    self.unit = unit
    self.meaning = meaning
  }

  init(_ definition: ColumnDefinition, condition: String) {
    path = Self.path(ColumnKey(condition: condition, experiment: definition.experiment, name: definition.name))
    axis = definition.axis
    type = definition.type
    rowShape = definition.rowShape
    rowAxes =
      definition.rowAxes.isEmpty
      ? definition.rowShape.indices.map { "\(definition.experiment)_\(definition.name)_axis\($0 + 1)" }
      : definition.rowAxes
    unit = definition.unit
    meaning = definition.meaning
    self.definition = definition.definition
  }

  /// Numbers in one row.
  var rowCount: Int { rowShape.reduce(1, *) }

  static func path(_ key: ColumnKey) -> String {
    "\(RunSchema.measurements)/\(key.condition)/\(key.experiment)/\(key.name)"
  }
}

/// Rows along each axis.
public struct RowCounts: Equatable, Sendable {
  public var tokens = 0
  public var segments = 0
  public var chunks = 0
  public var batches = 0

  public init(tokens: Int = 0, segments: Int = 0, chunks: Int = 0, batches: Int = 0) {
    (self.tokens, self.segments, self.chunks, self.batches) = (tokens, segments, chunks, batches)
  }

  subscript(axis: Axis) -> Int {
    get {
      switch axis {
      case .token: tokens
      case .segment: segments
      case .chunk: chunks
      case .batch: batches
      }
    }
    set {
      switch axis {
      case .token: tokens = newValue
      case .segment: segments = newValue
      case .chunk: chunks = newValue
      case .batch: batches = newValue
      }
    }
  }

  static func + (a: RowCounts, b: RowCounts) -> RowCounts {
    RowCounts(
      tokens: a.tokens + b.tokens, segments: a.segments + b.segments, chunks: a.chunks + b.chunks,
      batches: a.batches + b.batches)
  }
}
