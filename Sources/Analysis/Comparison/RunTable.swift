import Measures
import RunFile

/// Any number of runs side by side: what differs among them, which of them are replicates, and every metric of every
/// condition in each. Nothing is averaged but replicates.
public struct RunTable: Sendable {
  public var options: Options
  public var runs: [Run]
  public var keys: [VaryingKey]
  public var groups: [ReplicateGroup]
  public var columns: [Column]
  public var rows: [Row]

  public struct Options: Sendable {
    /// The study key whose values are the columns; nil: a column per run.
    public var pivot: String?
    /// Study keys that may differ among replicates.
    public var over: [NamePattern] = []
    /// Of the intervals of means.
    public var level = 0.95
    public var measures: [Measure] = .all
    /// Empty for all.
    public var metrics: [MetricPattern] = []

    public init() {}
  }

  public struct Run: Sendable {
    /// As it was given.
    public var path: String
    public var findings: Findings
    public var isSummary: Bool
    var definitions: [String: String]
    var strata: String

    public var description: RunDescription { findings.description }
    public var isPartial: Bool { findings.isPartial }

    init(_ reader: RunReader, _ measures: [Measure]) throws {
      path = reader.path
      findings = try Findings(of: reader, measures: measures)
      isSummary = reader.summary != nil
      var definitions: [String: String] = [:]
      for metric in measures.metrics {
        // A column's definition is the same in all conditions that have it.
        let texts = (metric.columns(.own) + metric.columns(.reference)).map { column -> String in
          let stored = reader.description.conditions.lazy.compactMap { condition in
            reader.definition(of: column.key(condition.name))
          }.first
          return "\(column.experiment)/\(column.name): \(stored?.definition ?? "")"
        }
        definitions[metric.id] = texts.joined(separator: "; ")
      }
      self.definitions = definitions
      let rules = reader.description.strata
      strata = "first positions: \(rules.firstPositions); massive: \(rules.massiveMultiple) median norms"
    }
  }

  /// Something that is not the same in all runs.
  public struct VaryingKey: Sendable, Equatable {
    public var kind: Cause.Kind
    public var name: String
    /// Of each run; nil where it has none.
    public var values: [String?]
  }

  /// A run, or the replicates among the runs with one value of the pivot.
  public struct Column: Sendable, Equatable {
    public var label: String
    public var runs: [Int]
    /// The replicate group that its runs belong to.
    public var group: String
  }

  /// One metric of one condition over one stratum.
  public struct Row: Sendable, Equatable {
    public var metric: Metric
    public var condition: String
    public var stratum: Stratum
    public var quantity: MetricDifference.Quantity
    /// How the measured columns that it is made of are defined, and, beyond all tokens, the rules for strata.
    public var definition: String
    /// True where another row has the same metric, condition and stratum under another definition.
    public var isOneOfSeveral: Bool
    /// Of each run; nil where it was not measured.
    public var values: [Estimate?]

    /// "nats per token"; "%" of a change against the baseline.
    public var unit: String { quantity == .percentChange ? "%" : metric.unit }

    /// As a pattern of metrics names it: `fvu/ordinary`, `cross_entropy/change`.
    public var name: String {
      metric.shortName + (stratum == .all ? "" : "/\(stratum.rawValue)") + (quantity == .value ? "" : "/change")
    }
  }

  /// - Throws: `RunTableError`; as `Findings(of:)` for runs that cannot be read.
  public init(_ readers: [RunReader], _ options: Options) throws {
    guard readers.count > 1 else { throw RunTableError.tooFew(readers.count) }
    let results = concurrently(readers.count) { index in Result { try Run(readers[index], options.measures) } }
    runs = try results.map { try $0.get() }
    self.options = options
    keys = Self.varyingKeys(runs)
    groups = ReplicateRule(over: options.over).groups(of: runs)
    columns = []
    rows = []
    columns = try makeColumns()
    rows = makeRows()
  }

  /// The spread of a row over runs; nil where none of them measured it.
  public func spread(_ row: Row, over runs: [Int]) -> Spread? {
    Spread(runs.compactMap { row.values[$0]?.value }, level: options.level)
  }

  /// The group that counts this run, or whose run it repeats.
  public func group(of run: Int) -> ReplicateGroup? {
    groups.first { $0.runs.contains(run) || $0.repeats.contains { $0.run == run } }
  }

  /// Groups with something to average.
  public var replicated: [ReplicateGroup] { groups.filter { $0.runs.count > 1 } }

  // MARK: What differs

  private static func varyingKeys(_ runs: [Run]) -> [VaryingKey] {
    var keys: [VaryingKey] = []
    func add(_ kind: Cause.Kind, _ name: String, _ values: [String?]) {
      if Set(values).count > 1, !keys.contains(where: { $0.kind == kind && $0.name == name }) {
        keys.append(VaryingKey(kind: kind, name: name, values: values))
      }
    }
    add(.input, "model", runs.map(\.description.model.name))
    add(.study, "tokens asked for", runs.map { String($0.description.budget.headline) })
    // Against the first run: what equals it has its value.
    let causes = runs.map { Cause.differences(runs[0].description, $0.description) }
    for kind in Cause.Kind.allCases {
      for cause in causes.joined() where cause.kind == kind {
        add(
          kind, cause.name,
          causes.map { own in
            guard let found = own.first(where: { $0.kind == kind && $0.name == cause.name }) else { return cause.a }
            return found.b
          })
      }
    }
    return keys
  }

