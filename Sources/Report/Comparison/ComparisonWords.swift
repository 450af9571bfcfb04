import Analysis
import Foundation
import Words

/// What a comparison says in words and numbers, the same in every format.
struct ComparisonWords {
  let comparison: RunComparison

  // MARK: Headline

  /// The result in a few sentences.
  func headline() throws -> [String] {
    guard !comparison.models.isEmpty else { return ["Nothing to compare: A and B have no model in common."] }
    if comparison.isIdentical {
      let same = comparison.models.allSatisfy(\.isSameFile)
      return [
        same
          ? "No difference: A and B are the same files, byte for byte."
          : "No difference: every number of A and B is the same, in every \(comparison.models[0].samples.first?.unit.rawValue ?? "cluster")."
      ]
    }
    guard comparison.isComparable else {
      let reasons = comparison.differences.compactMap(\.reason)
      return ["Not comparable: \(reasons.first ?? "the runs have no metric and condition in common")."]
    }
    let judged = comparison.differences.filter { $0.pValue != nil && $0.sameHypothesisAs == nil }
    let before = judged.count { ($0.pValue ?? 1) <= 1 - comparison.options.level }
    let after = judged.filter(\.verdict.isDifferent)
    var lines: [String] = []
    if judged.isEmpty {
      lines.append("No number that can be compared differs.")
    } else if after.isEmpty {
      lines.append("No difference is distinguishable from noise: none of \(judged.count) after Holm's correction, \(before) before.")
    } else {
      let kinds = [MetricDifference.Verdict.worse, .better, .differs].compactMap { verdict -> String? in
        let count = after.count { $0.verdict == verdict }
        return count == 0 ? nil : verdict == .differs ? "\(count) different without a better or worse" : "\(count) \(verdict.rawValue)"
      }
      lines.append(
        "\(after.count) of \(judged.count) differ after Holm's correction (\(before) before): \(kinds.joined(separator: ", ")).")
    }
    for row in comparison.differences where row.quantity == .value && row.stratum == .all && isHeadline(row) {
      lines.append(try sentence(row))
    }
    return lines
  }

  private func isHeadline(_ row: MetricDifference) -> Bool {
    [Metric.crossEntropy.id, Metric.fvu.id].contains(row.metric.id) && row.difference != nil && row.verdict != .identical
  }

  private func sentence(_ row: MetricDifference) throws -> String {
    let numbers = try numbers(row)
    let place = (comparison.models.count > 1 ? "\(row.model), " : "") + condition(row)
    let relative = numbers.relative.isEmpty ? "" : " (\(numbers.relative))"
    return "\(row.metric.name), \(place): \(numbers.a) → \(numbers.b), \(numbers.difference)\(relative): \(verdict(row))."
  }

  /// What was resampled, and how.
  func method(_ model: RunComparison.Model) -> [String] {
    let options = comparison.options
    return model.samples.map { sample in
      let units = sample.unit == .document ? "documents" : "chunks"
      let tokens =
        sample.tokensA == sample.tokensB
        ? "\(NumberText.integer(sample.tokensA)) tokens" : "\(NumberText.integer(sample.tokensA)) and \(NumberText.integer(sample.tokensB)) tokens"
      let how =
        sample.isPaired
        ? "the same tokens in both: paired, \(NumberText.integer(sample.clustersA)) \(units) resampled together"
        : "other tokens: unpaired, \(NumberText.integer(sample.clustersA)) and \(NumberText.integer(sample.clustersB)) \(units) resampled apart"
      let few =
        min(sample.clustersA, sample.clustersB) < MetricDifference.fewestClusters
        ? " With fewer than \(MetricDifference.fewestClusters) \(units), intervals are indicative only." : ""
      return "\(sample.experiments.joined(separator: ", ")): \(tokens), \(how).\(few)"
    } + (model.samples.isEmpty
      ? []
      : [
        "\(percent(options.level))% symmetric studentized bootstrap intervals, B = \(NumberText.integer(options.replicates)), seed \(options.seed); p values corrected by Holm over \(comparison.familySize) hypotheses."
      ])
  }

