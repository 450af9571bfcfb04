import Foundation
import RunFile

/// A number of the report, derived from a run's raw measurements step by step, and set beside what the report has.
public struct Derivation: Sendable, Equatable {
  public var address: NumberAddress
  public var metric: Metric
  public var steps: [Step]
  /// As derived here.
  public var value: Double
  /// What the report prints: value, interval and sample.
  public var reported: Estimate

  /// One sum, count or formula with its value.
  public struct Step: Sendable, Equatable {
    public var text: String
    public var value: Double

    init(_ text: String, _ value: Double) {
      self.text = text
      self.value = value
    }
  }

  /// The rows that enter.
  struct Rows: Sendable, Equatable {
    var stratum: Stratum
    var text: String
  }

  /// Derivation and report add the same numbers in another order: what is left is rounding.
  public static let tolerance = 1e-9
  public var agrees: Bool {
    (value - reported.value).magnitude <= Self.tolerance * max(reported.value.magnitude, scale)
  }
  /// Size of what a difference was taken of.
  private var scale: Double

  /// - Throws: `DerivationError` for an id that names nothing in this run, errors of the run file.
  public init(of id: String, in reader: RunReader, _ findings: Findings) throws {
    guard let address = NumberAddress(id) else { throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings)) }
    guard reader.summary == nil else { throw DerivationError.onlyValues(id) }
    guard let reported = Self.reported(address, findings), let metric = Metric.all.first(where: { $0.id == address.metric })
    else { throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings)) }
    let experiment = MetricRule.groups.first { $0.rules.contains { $0.metric.id == metric.id } }?.experiment ?? ""
    let tokenCount =
      if case .first(let count, _) = address.tokens { count } else { findings.measured(by: experiment).tokens }
    let baseline = findings.baseline?.name ?? ""

    var raw = try RawSums(reader: reader, tokenCount: tokenCount, tokens: address.tokens)
    let own = try Self.evaluate(metric, address.condition, baseline, &raw)
    var (value, scale) = (own, own.magnitude)
    if address.quantity != .value {
      let base = try Self.evaluate(metric, baseline, baseline, &raw)
      scale = max(own.magnitude, base.magnitude)
      value = address.quantity == .change ? own - base : 100 * (own - base) / base
      if address.quantity == .percent { scale = 100 * scale / base.magnitude }
      raw.note(
        address.quantity == .change
          ? "change: \(address.condition) − \(baseline)" : "change in percent: 100 × (\(address.condition) − \(baseline)) ÷ \(baseline)",
        value)
    }
    self.init(address: address, metric: metric, steps: raw.steps, value: value, reported: reported, scale: scale)
  }

  private init(address: NumberAddress, metric: Metric, steps: [Step], value: Double, reported: Estimate, scale: Double) {
    (self.address, self.metric, self.steps) = (address, metric, steps)
    (self.value, self.reported, self.scale) = (value, reported, scale)
  }

  // MARK: Formulas

  /// The metric's formula over plain sums; adds each as a step, and the result as the last.
  private static func evaluate(_ metric: Metric, _ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let value: Double
    switch metric.id {
    case Metric.crossEntropy.id, Metric.perplexity.id:
      let (sum, count) = try raw.scored("Σ nll", c, "nll")
      value = metric.id == Metric.perplexity.id ? exp(sum / count) : sum / count
    case Metric.kl.id:
      let (sum, count) = try raw.scored("Σ KL", c, "kl")
      value = sum / count
    case Metric.top1Agreement.id:
      let (sum, count) = try raw.scored("positions that agree", c, "top1_agreement")
      value = sum / count
    case Metric.fvuArticle.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let sum = try raw.sum("ΣΣx", c, "sae", "sum")
      let numbers = raw.count() * Double(raw.reader.description.model.dModel)
      raw.note("N·D, numbers that the mean is taken over", numbers)
      value = error / (energy - sum * sum / numbers)
    case Metric.fvu.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let squared = try raw.squaredVectorSum(c)
      value = error / (energy - squared / raw.count())
    case Metric.relativeErrorMedian.id:
      value = try raw.medianRatio("median of ‖x − x̂‖² ÷ ‖x‖²", c, "squared_error", "squared_norm")
    case Metric.l0.id: value = try raw.sum("Σ active features", c, "sae", "l0") / raw.count()
    case Metric.mse.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      value = error / (raw.count() * Double(raw.reader.description.model.dModel))
    case Metric.cosine.id:
      let columns = [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "dot")]
      let sum = try raw.sum("Σ x·x̂ ÷ (‖x‖·‖x̂‖), ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂", c, columns) { row in
        let product = row[1] * (row[0] - row[1] + 2 * row[2])
        return product > 0 ? row[2] / product.squareRoot() : 0
      }
      value = sum / raw.count()
    case Metric.relativeResidual.id: value = try residual(c, &raw)
    case Metric.perturbation.id: value = try perturbation(c, b, &raw)
    case Metric.noiseFloorArticle.id: value = try perturbation(c, b, &raw) / residual(c, &raw)
    case Metric.noiseFloor.id: value = try perturbation(c, b, &raw) / residual(b, &raw)
    case Metric.movedFarther.id:
      let columns = [("noise_floor", "squared_perturbation"), ("sae", "squared_error")]
      value = try raw.sum("tokens moved farther than missed", c, columns) { $0[0] > $0[1] ? 1 : 0 } / raw.count()
    default: throw DerivationError.noSuchNumber(metric.id, similar: [])
    }
    raw.note("\(metric.name), \(c): \(metric.formula)", value)
    return value
  }

  private static func perturbation(_ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let moved = try raw.sum("Σ‖x_c − x_b‖²", c, "noise_floor", "squared_perturbation")
    let energy = try raw.sum("Σ‖x_b‖²", b, "sae", "squared_norm")
    let value = (moved / energy).squareRoot()
    raw.note("perturbation: √ of their ratio", value)
    return value
  }

  private static func residual(_ c: String, _ raw: inout RawSums) throws -> Double {
    let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
    let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
    let value = (error / energy).squareRoot()
    raw.note("relative residual, \(c): √ of their ratio", value)
    return value
  }

  // MARK: What the report has

  /// What the findings say of an address; nil where they say nothing.
  public static func reported(_ address: NumberAddress, _ findings: Findings) -> Estimate? {
    switch address.tokens {
    case .stratum(let stratum):
      guard
        let finding = findings.findings.first(where: {
          $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum
        })
      else { return nil }
      switch address.quantity {
      case .value: return finding.estimate
      case .change: return finding.change
      case .percent: return finding.percentChange
      }
    case .source(let name):
      guard address.metric == Metric.crossEntropy.id,
        let source = findings.sources.first(where: { $0.source == name && $0.condition == address.condition })
      else { return nil }
      switch address.quantity {
      case .value: return source.crossEntropy
      case .change: return nil
      case .percent: return source.percentChange
      }
    case .first(let count, let stratum):
      guard address.quantity == .value else { return nil }
      return findings.snapshots.first {
        $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum && $0.tokens == count
      }?.estimate
    }
  }

  /// Every id that can be derived in these findings, in the report's order.
  public static func ids(in findings: Findings) -> [String] {
    var ids: [String] = []
    for finding in findings.findings {
      let tokens = NumberAddress.Tokens.stratum(finding.stratum)
      func id(_ quantity: NumberAddress.Quantity) -> String {
        NumberAddress(metric: finding.metric.id, condition: finding.condition, tokens: tokens, quantity: quantity).id
      }
      ids.append(id(.value))
      if finding.change != nil { ids.append(id(.change)) }
      if finding.percentChange != nil { ids.append(id(.percent)) }
    }
    for source in findings.sources {
      let value = NumberAddress(
        metric: Metric.crossEntropy.id, condition: source.condition, tokens: .source(source.source))
      ids.append(value.id)
      if source.percentChange != nil { ids.append(value.id + "/percent") }
    }
    for snapshot in findings.snapshots {
      let id = NumberAddress(
        metric: snapshot.metric.id, condition: snapshot.condition, tokens: .first(snapshot.tokens, snapshot.stratum)
      ).id
      if !ids.contains(id) { ids.append(id) }
    }
    return ids
  }

  /// Ids with the most parts in common.
  private static func similar(_ id: String, _ findings: Findings) -> [String] {
    let parts = Set(id.split(separator: "/"))
    let ranked = ids(in: findings).enumerated().map { ($0.offset, $0.element, parts.intersection($0.element.split(separator: "/")).count) }
    let most = ranked.map(\.2).max() ?? 0
    return ranked.filter { $0.2 == most }.prefix(5).map(\.1)
  }
}

public enum DerivationError: Error, Equatable, CustomStringConvertible {
  case noSuchNumber(String, similar: [String])
  case notMeasured(String)
  case unknownSource(String, known: [String])
  /// An imported run that has values without raw measurements.
  case onlyValues(String)

  public var description: String {
    switch self {
    case .noSuchNumber(let id, let similar):
      """
      \(id): no number of this run has this id\(similar.isEmpty ? "" : "; near it are \(similar.joined(separator: ", "))"). \
      `clearbox explain RUN` lists all.
      """
    case .notMeasured(let path): "\(path): the run did not measure it."
    case .unknownSource(let name, let known): "\(name): no text source of this run; it has \(known.joined(separator: ", "))."
    case .onlyValues(let id): "\(id): this run was imported as values; it has no raw measurements to derive them from."
    }
  }
}
