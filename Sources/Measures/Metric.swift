/// The definition of a measured number. A changed formula gets a new version, and two versions are never compared.
public struct Metric: Sendable {
  /// Name and version, e.g. `fvu_article@1`.
  public var id: String
  /// "FVU (article's form)".
  public var name: String
  /// "nats per token", "1", "%"…
  public var unit: String
  public var direction: Direction
  /// The formula in one line, plain text with Unicode.
  public var formula: String
  /// One or two sentences for a reader who is not a specialist.
  public var explanation: String
  /// Whose definition it is, for the metric reference; empty where it needs none.
  public var source = ""
  /// The experiment whose tokens it stands on.
  public var experiment: String
  /// The strata it is reported for.
  public var strata: [Stratum]
  /// The count of tokens it stands on.
  public var counted: Sum
  /// True for what compares with the reference already: it has no value in the baseline, and no change against it.
  public var isComparison = false
  /// A share of 1, shown in percent.
  public var isShare = false
  /// Decimals that readers of the field expect; within them the intervals decide.
  public var decimals: ClosedRange<Int>
  /// The largest difference between two runs that does not matter.
  public var margin: EquivalenceMargin
  /// What a cluster of tokens weighs in it.
  public var weight = Weight.count
  /// Id of the metric that it restates: both test one hypothesis.
  public var restates: String?
  /// Whether it is reported for buckets of tokens too: by source, by the baseline's entropy, by position, by script.
  public var hasBuckets = false
  /// What `evaluate` takes, in its order.
  public var terms: [Term]
  /// The formula over the terms' values.
  public var evaluate: @Sendable (_ terms: [Double]) -> Double

  public enum Direction: String, Sendable, Codable { case lowerIsBetter, higherIsBetter, neither }

  /// Which of two conditions a term speaks of.
  public enum Side: Sendable, Hashable {
    /// The condition itself.
    case own
    /// The one that it is compared with.
    case reference
    /// The rerun of the condition, and of the one that it is compared with: the same in another order of summation.
    case rerun, referenceRerun

    /// What this one is compared with.
    var opposite: Side { self == .rerun ? .own : .reference }
  }

  public indirect enum Term: Sendable {
    case sum(Sum, Side)
    case metric(Metric, Side)
    /// D, the width of the residual stream.
    case width
  }

  /// Each cluster's part of the metric's denominator.
  public enum Weight: Sendable {
    /// Its tokens, or predictions.
    case count
    case sum(Sum, Side)
    /// Σ(x − μ)² over its numbers, μ the mean of all numbers.
    case variance(energy: Sum, sum: Sum)
    /// Σ‖x − x̄‖² over its tokens, x̄ the mean vector of all tokens.
    case vectorVariance(energy: Sum, vector: Sum)
  }

  public init(
    id: String, name: String, unit: String, direction: Direction, formula: String, explanation: String,
    experiment: String, strata: [Stratum], counted: Sum = .tokens, decimals: ClosedRange<Int>,
    margin: EquivalenceMargin,
    terms: [Term], evaluate: @escaping @Sendable ([Double]) -> Double
  ) {
    self.id = id
    self.name = name
    self.unit = unit
    self.direction = direction
    self.formula = formula
    self.explanation = explanation
    self.experiment = experiment
    self.strata = strata
    self.counted = counted
    self.decimals = decimals
    self.margin = margin
    self.terms = terms
    self.evaluate = evaluate
  }

  /// The same metric with some of the facts that most leave as they are.
  func with(_ change: (inout Metric) -> Void) -> Metric {
    var metric = self
    change(&metric)
    return metric
  }

  /// The id without its version: `fvu_article`.
  public var shortName: String { String(id.prefix { $0 != "@" }) }
}

/// Which batches of a run a number stands on.
public enum RunPart: Sendable, Hashable, CaseIterable {
  case all
  /// Those that reruns measured again.
  case reruns
  /// Those that branches went on with.
  case branches
}

extension Metric: Hashable {
  public static func == (a: Metric, b: Metric) -> Bool { a.id == b.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Metric {
  /// Its sums, those of the metrics that it is made of included, each once; the count among them.
  public var sums: [Sum] {
    var all: [Sum] = []
    for (sum, _) in sides where !all.contains(sum) { all.append(sum) }
    return all.contains(counted) ? all : all + [counted]
  }

  /// Its sums and the conditions that they are taken of, in the order of its terms.
  private var sides: [(sum: Sum, side: Side)] {
    terms.flatMap { term -> [(sum: Sum, side: Side)] in
      switch term {
      case .sum(let sum, let side): [(sum, side)]
      case .metric(let metric, .own): metric.sides
      case .metric(let metric, let side): metric.sides.map { ($0.sum, side) }
      case .width: []
      }
    }
  }

  /// True for what needs reruns: it stands on the tokens that were measured again.
  public var usesReruns: Bool { sides.contains { $0.side == .rerun || $0.side == .referenceRerun } }

  /// True for what needs branches: it stands on the tokens that they went on with.
  public var usesBranches: Bool { sides.contains { $0.sum.columns.contains(where: \.isOfBranch) } }

  /// The part of the run that it stands on.
  public var part: RunPart { usesReruns ? .reruns : usesBranches ? .branches : .all }

  /// Those of its sums that reruns enter with.
  public var rerunSums: [Sum] { sides.filter { $0.side == .rerun || $0.side == .referenceRerun }.map(\.sum) }

  /// Columns of one condition that enter it: experiments in the order of its terms, columns as their measure lists them.
  public func columns(_ side: Side) -> [Column] {
    let named =
      sides.filter { $0.side == side }.flatMap(\.sum.columns)
      + sides.filter { $0.side.opposite == side }.flatMap(\.sum.referenceColumns)
    var experiments: [String] = []
    for column in named where !experiments.contains(column.experiment) { experiments.append(column.experiment) }
    return experiments.flatMap { experiment in
      let own = Set(named.filter { $0.experiment == experiment })
      let listed = [Measure].all.first { $0.experiment == experiment }?.columns ?? []
      return listed.filter(own.contains) + named.filter { $0.experiment == experiment && !listed.contains($0) }
    }
  }
}
