import Analysis
import Measures
import Words

extension NumberAddress {
  /// A share of 1, printed in percent.
  func isShare(_ measures: [Measure]) -> Bool {
    switch self {
    case .share: true
    case .measure(let measure): measure.quantity == .value && measures.metric(measure.metric)?.isShare == true
    case .feature(let feature): feature.quantity.kind == .share
    case .size, .count: false
    }
  }

  /// "FVU (textbook form), nf4, all tokens, change in percent of bf16".
  func title(_ findings: Findings) -> String {
    let baseline = findings.baseline?.name ?? ""
    switch self {
    case .measure(let measure):
      let reference = findings.reference(of: measure.condition)?.name ?? baseline
      let name = findings.measures.metric(measure.metric)?.name.typeset ?? measure.metric
      let tokens =
        switch measure.tokens {
        case .stratum(let stratum): stratum.title
        case .bucket(let bucket): bucket.title
        case .first(let count, let stratum): "\(stratum.title), first \(NumberText.integer(count))"
        case .between(let first, let last, let stratum):
          "\(stratum.title), first \(NumberText.integer(last)) less first \(NumberText.integer(first))"
        }
      let quantity =
        switch measure.quantity {
        case .value: ""
        case .change: ", change against \(reference)"
        case .percent: ", change in percent of \(reference)"
        case .reference: ", the value of \(reference) on the same tokens"
        }
      return "\(name), \(measure.condition), \(tokens)\(quantity)"
    case .share(let group, let whole): return "Share of \(whole.title), \(group.title) tokens, \(baseline)"
    case .size(let size):
      return switch size {
      case .linear(let condition): "Bits per parameter of compressed layers, \(condition)"
      case .model(let condition): "Bits per parameter of the whole model, \(condition)"
      case .saved(let condition): "Size that \(condition) saves, of the whole model under \(baseline)"
      case .compressedShare: "Parameters in layers that are compressed"
      }
    case .count(let count): return "Number of \(count.rawValue)"
    case .feature(let feature): return "\(feature.quantity.title), \(feature.pair.replacing("~", with: ", "))"
    }
  }

  /// " nats per token" after a value; nothing after shares, changes in percent and plain ratios.
  func unit(_ measures: [Measure]) -> String {
    guard case .measure(let measure) = self, measure.quantity != .percent,
      let metric = measures.metric(measure.metric), metric.unit != "1",
      !metric.isShare
    else { return "" }
    return " \(metric.unit)"
  }
}
