import Analysis
import Plot

/// One sentence per question, which says for each condition what the question's rule concluded, with the numbers that
/// the rule looked at, and no more. Conditions with the same outcome share a clause.
extension ReportBuilder {
  /// - Returns: nil where nothing was concluded.
  /// - Throws: `ReportError.impossibleVerdict` for an outcome that is no answer to the question.
  func sentences(_ question: Verdict.Question) throws -> Prose? {
    let all = verdicts(question)
    guard !all.isEmpty else { return nil }
    var groups: [(outcome: Verdict.Outcome, verdicts: [Verdict])] = []
    for verdict in all {
      if let index = groups.firstIndex(where: { $0.outcome == verdict.outcome }) {
        groups[index].verdicts.append(verdict)
      } else {
        groups.append((verdict.outcome, [verdict]))
      }
    }
    switch question {
    case .crossEntropyChange: return try changes(groups, .crossEntropy, .all, "Cross-entropy", inPercent: true)
    case .fvuArticleChange: return try changes(groups, .fvuArticle, .all, "FVU in the article’s form", inPercent: false)
    case .fvuChange: return try changes(groups, .fvu, .all, "FVU in the textbook form", inPercent: false)
    case .fvuOrdinaryChange:
      return try changes(groups, .fvu, .ordinary, "The textbook FVU of ordinary tokens", inPercent: false)
    case .errorChange:
      return try changes(groups, .mse, .all, "The mean squared error of the reconstruction", inPercent: true)
    case .errorOrdinaryChange:
      return try changes(groups, .mse, .ordinary, "The mean squared error on ordinary tokens", inPercent: true)
    case .fvuStable: return try joined(groups, stability)
    case .noiseFloor: return try joined(groups, noiseFloorClause)
    case .agreesWithArticle: return try joined(groups, articleClause)
    }
  }

  /// Where the textbook FVU of ordinary tokens falls although the error on them rises: its denominator has grown.
  func grownVarianceSentence() -> Prose? {
    let conditions = compressed.map(\.name).filter {
      verdict(.fvuOrdinaryChange, $0)?.outcome == .decrease && verdict(.errorOrdinaryChange, $0)?.outcome == .increase
    }
    guard !conditions.isEmpty else { return nil }
    return """
      Under \(Prose.list(conditions.map { "\(strong: $0)" })), that FVU falls although the error rises, because the \
      variance that it divides by grows more, as it does when tokens that are ordinary under \(base) become massive \
      under compression: no better reconstruction.
      """
  }

  private typealias Group = (outcome: Verdict.Outcome, verdicts: [Verdict])

  /// One sentence per outcome.
  private func joined(_ groups: [Group], _ sentence: (Group) throws -> Prose) throws -> Prose {
    var result: Prose = ""
    for group in groups { result += (result.inlines.isEmpty ? "" : " ") + (try sentence(group)) }
    return result
  }

  // MARK: Changes against the baseline

  private func changes(
    _ groups: [Group], _ metric: Metric, _ stratum: Stratum, _ subject: String, inPercent: Bool
  ) throws -> Prose {
    let unit = metric.unit == "1" ? "" : " \(metric.unit)"
    var clauses: [Prose] = []
    for group in groups {
      switch group.outcome {
      case .increase, .decrease:
        let parts: [Prose] = try group.verdicts.map { verdict in
          let amount = try size(of: verdict, metric, stratum, inPercent: inPercent)
          return """
            under \(strong: verdict.condition) by \(amount) to \
            \(try numbers.value(metric, verdict.condition, stratum))
            """
        }
        clauses.append("\(group.outcome == .increase ? "rises" : "falls") \(Prose.list(parts))")
      case .inconclusive:
        let parts: [Prose] = try group.verdicts.map { verdict in
          let change =
            inPercent
            ? try numbers.percentWithInterval(metric, verdict.condition, stratum)
            : try numbers.changeWithInterval(metric, verdict.condition, stratum)
          return "\(strong: verdict.condition) (\(change ?? "no interval"))"
        }
        clauses.append("shows no change that can be told from zero under \(Prose.list(parts))")
      case .identical:
        clauses.append("is exactly the same under \(Prose.list(group.verdicts.map { "\(strong: $0.condition)" }))")
      default: throw impossible(group)
      }
    }
    let start: Prose = "\(subject), \(try numbers.value(metric, base, stratum))\(unit) under \(strong: base), "
    return start + clauses.dropFirst().reduce(clauses[0]) { $0 + "; it " + $1 } + "."
  }

  /// How much it rises or falls, as a positive amount with its interval.
  private func size(of verdict: Verdict, _ metric: Metric, _ stratum: Stratum, inPercent: Bool) throws -> Prose {
    let finding = try numbers.finding(metric, verdict.condition, stratum)
    guard let change = inPercent ? finding.percentChange : finding.change,
      var number = inPercent
        ? try numbers.percentChange(metric, verdict.condition, stratum)
        : try numbers.change(metric, verdict.condition, stratum)
    else { return "an amount that the run does not give" }
    let decimals = inPercent ? numbers.formats.percentDecimals(change) : numbers.formats.decimals(metric, stratum)
    let sign = inPercent ? "%" : ""
    number.text = try NumberText.fixed(change.value.magnitude, decimals: decimals) + sign
    guard let interval = change.interval else { return Prose(number) }
    let ends = verdict.outcome == .decrease ? (-interval.high, -interval.low) : (interval.low, interval.high)
    let low = try NumberText.fixed(ends.0, decimals: decimals)
    let high = try NumberText.fixed(ends.1, decimals: decimals)
    return "\(number) \(interval: "[\(low)\(sign), \(high)\(sign)]")"
  }

