import Words

/// A key finding: its name and its sentences.
struct KeyFinding {
  var name: String
  var sentences: [Prose]

  /// - Returns: nil where nothing was found.
  init?(_ name: String, _ sentences: [Prose?]) {
    self.sentences = sentences.compactMap(\.self)
    self.name = name
    if self.sentences.isEmpty { return nil }
  }
}

/// What a test is for. Tables of tests and results stand in this order.
enum TestKind: Int, Comparable {
  case primary
  /// Whether enough was measured.
  case sampleValidation
  /// Whether the measure could have shown what is asked.
  case validation

  var title: String { self == .primary ? "Primary" : "Validation" }
  static func < (a: TestKind, b: TestKind) -> Bool { a.rawValue < b.rawValue }
}

/// A row of Table 1.
struct PerformedTest {
  var kind: TestKind
  var test: Prose
  var metric: Prose
  /// Models that lack it.
  var missing: [ReportModel]

  /// - Returns: nil where no model was tested.
  init?(
    _ kind: TestKind, _ test: Prose, _ metric: Prose, on models: [ReportModel], measured: (ReportModel) -> Bool
  ) {
    (self.kind, self.test, self.metric) = (kind, test, metric)
    missing = models.filter { !measured($0) }
    if missing.count == models.count { return nil }
  }
}

/// A row of Table 2.
struct TestResult {
  var kind: TestKind
  var test: Prose
  var metric: Prose
  var result: Prose

  /// - Returns: nil where nothing was concluded.
  init?(_ kind: TestKind, _ test: Prose, _ metric: Prose, _ result: Prose?) {
    guard let result else { return nil }
    (self.kind, self.test, self.metric, self.result) = (kind, test, metric, result)
  }
}

/// What a verdict means for some readers.
struct Implication {
  enum Audience: String, CaseIterable {
    case developers = "For model developers."
    case readers = "For those who read models with autoencoders."
    case society = "For society."
  }

  var audience: Audience
  var text: Prose
}

/// What the report does not show, or leaves open. Lists stand in the order of what they concern.
struct Reservation {
  enum Concern: Int, Comparable {
    /// What was asked, and what was not.
    case question
    case sample, intervals
    /// What was measured on, and in which copy.
    case input
    case instrument, arithmetic, measure
    /// What else it may hold for.
    case scope

    static func < (a: Concern, b: Concern) -> Bool { a.rawValue < b.rawValue }
  }

  var concern: Concern
  var text: Prose

  init(_ concern: Concern, _ text: Prose) {
    self.concern = concern
    self.text = text
  }
}

extension Array {
  /// Sorted by a rank; what ranks the same stays in its order.
  func inOrder(of rank: (Element) -> some Comparable) -> [Element] {
    enumerated().sorted { a, b in
      let (first, second) = (rank(a.element), rank(b.element))
      return first == second ? a.offset < b.offset : first < second
    }.map(\.element)
  }
}

/// A word of the report and what it means.
struct GlossaryEntry {
  var term: String
  var meaning: Prose

  init(_ term: String, _ meaning: Prose) {
    self.term = term
    self.meaning = meaning
  }
}
