import Measures

/// What a declared rule concludes from the findings; the report turns each into a sentence that claims no more.
public struct Verdict: Sendable, Equatable {
  public var question: Question
  /// The condition it speaks of.
  public var condition: String
  public var outcome: Outcome

  public typealias Question = VerdictRule.Question

  public enum Outcome: String, Sendable, Equatable, CaseIterable {
    /// The change and its whole interval lie within the margin.
    case negligible
    /// The interval lies wholly above the margin; large where it lies beyond ten margins.
    case smallRise, largeRise
    /// Wholly below it, likewise.
    case smallFall, largeFall
    /// Neither: more tokens are needed, or what the rule needs beside them.
    case undecided
    /// Undecided whether it passes the margin, though the interval lies wholly above 0, or wholly below.
    case openRise, openFall
    /// Every paired difference is exactly zero.
    case identical
    /// Snapshots agree within the rule's tolerance / do not.
    case stable, unstable
    /// Noise-floor ratio: interval wholly at or above 1; between; wholly below 0.1.
    case informative, interpretWithCare, uninformative
    /// The run lacks what the rule needs.
    case notMeasured

    /// 1 where the whole interval lies above zero, −1 where below, else 0.
    public var direction: Int {
      switch self {
      case .smallRise, .largeRise, .openRise: 1
      case .smallFall, .largeFall, .openFall: -1
      default: 0
      }
    }
    public var isLarge: Bool { self == .largeRise || self == .largeFall }

    /// Whether more tokens could still make it a change or none.
    public var isUndecided: Bool { self == .undecided || self == .openRise || self == .openFall }

    /// False for words that cannot both be true: another direction, or a change and none.
    public func isCompatible(with other: Outcome) -> Bool {
      if self == other || self == .undecided || other == .undecided { return true }
      if (self == .negligible && other.isUndecided) || (other == .negligible && isUndecided) { return true }
      let none: Set<Outcome> = [.negligible, .identical]
      if none.contains(self) && none.contains(other) { return true }
      return direction != 0 && direction == other.direction
    }
  }

  public init(question: Question, condition: String, outcome: Outcome) {
    self.question = question
    self.condition = condition
    self.outcome = outcome
  }
}