  // MARK: Validations

  private func stability(_ group: Group) throws -> Prose {
    let parts: [Prose] = try group.verdicts.map { verdict in
      let own = findings.snapshots.filter {
        $0.condition == verdict.condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
      }.sorted { $0.tokens < $1.tokens }
      guard let last = own.last, let before = own.dropLast().last else { return "\(strong: verdict.condition)" }
      return
        """
        \(strong: verdict.condition) (\(try snapshotNumber(before)) at \(count: before.tokens) tokens, \
        \(try snapshotNumber(last)) at \(count: last.tokens))
        """
    }
    let conditions = Prose.list(parts)
    return switch group.outcome {
    case .stable: "FVU in the article’s form has settled at the headline count under \(conditions)."
    case .unstable:
      """
      FVU in the article’s form has not settled at the headline count under \(conditions); more tokens may move \
      it further.
      """
    case .inconclusive:
      "Whether FVU in the article’s form has settled at the headline count cannot be said under \(conditions)."
    default: throw impossible(group)
    }
  }

  func snapshotNumber(_ snapshot: Snapshot) throws -> BoundNumber {
    let text = try numbers.formats.value(snapshot.estimate, snapshot.metric, snapshot.stratum)
    let interval = try numbers.formats.interval(snapshot.estimate, snapshot.metric, snapshot.stratum)
    let bounds = interval.map { "; \(numbers.level) interval \($0)" } ?? ""
    return BoundNumber(
      text: text, value: snapshot.estimate.value,
      id:
        "\(numbers.prefix)\(snapshot.metric.id)/\(snapshot.condition)/\(snapshot.stratum.rawValue)/first-\(snapshot.tokens)",
      detail:
        """
        \(snapshot.metric.name.typeset) (\(snapshot.metric.id)), \(snapshot.condition), \
        \(snapshot.stratum.title), first \(NumberText.integer(snapshot.tokens)) tokens: \(text)\(bounds)
        """
    )
  }

  private func noiseFloorClause(_ group: Group) throws -> Prose {
    let parts: [Prose] = try group.verdicts.map { verdict in
      let condition = verdict.condition
      var ratios: [Prose] = []
      for (metric, source) in [(Metric.noiseFloorArticle, "the article’s code"), (.noiseFloor, "its prose")]
      where numbers.has(metric, condition) {
        ratios.append("\(try numbers.valueWithInterval(metric, condition)) by \(source)")
      }
      if numbers.has(.movedFarther, condition) {
        let share = try numbers.value(.movedFarther, condition)
        let ratio: Prose = "ratio \(Prose.list(ratios, last: "or"))"
        return "\(strong: condition) (\(ratio); \(share) of the tokens are moved farther than the SAE misses them)"
      }
      return ratios.isEmpty ? "\(strong: condition)" : "\(strong: condition) (ratio \(Prose.list(ratios, last: "or")))"
    }
    let conditions = Prose.list(parts)
    return switch group.outcome {
    case .informative:
      """
      Under \(conditions), compression, summed over all tokens, moves the activations at least as far as the autoencoder’s own error \
      reaches: FVU could have shown a change of this size, so its test is informative.
      """
    case .interpretWithCare:
      """
      Under \(conditions), compression, summed over all tokens, does not clearly move the activations as far as the autoencoder’s own \
      error reaches: FVU can hide part of such a change, so read it with care.
      """
    case .uninformative:
      """
      Under \(conditions), compression, summed over all tokens, moves the activations by less than a tenth of the autoencoder’s own error: \
      an unchanged FVU says nothing here.
      """
    default: throw impossible(group)
    }
  }

  private func articleClause(_ group: Group) throws -> Prose {
    let parts: [Prose] = try group.verdicts.map { verdict in
      let change = try numbers.percentWithInterval(.crossEntropy, verdict.condition) ?? "change unknown"
      return "\(strong: verdict.condition) (\(change))"
    }
    let conditions = Prose.list(parts)
    return switch group.outcome {
    case .agrees:
      "The change of cross-entropy under \(conditions) agrees with what the article found for its larger models."
    case .larger: "Cross-entropy rises more under \(conditions) than the article found for its larger models."
    case .smaller: "Cross-entropy rises less under \(conditions) than the article found for its larger models."
    case .inconclusive:
      "Whether the change of cross-entropy under \(conditions) agrees with the article’s cannot be said."
    default: throw impossible(group)
    }
  }

  private func impossible(_ group: Group) -> ReportError {
    .impossibleVerdict(
      question: group.verdicts[0].question.rawValue, condition: group.verdicts[0].condition,
      outcome: group.outcome.rawValue)
  }
}