  private func percent(_ level: Double) -> String {
    let text = String(level * 100)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  // MARK: Rows

  struct Numbers {
    var a = "", b = "", difference = "", interval = "", relative = "", p = ""
  }

  func numbers(_ row: MetricDifference) throws -> Numbers {
    let isPercent = row.quantity == .percentChange
    let sign = isPercent ? "%" : ""
    let width = row.interval.flatMap { NumberText.decimals(forHalfWidth: ($0.high - $0.low) / 2) }
    func plain(_ value: Double?) throws -> String {
      guard let value else { return "–" }
      if let width { return try NumberText.fixed(value, decimals: max(2, width)) + sign }
      return try NumberText.significant(value, digits: 4) + sign
    }
    var numbers = Numbers(a: try plain(row.a), b: try plain(row.b))
    guard let difference = row.difference else { return numbers }
    if row.verdict == .identical {
      numbers.difference = "0"
      return numbers
    }
    let digits = max(2, width ?? 4)
    numbers.difference = try NumberText.signed(difference, decimals: digits)
    if let interval = row.interval {
      numbers.interval = "[\(try NumberText.signed(interval.low, decimals: digits)), \(try NumberText.signed(interval.high, decimals: digits))]"
    }
    if let relative = row.relative {
      let half = row.relativeInterval.map { ($0.high - $0.low) / 2 }
      let digits = min(4, max(1, half.flatMap { NumberText.decimals(forHalfWidth: $0) } ?? 2))
      numbers.relative = try NumberText.signed(relative, decimals: digits) + "%"
    } else if isPercent {
      numbers.relative = "points"
    }
    if let p = row.adjustedPValue { numbers.p = try Self.probability(p) }
    return numbers
  }

  static func probability(_ p: Double) throws -> String {
    p < 0.0001 ? "<0.0001" : try NumberText.fixed(p, decimals: p < 0.01 ? 4 : 3)
  }

  /// As a gate names it: `fvu/ordinary`, `cross_entropy/change`.
  func name(_ row: MetricDifference) -> String {
    row.metric.shortName + (row.stratum == .all ? "" : "/\(row.stratum.rawValue)") + (row.quantity == .value ? "" : "/change")
  }

  func condition(_ row: MetricDifference) -> String {
    row.conditionA == row.conditionB ? row.conditionA : "\(row.conditionA) = \(row.conditionB)"
  }

  /// The verdict with what qualifies it.
  func verdict(_ row: MetricDifference) -> String {
    var text = row.verdict.rawValue
    if row.verdict.isDifferent, row.isInsideMargin == true { text += ", within the margin" }
    if row.verdict == .withinNoise, let p = row.pValue, p <= 1 - comparison.options.level { text += " (not before correction)" }
    if row.isIndicative { text += ", indicative" }
    return text
  }

  /// Rows that a short account shows: what differs, and the main metrics; of the strata, all tokens and ordinary ones.
  func isShort(_ row: MetricDifference) -> Bool {
    if row.verdict == .notComparable || row.verdict == .identical || row.sameHypothesisAs != nil { return false }
    guard [.all, .ordinary].contains(row.stratum) else { return false }
    if row.verdict.isDifferent { return true }
    return row.quantity == .value && row.stratum == .all
      && [Metric.crossEntropy, .kl, .top1Agreement, .fvu, .fvuArticle].contains { $0.id == row.metric.id }
  }

  /// Rows that are not comparable, by their reason, in order.
  func notComparable(_ model: RunComparison.Model) -> [(reason: String, rows: [MetricDifference])] {
    var groups: [(reason: String, rows: [MetricDifference])] = []
    for row in model.differences where row.verdict == .notComparable {
      let reason = row.reason ?? "no reason known"
      if let index = groups.firstIndex(where: { $0.reason == reason }) {
        groups[index].rows.append(row)
      } else {
        groups.append((reason, [row]))
      }
    }
    return groups
  }

  /// "41 within noise, 12 identical": the rows that are not shown.
  func counts(_ rows: [MetricDifference]) -> String {
    MetricDifference.Verdict.allCases.compactMap { verdict in
      let count = rows.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }.joined(separator: ", ")
  }

  /// What one has and the other lacks, in sentences.
  func onlyInOne(_ model: RunComparison.Model) -> [String] {
    [("A", model.conditionsOnlyInA), ("B", model.conditionsOnlyInB)].compactMap { run, names in
      names.isEmpty ? nil : "Only in \(run): \(names.joined(separator: ", ")). --match pairs conditions whose names differ."
    }
  }

  // MARK: Causes

  /// One line of text: hashes and long texts shortened.
  func text(of value: String?) -> String {
    guard let value else { return "–" }
    if value.count == 64, value.allSatisfy(\.isHexDigit) { return String(value.prefix(12)) + "…" }
    let line = value.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    return line.count > 100 ? String(line.prefix(99)) + "…" : line
  }

  // MARK: Gates

  func text(of judgement: Gate.Judgement) throws -> String {
    let model = comparison.models.count > 1 ? " of \(judgement.model)" : ""
    var text = "\(judgement.gate): \(judgement.row)\(model): \(judgement.outcome.rawValue)"
    if let value = judgement.value, value.isFinite {
      let number = judgement.judged.hasPrefix("adjusted p") ? try Self.probability(value) : try NumberText.signed(value, decimals: 6)
      text += "; judged was \(number)\(judgement.unit == "%" ? "%" : judgement.unit.isEmpty ? "" : " " + judgement.unit) (\(judgement.judged))"
    } else if !judgement.judged.isEmpty {
      text += "; \(judgement.judged)"
    }
    return text
  }
}
