import RunFile

/// Runs of a table that are replicates of one another: they differ in their seeds and in the sample of text that these
/// draw, and in nothing else that could matter.
public struct ReplicateGroup: Sendable, Equatable {
  /// "A", "B", …
  public var name: String
  /// Places of its runs in the table, those that count.
  public var runs: [Int]
  /// Runs that repeat another one of the group: the same seeds and the same tokens. They are not counted again.
  public var repeats: [Repeat]
  /// Why its runs are no replicates of an earlier group's, nearest group first; empty for the first group.
  public var apart: [Apart]
  /// True where all its runs measured the same tokens: their spread is then no sampling error of the text.
  public var sharesTokens: Bool

  public struct Repeat: Sendable, Equatable {
    public var run: Int
    public var of: Int
  }

  public struct Apart: Sendable, Equatable {
    public var group: String
    public var reasons: [String]
  }
}

/// What makes two runs replicates.
struct ReplicateRule {
  /// Study keys that the user lets differ among replicates, besides seeds.
  let over: [NamePattern]

  /// Seeds, and what follows from them.
  private static let seeds: Set<String> = ["seed", "seed, as measured", "corpus.order.seed"]
  /// What the sample of text is known by.
  private static let sample: Set<String> = ["order of documents", "SHA-256 of the token ids"]
  /// What has no say in the numbers.
  private static let names: Set<String> = ["title"]

  /// Why `b` is no replicate of `a`; empty where it is.
  func reasons(_ a: RunTable.Run, _ b: RunTable.Run) -> [String] {
    let (x, y) = (a.description, b.description)
    var reasons: [String] = []
    func compare(_ what: String, _ p: String, _ q: String) {
      if p != q { reasons.append("\(what): \(p) and \(q)") }
    }
    compare("another model", x.model.name, y.model.name)
    if a.isPartial || b.isPartial { reasons.append("an unfinished run") }
    if a.isSummary || b.isSummary { reasons.append("imported values, whose making is not recorded") }
    compare("tokens asked for", Self.budget(x), Self.budget(y))
    compare("experiments", x.experiments.joined(separator: ", "), y.experiments.joined(separator: ", "))
    compare(
      "rules for strata", "first \(x.strata.firstPositions), massive ×\(x.strata.massiveMultiple)",
      "first \(y.strata.firstPositions), massive ×\(y.strata.massiveMultiple)")
    for cause in Cause.differences(x, y) where !mayDiffer(cause) {
      reasons.append("\(cause.name): \(Self.short(cause.a)) and \(Self.short(cause.b))")
    }
    return reasons
  }

  private func mayDiffer(_ cause: Cause) -> Bool {
    if cause.kind == .machine { return true }
    if Self.seeds.contains(cause.name) || Self.sample.contains(cause.name) { return true }
    if cause.kind == .study, Self.names.contains(cause.name) || over.contains(where: { $0.matches(cause.name) }) {
      return true
    }
    // Another file of text has another hash: whoever allows the one allows the other.
    return cause.name == "SHA-256 of the corpus" && over.contains { $0.matches("corpus.path") }
  }

  /// Whether `b` measured what `a` measured, under the same seeds: it adds nothing to a spread.
  static func repeats(_ a: RunTable.Run, _ b: RunTable.Run) -> Bool {
    !Cause.differences(a.description, b.description).contains {
      seeds.contains($0.name) || $0.name == "SHA-256 of the token ids"
    }
  }

  private static func budget(_ description: RunDescription) -> String {
    let budget = description.budget
    return ([String(budget.headline)] + budget.counts.map { "\($0.experiment) \($0.tokens)" }).joined(separator: ", ")
  }

  static func short(_ value: String?) -> String {
    guard let value else { return "none" }
    if value.count == 64, value.allSatisfy(\.isHexDigit) { return String(value.prefix(12)) + "…" }
    let line = value.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 80 ? String(line.prefix(79)) + "…" : line
  }

  /// Each run in the first group whose first run it is a replicate of.
  func groups(of runs: [RunTable.Run]) -> [ReplicateGroup] {
    var groups: [ReplicateGroup] = []
    for (index, run) in runs.enumerated() {
      var apart: [ReplicateGroup.Apart] = []
      var found: Int?
      for (place, group) in groups.enumerated() {
        let reasons = reasons(runs[group.runs[0]], run)
        if reasons.isEmpty {
          found = place
          break
        }
        apart.append(.init(group: group.name, reasons: reasons))
      }
      guard let found else {
        let nearest = apart.enumerated().sorted {
          ($0.element.reasons.count, $0.offset) < ($1.element.reasons.count, $1.offset)
        }
        groups.append(
          ReplicateGroup(
            name: Self.name(groups.count), runs: [index], repeats: [], apart: nearest.map(\.element), sharesTokens: true
          ))
        continue
      }
      if let first = groups[found].runs.first(where: { Self.repeats(runs[$0], run) }) {
        groups[found].repeats.append(.init(run: index, of: first))
      } else {
        groups[found].runs.append(index)
        let first = runs[groups[found].runs[0]].description.corpus.tokenStreamSHA256
        if run.description.corpus.tokenStreamSHA256 != first { groups[found].sharesTokens = false }
      }
    }
    return groups
  }

  /// A to Z, then AA, AB, …
  private static func name(_ index: Int) -> String {
    let letter = String(Character(UnicodeScalar(UInt8(65 + index % 26))))
    return index < 26 ? letter : name(index / 26 - 1) + letter
  }
}

/// The spread of a number over replicates.
public struct Spread: Sendable, Equatable, Codable {
  public var count: Int
  public var mean: Double
  /// With n − 1; nil for one value.
  public var standardDeviation: Double?
  public var minimum: Double
  public var maximum: Double
  /// Of the mean, by Student's t with n − 1 degrees of freedom; nil below three values, and where they do not vary.
  public var interval: Interval?

  /// Nil for no values.
  public init?(_ values: [Double], level: Double) {
    guard let first = values.first else { return nil }
    count = values.count
    minimum = values.reduce(first, min)
    maximum = values.reduce(first, max)
    // Around the first value: identical ones have themselves as mean, and no spread.
    mean = first + values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
    guard count > 1 else { return }
    let center = mean
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let deviation = (squares / Double(count - 1)).squareRoot()
    standardDeviation = deviation
    guard count > 2, deviation > 0 else { return }
    let reach = StudentT.twoSidedQuantile(level, degreesOfFreedom: count - 1) * deviation / Double(count).squareRoot()
    interval = Interval(low: mean - reach, high: mean + reach, level: level)
  }
}