  // MARK: Columns

  private func makeColumns() throws -> [Column] {
    guard let pivot = options.pivot else {
      return runs.indices.map { Column(label: String($0 + 1), runs: [$0], group: group(of: $0)?.name ?? "") }
    }
    let values = runs.map { Self.value(of: pivot, $0.description) }
    guard values.contains(where: { $0 != nil }) else {
      throw RunTableError.pivot(pivot, known: knownKeys)
    }
    var columns: [Column] = []
    for value in Self.sorted(values) {
      let label = value.map(ReplicateRule.short) ?? "none"
      let own = groups.compactMap { group -> Column? in
        let members = group.runs.filter { values[$0] == value }
        return members.isEmpty ? nil : Column(label: label, runs: members, group: group.name)
      }
      columns += own.map { column in
        own.count == 1 ? column : Column(label: "\(label) (\(column.group))", runs: column.runs, group: column.group)
      }
    }
    return columns
  }

  /// Different values: numbers by size, words in order of appearance, none last.
  private static func sorted(_ values: [String?]) -> [String?] {
    var different: [String?] = []
    for value in values where !different.contains(value) { different.append(value) }
    let words = different.compactMap(\.self)
    let numbers = words.compactMap(Double.init)
    let ordered =
      numbers.count == words.count ? words.sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) } : words
    return ordered + (different.contains(nil) ? [nil] : [])
  }

  /// What a pivot may name besides keys of the study.
  private static let described: [(String, @Sendable (RunDescription) -> String?)] = [
    ("model", { $0.model.name }), ("seed", { String($0.seed) }), ("version", { $0.provenance.clearboxVersion }),
    ("commit", { $0.provenance.commit }), ("layer", { String($0.model.layer) }), ("sae", { $0.sae?.name }),
    ("tokens", { String($0.budget.headline) }), ("study", { $0.study }),
  ]

  static func value(of key: String, _ description: RunDescription) -> String? {
    if let described = described.first(where: { $0.0 == key }) { return described.1(description) }
    return StudyKeys(of: description)?[key]
  }

  private var knownKeys: [String] {
    var known = Self.described.map(\.0)
    for run in runs {
      for entry in StudyKeys(of: run.description)?.entries ?? [] where !known.contains(entry.key) {
        known.append(entry.key)
      }
    }
    return known
  }

  // MARK: Rows

  private func makeRows() -> [Row] {
    var conditions: [String] = []
    for name in runs.flatMap({ $0.description.conditions.map(\.name) }) where !conditions.contains(name) {
      conditions.append(name)
    }
    var rows: [Row] = []
    for metric in options.measures.metrics {
      for condition in conditions {
        for stratum in Stratum.allCases {
          for quantity in MetricDifference.Quantity.allCases where isWanted(metric, stratum, quantity) {
            rows += makeRows(metric, condition, stratum, quantity)
          }
        }
      }
    }
    return rows
  }

  /// One row, or one for each definition where the runs have several.
  private func makeRows(
    _ metric: Metric, _ condition: String, _ stratum: Stratum, _ quantity: MetricDifference.Quantity
  ) -> [Row] {
    let values = runs.map { run -> Estimate? in
      let finding = run.findings.finding(metric, condition: condition, stratum: stratum)
      return quantity == .value ? finding?.estimate : finding?.percentChange
    }
    guard values.contains(where: { $0 != nil }) else { return [] }
    func definition(_ run: Run) -> String? {
      // Of imported values only the metric's own version is known.
      if run.isSummary { return nil }
      return (run.definitions[metric.id] ?? "") + (stratum == .all ? "" : "; " + run.strata)
    }
    var definitions: [String] = []
    for (run, value) in zip(runs, values) where value != nil {
      if let own = definition(run), !definitions.contains(own) { definitions.append(own) }
    }
    if definitions.isEmpty { definitions = [""] }
    return definitions.enumerated().map { index, text in
      Row(
        metric: metric, condition: condition, stratum: stratum, quantity: quantity, definition: text,
        isOneOfSeveral: definitions.count > 1,
        values: zip(runs, values).map { run, value in
          let own = definition(run)
          return own == text || (own == nil && index == 0) ? value : nil
        })
    }
  }

  private func isWanted(_ metric: Metric, _ stratum: Stratum, _ quantity: MetricDifference.Quantity) -> Bool {
    options.metrics.isEmpty || options.metrics.contains { $0.matches(metric, stratum, quantity) }
  }
}

/// What was asked of a table of runs cannot be done.
public enum RunTableError: Error, Equatable, CustomStringConvertible {
  case tooFew(Int)
  case pivot(String, known: [String])

  public var description: String {
    switch self {
    case .tooFew(let count):
      "There \(count == 1 ? "is one run" : "are \(count) runs") to compare. Give two or more run files, or folders of run files."
    case .pivot(let key, let known):
      "\(key): no run has this key. There are \(known.joined(separator: ", "))."
    }
  }
}
