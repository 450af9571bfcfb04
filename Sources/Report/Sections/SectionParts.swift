import Words

/// A row of Table 1.
typealias TestRow = (test: Prose, metric: Prose, isMeasured: (ReportModel) -> Bool)

/// What a test is for. Tables of tests and results stand in this order.
enum TestKind: CaseIterable {
  case primary
  /// Whether enough was measured.
  case sampleValidation
  /// Whether the measure could have shown what is asked.
  case validation
  /// Without a verdict.
  case exploratory

  var title: String {
    switch self {
    case .primary: "Primary"
    case .sampleValidation, .validation: "Validation"
    case .exploratory: "Exploratory"
    }
  }
}

/// For whom a verdict means something.
enum Audience: String, CaseIterable {
  case developers = "For model developers."
  case readers = "For those who read models with autoencoders."
  case society = "For society."
}

/// What a limitation or an open question concerns. Lists stand in this order, by how much it weighs.
enum Concern: CaseIterable {
  /// What was asked, and what was not.
  case question
  case sample
  /// What was measured on.
  case input
  case instrument
  /// What else it may hold for.
  case scope
  case measure, arithmetic, intervals
  /// In which copy the measurements are.
  case copy
}
