import Measures
import RunFile

/// Where a number of the report comes from, in words: its formula, and the data sets and rows that enter it.
public struct NumberSource: Sendable, Equatable {
  public var definition: String
  /// "Rows 0 to 50175 of /measurements/nf4/sae: squared_error, squared_norm, sum."
  public var rows: String
}

extension Derivation {
  public static func source(of address: NumberAddress, _ findings: Findings) -> NumberSource {
    let baseline = findings.baseline?.name ?? ""
    switch address {
    case .measure(let measure):
      guard let metric = findings.measures.metric(measure.metric) else { return NumberSource(definition: "", rows: "") }
      var last = findings.measured(by: metric.experiment).tokens
      var which = ""
      var shifted = ""
      switch measure.tokens {
      case .stratum(let stratum): which = members(stratum)
      case .bucket(let bucket): which = rule(of: bucket, baseline)
      case .first(let count, let stratum), .between(_, let count, let stratum):
        (last, which) = (count, members(stratum))
      }
      let reference = findings.reference(of: measure.condition)?.name ?? ""
      let conditions =
        switch measure.quantity {
        case .value: [measure.condition]
        case .reference: [reference]
        case .change, .percent: [measure.condition, reference]
        }
      if let stratum = measure.tokens.stratum, findings.decidesByPairs, measure.condition != baseline,
        stratum.dividesMassive
      {
        which =
          ", those massive in neither of the two by sae/massive" + (stratum == .ordinary ? " and no first ones" : "")
        if metric.sums.contains(where: { $0.columns.contains(.vectorSum) }) {
          let shifts = conditions.map { $0 == measure.condition ? Column.pairShift : .pairShiftReference }
          shifted = "; /measurements/\(measure.condition)/sae: \(shifts.map(\.name).joined(separator: ", "))"
        }
      }
      if metric.usesReruns { which += ", of chunks with /chunks/rerun 1" }
      if metric.usesBranches { which += ", those that branches scored" }
      return NumberSource(
        definition: "\(metric.id): \(metric.formula)",
        rows: findings.description.origin != nil && findings.measured.tokens == 0
          ? "Imported as a value."
          : "Rows 0 to \(last - 1)\(which.isEmpty ? "" : which + ",") of \(paths(metric, conditions, reference))\(shifted)."
      )
    case .share(let group, let whole):
      let columns =
        switch whole {
        case .tokens: "/tokens/stratum"
        case .energy: "/measurements/\(baseline)/sae: squared_norm"
        case .denominator: "/measurements/\(baseline)/sae: squared_norm, vector_sum"
        case .numerator: "/measurements/\(baseline)/sae: squared_error"
        }
      let last = findings.measured(by: "sae").tokens - 1
      return NumberSource(
        definition: "The cell’s share of the total over all tokens",
        rows: "Rows 0 to \(last) of \(columns); the cell is /tokens/stratum in \(group.cells.map(\.rawValue)).")
    case .size(.compressedShare):
      return NumberSource(
        definition: "Parameters in linear layers ÷ all parameters", rows: "From the run file’s description.")
    case .size(.saved(let condition)):
      return NumberSource(
        definition: "1 − bits per parameter of \(condition) ÷ that of \(baseline)", rows: "Attributes of /conditions.")
    case .size(.linear(let condition)), .size(.model(let condition)):
      return NumberSource(definition: "Scales counted", rows: "Attributes of /conditions/\(condition).")
    case .feature(let feature):
      let own = findings.features.first { $0.pair.name == feature.pair }?.pair
      let group = "/measurements/\(own?.condition ?? feature.pair)/\(own?.group ?? "features")"
      return NumberSource(
        definition: feature.quantity.definition, rows: "\(group): \(feature.quantity.columns.joined(separator: ", ")).")
    case .count(let count):
      let place =
        count == .predictions
        ? "/measurements/\(baseline)/accuracy/nll" : count == .batches ? "/chunks/batch" : "/tokens"
      return NumberSource(definition: "What the headline’s numbers stand on", rows: "Counted in \(place).")
    }
  }

  private static func rule(of bucket: Bucket, _ baseline: String) -> String {
    switch bucket.kind {
    case .source: ", those with source \(bucket.name)"
    case .entropy: ", those in the \(bucket.title) (/measurements/\(baseline)/accuracy: entropy)"
    case .position: ", those that predict a token at \(bucket.title)"
    case .script: ", those that predict a token of /vocabulary/text in \(bucket.title)"
    }
  }

  private static func members(_ stratum: Stratum) -> String {
    stratum == .all ? "" : ", those of /tokens/stratum in \(stratum.cells)"
  }

  /// The data sets that a metric is computed from: of the conditions named, and what it takes of the reference.
  static func paths(_ metric: Metric, _ conditions: [String], _ reference: String) -> String {
    func paths(_ conditions: [String], _ columns: [Column]) -> [String] {
      let names = conditions.count > 1 ? "{\(conditions.joined(separator: ", "))}" : conditions[0]
      var experiments: [String] = []
      for column in columns where !experiments.contains(column.experiment) { experiments.append(column.experiment) }
      return experiments.map { experiment in
        let own = columns.filter { $0.experiment == experiment }.map(\.name)
        return "/measurements/\(names)/\(experiment): \(own.joined(separator: ", "))"
      }
    }
    let reruns = [(Metric.Side.rerun, conditions[0]), (.referenceRerun, reference)].flatMap { side, original in
      paths(["\(original)-rerun"], metric.columns(side))
    }
    return (paths(conditions, metric.columns(.own)) + paths([reference], metric.columns(.reference)) + reruns)
      .joined(separator: "; ")
  }
}
