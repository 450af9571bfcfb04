import Analysis
import Words

/// One sentence per question, which says for each condition what the question's rule concluded, with the numbers that
/// the rule looked at, and no more. Conditions with the same outcome on the same models share a clause.
extension ReportBuilder {
  /// - Returns: nil where nothing was concluded.
  /// - Throws: `ReportError.impossibleVerdict` for an outcome that is no answer to the question.
  func sentences(_ question: Verdict.Question) throws -> Prose? {
    let clauses = clauses(question)
    guard !clauses.isEmpty else { return nil }
    guard let judgement = models[0].findings.measures.rules.first(where: { $0.question == question })?.judgement else {
      return nil
    }
    let said: Prose =
      switch judgement {
      case .change(let metric, let stratum, let telling):
        try changes(clauses, question, metric, stratum, telling.subject, inPercent: telling.inPercent)
      case .settled: try joined(clauses) { try stability($0, question) }
      case .ratio: try joined(clauses) { try noiseFloorSentence($0, question) }
      }
    let silent = models.filter { model in !clauses.contains { $0.models.contains { $0.name == model.name } } }
    return silent.isEmpty ? said : said + " Not measured\(on(silent).plain)."
  }

  /// Where the textbook FVU of ordinary tokens falls although the error on them rises: its denominator has grown.
  func grownVarianceSentence() -> Prose? {
    let cells = models.flatMap { model in
      model.compressed.filter {
        model.outcome(.fvuOrdinaryChange, $0.name) == .decrease
          && model.outcome(.errorOrdinaryChange, $0.name) == .increase
      }.map { (condition: $0.name, model: model) }
    }
    guard !cells.isEmpty else { return nil }
    return """
      Under \(places(cells)), that FVU falls although the error rises, because the \
      variance that it divides by grows more, as it does when a few tokens that are ordinary under \(base) become \
      massive under compression. This is not a better reconstruction: read the squared error.
      """
  }

  /// One sentence per clause.
  private func joined(_ clauses: [Clause], _ sentence: (Clause) throws -> Prose) throws -> Prose {
    var result: Prose = ""
    for clause in clauses { result += (result.inlines.isEmpty ? "" : " ") + (try sentence(clause)) }
    return result
  }

  // MARK: Changes against the baseline

