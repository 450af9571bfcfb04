import Analysis
import Measures
import Words

/// How a report tells of changes against the baseline: for each condition what the rule concluded, with the numbers that
/// it looked at, and no more. Conditions with the same outcome on the same models share a clause.
extension ReportSubject {
  func changes(
    _ clauses: [VerdictClause], _ metric: Metric, _ stratum: Stratum, _ subject: String,
    inPercent: Bool
  ) throws -> Prose {
    var said: [Prose] = []
    for clause in clauses {
      let told: Prose
      let place = on(clause.models)
      switch clause.outcome {
      case .smallRise, .largeRise, .smallFall, .largeFall, .openRise, .openFall:
        let parts: [Prose] = try clause.entries.map { entry in
          "under \(strong: entry.condition) by \(try size(of: entry, metric, stratum, inPercent: inPercent))"
        }
        let word = clause.outcome.direction > 0 ? "rises" : "falls"
        let weight = try size(clause, metric)
        // Where not all models are meant, they are named before numbers that are theirs alone.
        told =
          clause.models.count < models.count
          ? "\(word)\(place) \(Prose.list(parts)), \(weight)" : "\(word) \(Prose.list(parts)), \(weight)\(place)"
      case .negligible, .undecided:
        let parts: [Prose] = try clause.entries.map { entry in
          let change = try signedChange(entry, metric, stratum, inPercent: inPercent)
          return "\(strong: entry.condition) (\(change ?? "not given"))"
        }
        let isOpen = clause.outcome == .undecided
        told =
          isOpen
          ? "is undecided under \(Prose.list(parts))\(reason(clause, metric, stratum))\(place)"
          : "changes negligibly under \(Prose.list(parts))\(place)"
      case .identical:
        told = "is exactly the same under \(Prose.list(clause.entries.map { "\(strong: $0.condition)" }))\(place)"
      default: throw clause.impossible
      }
      said.append(told)
    }
    let told = models.filter { model in clauses.contains { $0.models.contains { $0.name == model.name } } }
    let start = try start(told, metric, stratum)
    let all = said.dropFirst().reduce(said[0]) { $0 + "; it " + $1 } + "."
    let isSmall = !inPercent && metric.isFVU && told.allSatisfy { $0.isSmall(metric, stratum) }
    return isSmall
      ? "\(subject) (×10⁻³)\(try start.inThousandths())" + (try all.inThousandths()) : "\(subject)\(start)" + all
  }

  /// Of a metric that is a comparison already: its value under each condition, and how large that is.
  func comparisons(_ clauses: [VerdictClause], _ metric: Metric, _ subject: String) throws -> Prose {
    let unit = metric.unit == "1" ? "" : " \(metric.unit)"
    var said: [Prose] = []
    for clause in clauses {
      let parts: [Prose] = try clause.entries.map { entry in
        let value: Prose? =
          entry.models.count == 1
          ? try entry.models.first.flatMap {
            $0.numbers.has(metric, entry.condition) ? try $0.numbers.valueWithInterval(metric, entry.condition) : nil
          } : try range(entry.models) { try $0.numbers.amount(metric, entry.condition) }
        return value.map { "\(strong: entry.condition) (\($0)\(unit))" } ?? "\(strong: entry.condition)"
      }
      let told: Prose =
        switch clause.outcome {
        case .smallRise, .smallFall: "small"
        case .largeRise, .largeFall: "large"
        case .openRise, .openFall: "above zero, with the margin of \(try margin(metric)) open,"
        case .negligible: "negligible"
        case .identical: "exactly zero"
        case .undecided: "undecided"
        default: throw clause.impossible
        }
      let why: Prose = clause.outcome == .undecided ? reason(clause, metric, .all) : ""
      said.append("\(told) under \(Prose.list(parts))\(why)" + on(clause.models))
    }
    return "\(subject) is " + Prose.list(said) + "."
  }

  /// "a large change", or that the margin is open.
  private func size(_ clause: VerdictClause, _ metric: Metric) throws -> Prose {
    if clause.outcome.isUndecided {
      return "though whether by more than the margin of \(try margin(metric)) is undecided"
    }
    return clause.outcome.isLarge ? "a large change" : "a small change"
  }

  /// "1%", "0.02 nats".
  func margin(_ metric: Metric) throws -> Prose {
    let isPercent = metric.margin.isRelative || metric.isShare
    let size = metric.margin.size * (metric.margin.isRelative || !metric.isShare ? 1 : 100)
    let unit = isPercent ? "%" : metric.unit == "1" ? "" : " \(metric.unit)"
    return Prose(try NumberText.significant(size, digits: 2, of: metric.name) + unit)
  }

