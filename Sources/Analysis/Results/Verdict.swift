/// What a declared rule concludes from the findings; the report turns each into a sentence that claims no more.
public struct Verdict: Sendable, Equatable {
  public var question: Question
  /// The condition it speaks of.
  public var condition: String
  public var outcome: Outcome

  public enum Question: String, Sendable, Equatable, CaseIterable {
    /// Does the condition change cross-entropy?
    case crossEntropyChange
    /// Does the condition change the SAE's textbook FVU on all tokens? On ordinary tokens? In the article's form?
    case fvuArticleChange, fvuChange, fvuOrdinaryChange
    /// Does the condition change the reconstruction's mean squared error, over all tokens and over ordinary ones? FVU
    /// alone cannot tell: it also falls when the variance that it divides by grows.
    case errorChange, errorOrdinaryChange
    /// Has the article's FVU settled between the last two counts?
    case fvuStable
    /// Is the perturbation large against the SAE's own residual?
    case noiseFloor
  }

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