  private func changes(
    _ clauses: [Clause], _ question: Verdict.Question, _ metric: Metric, _ stratum: Stratum, _ subject: String,
    inPercent: Bool
  ) throws -> Prose {
    var said: [Prose] = []
    for clause in clauses {
      let told: Prose
      switch clause.outcome {
      case .increase, .decrease:
        let parts: [Prose] = try clause.entries.map { entry in
          "under \(strong: entry.condition) by \(try size(of: entry, metric, stratum, inPercent: inPercent))"
        }
        told = "\(clause.outcome == .increase ? "rises" : "falls") \(Prose.list(parts))"
      case .inconclusive:
        func parts(_ entries: [Entry]) throws -> Prose {
          Prose.list(
            try entries.map { entry in
              let change = try signedChange(entry, metric, stratum, inPercent: inPercent)
              return "\(strong: entry.condition) (\(change ?? "not given"))"
            })
        }
        // Without an interval the rule has nothing to judge by; that is no sign of a small change.
        let open = clause.entries.filter { entry in
          entry.models.allSatisfy { $0.hasNoInterval(metric, entry.condition, stratum) }
        }
        let judged = clause.entries.filter { entry in !open.contains { $0.condition == entry.condition } }
        let said: [Prose] = [
          judged.isEmpty ? nil : "shows no change that can be told from zero under \(try parts(judged))",
          open.isEmpty ? nil : "differs under \(try parts(open)), without an interval to judge it by",
        ].compactMap { $0 }
        told = Prose.list(said)
      case .identical:
        told = "is exactly the same under \(Prose.list(clause.entries.map { "\(strong: $0.condition)" }))"
      default: throw impossible(clause, question)
      }
      said.append(told + on(clause.models))
    }
    let told = models.filter { model in clauses.contains { $0.models.contains { $0.name == model.name } } }
    return "\(subject)\(try start(told, metric, stratum))" + said.dropFirst().reduce(said[0]) { $0 + "; it " + $1 } + "."
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
  private func size(of entry: Entry, _ metric: Metric, _ stratum: Stratum, inPercent: Bool) throws -> Prose {
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
    let ends = entry.outcome == .decrease ? (-interval.high, -interval.low) : (interval.low, interval.high)
    let low = try NumberText.fixed(ends.0, decimals: own.decimals) + own.suffix
    let high = try NumberText.fixed(ends.1, decimals: own.decimals) + own.suffix
    let shown = BoundInterval(text: "[\(low), \(high)]", low: interval.low, high: interval.high, id: own.number.id)
    return "\(own.number) \(shown)" + target
  }

  /// The change with its interval on one model, as a range on several.
  private func signedChange(_ entry: Entry, _ metric: Metric, _ stratum: Stratum, inPercent: Bool) throws -> Prose? {
    guard entry.models.count == 1, let model = entry.models.first else {
      return try range(entry.models) {
        try $0.numbers.changeAmount(metric, entry.condition, stratum, inPercent: inPercent)
      }
    }
    return inPercent
      ? try model.numbers.percentWithInterval(metric, entry.condition, stratum)
      : try model.numbers.changeWithInterval(metric, entry.condition, stratum)
  }

  // MARK: Stabilization

  private func stability(_ clause: Clause, _ question: Verdict.Question) throws -> Prose {
    let parts: [Prose] = try clause.entries.map { entry in
      guard entry.models.count == 1, let model = entry.models.first else {
        let differences = try range(entry.models) { try snapshotDifference($0, entry.condition) }
        return differences.map { "\(strong: entry.condition) (last two counts \($0) apart)" }
          ?? "\(strong: entry.condition)"
      }
      guard let (before, last) = lastSnapshots(model, entry.condition) else { return "\(strong: entry.condition)" }
      return
        """
        \(strong: entry.condition) (\(try model.numbers.snapshot(before)) at \(count: before.tokens) tokens, \
        \(try model.numbers.snapshot(last)) at \(count: last.tokens))
        """
    }
    let conditions = Prose.list(parts) + on(clause.models)
    return switch clause.outcome {
    case .stable: "The article’s FVU of all tokens has settled between the last two counts under \(conditions)."
    case .unstable:
      """
      The article’s FVU of all tokens has not settled between the last two counts under \(conditions); more tokens may move \
      it further.
      """
    case .inconclusive:
      "Whether the article’s FVU of all tokens has settled between the last two counts cannot be said under \(conditions)."
    default: throw impossible(clause, question)
    }
  }

  /// The article's FVU over all tokens at the last two counts.
  private func lastSnapshots(_ model: ReportModel, _ condition: String) -> (before: Snapshot, last: Snapshot)? {
    let own = model.findings.snapshots.filter {
      $0.condition == condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
    }.sorted { $0.tokens < $1.tokens }
    guard let last = own.last, let before = own.dropLast().last else { return nil }
    return (before, last)
  }

  private func snapshotDifference(_ model: ReportModel, _ condition: String) throws -> Numbers.Amount? {
    guard let (before, last) = lastSnapshots(model, condition) else { return nil }
    let tokens = MeasureAddress.Tokens.between(before.tokens, last.tokens, .all)
    let address = MeasureAddress(metric: Metric.fvuArticle.id, condition: condition, tokens: tokens)
    guard let difference = try model.numbers.number(.measure(address)) else { return nil }
    // "Apart", whichever is larger.
    var amount = Numbers.Amount(
      number: difference, printed: difference.value.magnitude,
      decimals: max(5, model.numbers.formats.decimals(.fvuArticle)))
    amount.number = try amount.rounded(to: amount.decimals)
    return amount
  }

  // MARK: Noise floor

  private func noiseFloorSentence(_ clause: Clause, _ question: Verdict.Question) throws -> Prose {
    let parts: [Prose] = try clause.entries.map { entry in
      let condition = entry.condition
      var ratios: [Prose] = []
      for (metric, source) in [(Metric.noiseFloorArticle, "the article’s code"), (.noiseFloor, "its prose")] {
        let ratio =
          entry.models.count == 1
          ? try entry.models.first.flatMap {
            $0.numbers.has(metric, condition) ? try $0.numbers.valueWithInterval(metric, condition) : nil
          }
          : try range(entry.models) { try $0.numbers.amount(metric, condition) }
        if let ratio { ratios.append("\(ratio) by \(source)") }
      }
      let told: Prose = ratios.isEmpty ? "" : "ratio \(Prose.list(ratios, last: "or"))"
      if let share = try range(entry.models, { try $0.numbers.amount(.movedFarther, condition) }) {
        let before: Prose = ratios.isEmpty ? "" : told + "; "
        return "\(strong: condition) (\(before)\(share) of the tokens are moved farther than the SAE misses them)"
      }
      return ratios.isEmpty ? "\(strong: condition)" : "\(strong: condition) (\(told))"
    }
    let conditions = Prose.list(parts) + on(clause.models)
    return switch clause.outcome {
    case .informative:
      """
      Summed over all tokens, compression moves the activations at least as far as the autoencoder’s own error reaches \
      under \(conditions): FVU could have shown a change of this size, so its test is informative.\(try carriedByFew(clause))
      """
    case .interpretWithCare:
      """
      Summed over all tokens, compression does not clearly move the activations as far as the autoencoder’s own error \
      reaches under \(conditions): FVU can hide part of such a change, so read it with care.
      """
    case .uninformative:
      """
      Summed over all tokens, compression moves the activations by less than a tenth of the autoencoder’s own error \
      under \(conditions): an unchanged FVU says nothing here.
      """
    default: throw impossible(clause, question)
    }
  }

  /// Conditions under which the sum says more than the tokens: most of them are not moved as far as the SAE misses them.
  private func carriedByFew(_ clause: Clause) throws -> Prose {
    let cells = try clause.entries.flatMap { entry in
      try entry.models.filter { try ($0.numbers.amount(.movedFarther, entry.condition)?.number.value ?? 1) < 0.5 }
        .map { (condition: entry.condition, model: $0) }
    }
    guard !cells.isEmpty else { return "" }
    return """
       Under \(places(cells)) a minority of tokens carries that sum: most are moved less far than the SAE misses them, and \
      of these FVU says little.
      """
  }

  private func impossible(_ clause: Clause, _ question: Verdict.Question) -> ReportError {
    .impossibleVerdict(
      question: question.rawValue, condition: clause.entries.first?.condition ?? "",
      outcome: clause.outcome.rawValue)
  }
}
