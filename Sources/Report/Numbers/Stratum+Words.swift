import Analysis
import Measures
import Words

extension Stratum {
  /// In words.
  public var title: String {
    switch self {
    case .all: "all tokens"
    case .withoutFirst: "without first positions"
    case .withoutMassive: "without massive tokens"
    case .ordinary: "ordinary tokens"
    }
  }
}

extension Metric {
  /// "FVU (article's form), all tokens".
  func title(over stratum: Stratum) -> String { "\(name.typeset), \(stratum.title)" }
}
