/// A declared rule: what a verdict means, in words, with its thresholds. A report prints these in its appendix.
public struct VerdictRule: Sendable {
  /// Name and version, e.g. `noise_floor@1`: a changed rule gets a new version.
  public var id: String
  /// Nil for a rule that answers no question of a verdict.
  public var question: Question?
  /// The rule in words, complete.
  public var statement: String
  public var thresholds: [Threshold]
  /// How it concludes; nil for a rule that judges something else than one metric of one condition.
  public var judgement: Judgement?

  /// What is asked of each condition.
  public struct Question: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ name: String) { rawValue = name }
    public var description: String { rawValue }

    /// Those of all measures.
    public static var allCases: [Question] { [Measure].all.rules.compactMap(\.question) }
  }

  public struct Threshold: Sendable, Equatable {
    public var name: String
    public var value: Double
    public var unit: String

    public init(name: String, value: Double, unit: String) {
      self.name = name
      self.value = value
      self.unit = unit
    }
  }

  public enum Judgement: Sendable {
    /// The paired change against the metric's margin, by its interval; of a comparison, its value.
    case change(Metric, Stratum, Telling)
    /// Whether the last two snapshots agree within a difference, or within a share of the last value.
    case settled(Metric, Stratum, difference: Double, share: Double)
    /// Whether the paired changes at the last two snapshots agree within a share of the last one, or of the margin.
    case settledChange(Metric, Stratum, share: Double)
    /// A ratio's interval against two bounds.
    case ratio(Metric, informative: Double, uninformative: Double)
  }

  /// How a sentence tells of a change.
  public struct Telling: Sendable {
    /// "The textbook FVU of all tokens".
    public var subject: String
    /// In percent of the reference, rather than in the metric's unit.
    public var inPercent: Bool

    public init(_ subject: String, inPercent: Bool) {
      self.subject = subject
      self.inPercent = inPercent
    }
  }

  public init(
    id: String, question: Question?, statement: String, thresholds: [Threshold] = [], judgement: Judgement? = nil
  ) {
    self.id = id
    self.question = question
    self.statement = statement
    self.thresholds = thresholds
    self.judgement = judgement
  }

  /// The rule that judges a change by its interval and the metric's margin.
  ///
  /// - Parameter what: "the textbook FVU over ordinary tokens", within a sentence.
  public static func change(
    _ id: String, _ question: Question, _ what: String, _ metric: Metric, _ stratum: Stratum = .all,
    told subject: String, inPercent: Bool = true
  ) -> VerdictRule {
    let margin = metric.margin
    let subjectOfChange = metric.isComparison ? what : "The change of \(what) against the reference"
    return VerdictRule(
      id: id, question: question,
      statement: subjectOfChange.prefix(1).uppercased() + subjectOfChange.dropFirst()
        + ", by its simultaneous interval and a margin: negligible when the interval lies inside ± the margin; rises "
        + "when it lies wholly above it and falls when wholly below, large when beyond ten margins and small "
        + "otherwise; identical when it is exactly zero in every document; else undecided, with only the margin open where "
        + "the interval excludes zero. Undecided too with fewer "
        + "than \(StudyProtocol.fewestDocuments) documents.",
      thresholds: [
        .init(
          name: "margin", value: margin.size,
          unit: margin.isRelative ? "% of the reference" : metric.unit)
      ],
      judgement: .change(metric, stratum, Telling(subject, inPercent: inPercent)))
  }
}
