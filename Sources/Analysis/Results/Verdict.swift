import Measures

/// What a declared rule concludes from the findings; the report turns each into a sentence that claims no more.
public struct Verdict: Sendable, Equatable {
  public var question: Question
  /// The condition it speaks of.
  public var condition: String
  public var outcome: Outcome

  public typealias Question = VerdictRule.Question

  public enum Outcome: String, Sendable, Equatable, CaseIterable {
    /// The interval of the change lies above zero.
    case increase
    /// The interval of the change lies below zero.
    case decrease
    /// The interval contains zero: no change can be told from none at this sample size.
    case inconclusive
    /// Every paired difference is exactly zero.
    case identical
    /// Snapshots agree within the rule's tolerance / do not.
    case stable, unstable
    /// Noise-floor ratio: interval wholly at or above 1; between; wholly below 0.1.
    case informative, interpretWithCare, uninformative
    /// The run lacks what the rule needs.
    case notMeasured
  }

  public init(question: Question, condition: String, outcome: Outcome) {
    self.question = question
    self.condition = condition
    self.outcome = outcome
  }
}