  /// Why nothing can be said, where it is not the interval alone.
  private func reason(_ clause: VerdictClause, _ metric: Metric, _ stratum: Stratum) -> Prose {
    let models = clause.models
    if models.allSatisfy({ $0.hasNoInterval(metric, clause.entries[0].condition, stratum) }) {
      return ": there is no interval to judge it by"
    }
    if metric.usesReruns, models.allSatisfy({ $0.description.rerunConditions == nil }) {
      return ": the run has no reruns that would tell it from rounding"
    }
    if stratum == .ordinary, models.allSatisfy({ !$0.findings.decidesByPairs }) {
      return """
        : this run file tells kinds of tokens apart on the baseline alone, so tokens that compression makes massive are \
        among the ordinary ones
        """
    }
    return ""
  }

  /// ", 3.217 nats per token under bf16, ", or the value on each model.
  private func start(_ told: [ReportModel], _ metric: Metric, _ stratum: Stratum) throws -> Prose {
    let unit = metric.unit == "1" ? "" : " \(metric.unit)"
    let measured = told.filter { $0.numbers.has(metric, $0.base, stratum) }
    guard !measured.isEmpty else { return " " }
    let parts: [Prose] = try measured.enumerated().map { index, model in
      let value: Prose = "\(try model.numbers.value(metric, model.base, stratum))"
      return index == 0 || model.base != measured[0].base
        ? "\(value)\(unit) under \(strong: model.base)\(onName(model))"
        : "\(value)\(onName(model))"
    }
    return ", \(Prose.list(parts)), "
  }

  /// " on gemma-3-4b".
  private func onName(_ model: ReportModel) -> Prose {
    areSeveral ? " on \(model.name)" : ""
  }

  /// How much it rises or falls, as a positive amount: with its interval and to which value on one model, as a range on
  /// several.
  private func size(of entry: VerdictEntry, _ metric: Metric, _ stratum: Stratum, inPercent: Bool) throws -> Prose {
    let unknown: Prose = "an amount that the run does not give"
    func amount(_ model: ReportModel) throws -> Numbers.Amount? {
      guard
        var amount = try model.numbers.changeAmount(metric, entry.condition, stratum, inPercent: inPercent)
      else { return nil }
      amount.printed = amount.printed.magnitude
      amount.isSigned = false
      amount.number = try amount.rounded(to: amount.decimals)
      return amount
    }
    guard entry.models.count == 1, let model = entry.models.first else {
      return try range(entry.models, amount) ?? unknown
    }
    guard let own = try amount(model) else { return unknown }
    let finding = try model.numbers.finding(metric, entry.condition, stratum)
    let target: Prose = " to \(try model.numbers.value(metric, entry.condition, stratum))"
    guard let interval = (inPercent ? finding.percentChange : finding.change)?.interval else {
      return Prose(own.number) + target
    }
    let ends = entry.outcome.direction < 0 ? (-interval.high, -interval.low) : (interval.low, interval.high)
    let low = try NumberText.fixed(ends.0, decimals: own.decimals) + own.suffix
    let high = try NumberText.fixed(ends.1, decimals: own.decimals) + own.suffix
    let shown = BoundInterval(text: "[\(low), \(high)]", low: interval.low, high: interval.high, id: own.number.id)
    return "\(own.number) \(shown)" + target
  }

  /// The change with its interval on one model, as a range on several.
  private func signedChange(_ entry: VerdictEntry, _ metric: Metric, _ stratum: Stratum, inPercent: Bool) throws
    -> Prose?
  {
    guard entry.models.count == 1, let model = entry.models.first else {
      return try range(entry.models) {
        try $0.numbers.changeAmount(metric, entry.condition, stratum, inPercent: inPercent)
      }
    }
    return inPercent
      ? try model.numbers.percentWithInterval(metric, entry.condition, stratum)
      : try model.numbers.changeWithInterval(metric, entry.condition, stratum)
  }
}

extension Metric {
  var isFVU: Bool { id == Metric.fvu.id || id == Metric.fvuArticle.id }
}

extension ReportModel {
  /// So small under the baseline that its zeros are in a reader’s way.
  func isSmall(_ metric: Metric, _ stratum: Stratum) -> Bool {
    findings.finding(metric, condition: base, stratum: stratum).map { $0.estimate.value.magnitude < 0.1 } ?? true
  }
}
