import Analysis
import Plot

/// One sentence per verdict. Each says what its rule concluded, with the numbers that the rule looked at, and no more.
extension ReportBuilder {
  /// - Returns: nil where the run lacks what the rule needs.
  func sentence(_ verdict: Verdict) throws -> Prose? {
    guard verdict.outcome != .notMeasured else { return nil }
    switch verdict.question {
    case .crossEntropyChange:
      return try changeSentence(verdict, .crossEntropy, .all, subject: "cross-entropy", inPercent: true)
    case .fvuArticleChange:
      return try changeSentence(verdict, .fvuArticle, .all, subject: "FVU in the article’s form", inPercent: false)
    case .fvuChange:
      return try changeSentence(
        verdict, .fvu, .all, subject: "FVU in the textbook form", inPercent: false)
    case .fvuOrdinaryChange:
      return try changeSentence(
        verdict, .fvu, .ordinary, subject: "the textbook FVU of ordinary tokens", inPercent: false)
    case .fvuStable: return try stabilitySentence(verdict)
    case .noiseFloor: return try noiseFloorSentence(verdict)
    case .agreesWithArticle: return try articleSentence(verdict)
    }
  }

  private func changeSentence(
    _ verdict: Verdict, _ metric: Metric, _ stratum: Stratum, subject: String, inPercent: Bool
  ) throws -> Prose {
    let condition = verdict.condition
    let from = try numbers.value(metric, base, stratum)
    let to = try numbers.value(metric, condition, stratum)
    let unit = metric.unit == "1" ? "" : " \(metric.unit)"
    let amount: Prose
    if inPercent {
      amount = try numbers.percentWithInterval(metric, condition, stratum) ?? "an unknown amount"
    } else {
      amount = try numbers.changeWithInterval(metric, condition, stratum) ?? "an unknown amount"
    }
    switch verdict.outcome {
    case .increase:
      return "Under \(strong: condition), \(subject) rises by \(amount), from \(from) to \(to)\(unit)."
    case .decrease:
      return "Under \(strong: condition), \(subject) falls: \(amount), from \(from) to \(to)\(unit)."
    case .inconclusive:
      return
        "Under \(strong: condition), the change of \(subject), \(amount), cannot be told from zero at this sample size (\(from) and \(to)\(unit))."
    case .identical:
      return
        "Under \(strong: condition), \(subject) is exactly that of \(base), \(from)\(unit): every paired difference is zero."
    default: throw impossible(verdict)
    }
  }

  private func stabilitySentence(_ verdict: Verdict) throws -> Prose {
    let own = findings.snapshots.filter {
      $0.condition == verdict.condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
    }.sorted { $0.tokens < $1.tokens }
    var evidence: Prose = ""
    if own.count >= 2 {
      let last = own[own.count - 1]
      let before = own[own.count - 2]
      evidence =
        " (\(try snapshotNumber(before)) at \(count: before.tokens) tokens, \(try snapshotNumber(last)) at \(count: last.tokens))"
    }
    switch verdict.outcome {
    case .stable:
      return "Under \(strong: verdict.condition), the article’s FVU has settled at the headline count\(evidence)."
    case .unstable:
      return
        "Under \(strong: verdict.condition), the article’s FVU has not settled at the headline count\(evidence); more tokens may move it further."
    case .inconclusive:
      return
        "Under \(strong: verdict.condition), it cannot be said whether the article’s FVU has settled at the headline count\(evidence)."
    default: throw impossible(verdict)
    }
  }

  func snapshotNumber(_ snapshot: Snapshot) throws -> BoundNumber {
    let text = try numbers.formats.value(snapshot.estimate, snapshot.metric, snapshot.stratum)
    let interval = try numbers.formats.interval(snapshot.estimate, snapshot.metric, snapshot.stratum)
    let bounds = interval.map { "; \(numbers.level) interval \($0)" } ?? ""
    return BoundNumber(
      text: text, value: snapshot.estimate.value,
      id: "\(numbers.prefix)\(snapshot.metric.id)/\(snapshot.condition)/\(snapshot.stratum.rawValue)/first-\(snapshot.tokens)",
      detail:
        "\(snapshot.metric.name) (\(snapshot.metric.id)), \(snapshot.condition), \(snapshot.stratum.title), first \(NumberText.integer(snapshot.tokens)) tokens: \(text)\(bounds)")
  }

  private func noiseFloorSentence(_ verdict: Verdict) throws -> Prose {
    let condition = verdict.condition
    var ratios: [Prose] = []
    if numbers.has(.noiseFloorArticle, condition) {
      ratios.append("\(try numbers.valueWithInterval(.noiseFloorArticle, condition)) by the article’s code")
    }
    if numbers.has(.noiseFloor, condition) {
      ratios.append("\(try numbers.valueWithInterval(.noiseFloor, condition)) by its prose")
    }
    let ratio: Prose = ratios.isEmpty ? "the ratio" : Prose.list(ratios)
    switch verdict.outcome {
    case .informative:
      return
        "Under \(strong: condition), compression moves the activations at least as far as the autoencoder’s own error reaches (\(ratio)): the FVU test is informative, because a change of this size could have shown in it."
    case .interpretWithCare:
      return
        "Under \(strong: condition), compression moves the activations less far than the autoencoder’s own error reaches, or not clearly farther (\(ratio)): FVU can hide part of such a change, so read it with care."
    case .uninformative:
      return
        "Under \(strong: condition), compression moves the activations by less than a tenth of the autoencoder’s own error (\(ratio)): an unchanged FVU says nothing here."
    default: throw impossible(verdict)
    }
  }

  private func articleSentence(_ verdict: Verdict) throws -> Prose {
    let change = try numbers.percentWithInterval(.crossEntropy, verdict.condition) ?? "its change"
    switch verdict.outcome {
    case .agrees:
      return
        "Under \(strong: verdict.condition), the change of cross-entropy (\(change)) agrees with what the article found for its larger models."
    case .larger:
      return
        "Under \(strong: verdict.condition), cross-entropy suffers more (\(change)) than the article found for its larger models."
    case .smaller:
      return
        "Under \(strong: verdict.condition), cross-entropy suffers less (\(change)) than the article found for its larger models."
    case .inconclusive:
      return
        "Under \(strong: verdict.condition), it cannot be said whether the change of cross-entropy (\(change)) agrees with the article’s."
    default: throw impossible(verdict)
    }
  }

  private func impossible(_ verdict: Verdict) -> ReportError {
    .impossibleVerdict(
      question: verdict.question.rawValue, condition: verdict.condition, outcome: verdict.outcome.rawValue)
  }

  /// The sentences on a question, one per condition, as one paragraph; nil where nothing was concluded.
  func sentences(_ question: Verdict.Question) throws -> Prose? {
    let all = try verdicts(question).compactMap { try sentence($0) }
    guard var result = all.first else { return nil }
    for sentence in all.dropFirst() { result += Prose(" ") + sentence }
    return result
  }
}
