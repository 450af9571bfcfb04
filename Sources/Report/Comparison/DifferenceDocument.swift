import Analysis
import Measures
import Words

extension Document {
  /// A comparison of two runs as a document in three layers: causes, metrics, presentation.
  ///
  /// - Parameters:
  ///   - a, b: of the compared runs, in any order; models are found by name.
  ///   - showsAll: every row, rather than what differs and the main metrics.
  ///   - presentation: what the two reports show and say differently; nil to leave this layer out.
  ///   - creator: "clearbox 1.0.0".
  /// - Throws: `NumberError` for a number that cannot be printed.
  public init(
    _ comparison: RunComparison, a: [Findings], b: [Findings], gates: GateResults?, showsAll: Bool,
    presentation: ComparedPresentation?, creator: String
  ) throws {
    let builder = DifferenceDocument(
      comparison: comparison, words: DifferenceWords(comparison, a: a, b: b), gates: gates, showsAll: showsAll)
    let headline = try builder.headline()
    let names = comparison.models.map(\.model)
    let isSame = !names.isEmpty && comparison.models.allSatisfy(\.isSameFile)
    let layers = isSame ? [] : [builder.causes(), try builder.metrics(), presentation?.section(comparison)]
    self.init(
      title: "Comparison of two runs",
      subtitle: names.isEmpty ? "A and B have no model in common" : names.joined(separator: ", "),
      dateline: "Compared with \(creator)", abstract: headline[0].plain,
      sections: ([try builder.result(headline)] + layers).compactMap(\.self).filter { !$0.blocks.isEmpty },
      facts: Document.facts(of: a + b))
  }
}

/// Builds the sections that a comparison of two runs has in every format.
struct DifferenceDocument {
  let comparison: RunComparison
  let words: DifferenceWords
  let gates: GateResults?
  let showsAll: Bool

  private var areSeveral: Bool { comparison.models.count > 1 }

  // MARK: Result

  /// The result in a few sentences, one at least.
  func headline() throws -> [Prose] {
    guard !comparison.models.isEmpty else { return ["Nothing to compare: A and B have no model in common."] }
    if comparison.isIdentical {
      let same = comparison.models.allSatisfy(\.isSameFile)
      let unit = comparison.models[0].samples.first?.unit.rawValue ?? "cluster"
      return [
        same
          ? "No difference: A and B are the same files, byte for byte."
          : "No difference: every number of A and B is the same, in every \(unit)."
      ]
    }
    guard comparison.isComparable else {
      let reason = comparison.differences.lazy.compactMap(\.reason).first
      return ["Not comparable: \(reason ?? "the runs have no metric and condition in common")."]
    }
    return [Prose(count())]
      + (try comparison.differences.filter { row in
        row.quantity == .value && row.stratum == .all && [Metric.crossEntropy, .fvu].contains(row.metric)
          && row.difference != nil && row.verdict != .identical
      }.map(sentence))
  }

  /// How many rows differ, before and after the correction.
  private func count() -> String {
    let judged = comparison.differences.filter { $0.pValue != nil && $0.sameHypothesisAs == nil }
    let before = judged.count { ($0.pValue ?? 1) <= 1 - comparison.options.level }
    let after = judged.filter(\.verdict.isDifferent)
    if judged.isEmpty { return "No number that can be compared differs." }
    if after.isEmpty {
      return
        "No difference is distinguishable from noise: none of \(judged.count) after Holm's correction, \(before) before."
    }
    let kinds = [MetricDifference.Verdict.worse, .better, .differs].compactMap { verdict -> String? in
      let count = after.count { $0.verdict == verdict }
      return count == 0
        ? nil : verdict == .differs ? "\(count) different without a better or worse" : "\(count) \(verdict.rawValue)"
    }
    return
      "\(after.count) of \(judged.count) differ after Holm's correction (\(before) before): \(kinds.joined(separator: ", "))."
  }

  private func sentence(_ row: MetricDifference) throws -> Prose {
    let place = (areSeveral ? "\(row.model), " : "") + row.conditions
    let relative = try words.relative(row)
    let share: Prose = relative.inlines.isEmpty ? "" : " (\(relative))"
    return
      "\(row.metric.name.typeset), \(place): \(try words.a(row)) → \(try words.b(row)), \(try words.difference(row))\(share): \(words.verdict(row))."
  }

  func result(_ headline: [Prose]) throws -> Section {
    var blocks: [Block] = [.paragraph(Prose([.strong(headline[0].plain)]))]
    if headline.count > 1 { blocks.append(.list(Array(headline.dropFirst()))) }
    blocks += ComparedRunsTable(comparison: comparison).blocks
    var remarks: [String] = []
    for (run, names) in [("A", comparison.modelsOnlyInA), ("B", comparison.modelsOnlyInB)] where !names.isEmpty {
      remarks.append("Models only in \(run): \(names.joined(separator: ", ")).")
    }
    for model in comparison.models {
      let place = areSeveral ? model.model + ": " : ""
      for (run, names) in [("A", model.conditionsOnlyInA), ("B", model.conditionsOnlyInB)] where !names.isEmpty {
        remarks.append(
          "\(place)Only in \(run): \(names.joined(separator: ", ")). --match pairs conditions whose names differ.")
      }
      remarks += model.notes.map { place + $0 }
    }
    if !remarks.isEmpty { blocks.append(.list(remarks.map { Prose($0) })) }
    if let gates { blocks += [.heading("Gates"), .list(try gates.judgements.map(judgement))] }
    return Section(.result, "Result", blocks)
  }

  private func judgement(_ judgement: Gate.Judgement) throws -> Prose {
    let (role, sign): (Inline.Role, String) =
      switch judgement.outcome {
      case .passed: (.better, "✓")
      case .failed: (.worse, "✗")
      case .notComparable: (.notable, "?")
      }
    var judged = judgement.judged.isEmpty ? "" : "; \(judgement.judged)"
    if let value = judgement.value, value.isFinite {
      let isProbability = judgement.judged.hasPrefix("adjusted p")
      let number = isProbability ? try DifferenceWords.probability(value) : try NumberText.signed(value, decimals: 6)
      let unit = judgement.unit == "%" ? "%" : judgement.unit.isEmpty ? "" : " " + judgement.unit
      judged = "; judged was \(number)\(unit) (\(judgement.judged))"
    }
    return
      "\(role, "\(sign) \(judgement.outcome.rawValue)"): \(code: judgement.gate), \(code: judgement.row)\(areSeveral ? " of \(judgement.model)" : "")\(judged)"
  }

  // MARK: Causes

  func causes() -> Section {
    Section(.causes, "1. Causes: how they were made", ofEachModel(causes))
  }

  private func causes(_ model: RunComparison.Model, _ key: String) -> [Block] {
    if model.isSameFile { return [.paragraph("The two files are the same, byte for byte.")] }
    if model.causes.isEmpty { return [.paragraph("Nothing that is recorded differs, but times and file names.")] }
    return [
      .table(
        TableBlock(
          key: "causes" + key, caption: "Only what differs; digests and long texts are shortened.",
          columns: [.init("kind"), .init("what"), .init("A"), .init("B")],
          rows: model.causes.map { [Prose($0.kind.rawValue), Prose($0.name), Self.cell($0.a), Self.cell($0.b)] },
          headingCount: 2))
    ]
  }

  private static func cell(_ value: String?) -> Prose {
    value.map { Prose([.code($0.shortened(toDigits: 12, characters: 100))]) } ?? "–"
  }

  // MARK: Metrics

  func metrics() throws -> Section {
    Section(.metrics, "2. Metrics: what came out", try ofEachModel(metrics))
  }

  private func metrics(_ model: RunComparison.Model, _ key: String) throws -> [Block] {
    if model.isSameFile { return [.paragraph("No number differs.")] }
    let comparable = model.differences.filter { $0.verdict != .notComparable }
    let isSame = !comparable.isEmpty && model.differences.allSatisfy { $0.verdict == .identical }
    let short = comparable.filter(isShort)
    let rest = comparable.filter { !isShort($0) }
    var blocks: [Block] = isSame ? [.paragraph("All \(count: comparable.count) rows are identical.")] : []
    if !short.isEmpty { blocks.append(try table("metrics" + key, "What differs, and the main metrics.", short)) }
    if !rest.isEmpty, showsAll {
      let title = isSame ? "The rows" : "The other rows (\(Self.counts(rest)))"
      blocks.append(.fold(Fold(title: title, blocks: [try table("more-metrics" + key, "Rows that say less.", rest)])))
    } else if !rest.isEmpty, !isSame {
      blocks.append(.paragraph("And \(Self.counts(rest)): --all shows every row."))
    }
    let others = model.differences.filter { $0.verdict == .notComparable }
    for (reason, rows) in others.grouped(by: { $0.reason ?? "no reason known" }) {
      let title = "Not comparable: \(reason) (\(rows.count) rows)"
      let names = rows.map { "\(words.name($0)) \($0.conditions)" }.joined(separator: ", ")
      blocks.append(showsAll ? .fold(Fold(title: title, blocks: [.paragraph(Prose(names))])) : .paragraph("\(title)."))
    }
    let method = method(model)
    return blocks + (method.isEmpty ? [] : [.list(method.map { Prose($0) })])
  }

  private func table(_ key: String, _ caption: Prose, _ rows: [MetricDifference]) throws -> Block {
    let numbers = ["A", "B", "B − A", "interval", "relative", "p (Holm)"].map { TableBlock.Column($0, .right) }
    return .table(
      TableBlock(
        key: key, caption: caption, columns: [.init("metric"), .init("condition"), .init("verdict")] + numbers,
        rows: try rows.map { row in
          [
            Prose([.code(words.name(row))]), Prose(row.conditions), words.markedVerdict(row), try words.a(row),
            try words.b(row),
            try words.difference(row), try words.interval(row), try words.relative(row), try words.probability(row),
          ]
        }, headingCount: 2, isWide: true))
  }

  /// Rows that a short account shows: what differs, and the main metrics; of the strata, all tokens and ordinary ones.
  private func isShort(_ row: MetricDifference) -> Bool {
    if row.verdict == .notComparable || row.verdict == .identical || row.sameHypothesisAs != nil { return false }
    guard [.all, .ordinary].contains(row.stratum) else { return false }
    if row.verdict.isDifferent { return true }
    return row.quantity == .value && row.stratum == .all
      && [Metric.crossEntropy, .kl, .top1Agreement, .fvu, .fvuArticle].contains(row.metric)
  }

  /// "41 within noise, 12 identical".
  private static func counts(_ rows: [MetricDifference]) -> String {
    MetricDifference.Verdict.allCases.compactMap { verdict in
      let count = rows.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }.joined(separator: ", ")
  }

  /// What was resampled, and how.
  private func method(_ model: RunComparison.Model) -> [String] {
    guard !model.samples.isEmpty else { return [] }
    func both(_ a: Int, _ b: Int) -> String { NumberText.integer(a) + (a == b ? "" : " and \(NumberText.integer(b))") }
    let options = comparison.options
    return model.samples.map { sample in
      let units = sample.unit == .document ? "documents" : "chunks"
      let how =
        sample.isPaired
        ? "the same tokens in both: paired, \(NumberText.integer(sample.clustersA)) \(units) resampled together"
        : "other tokens: unpaired, \(NumberText.integer(sample.clustersA)) and \(NumberText.integer(sample.clustersB)) \(units) resampled apart"
      let fewest = MetricDifference.fewestClusters
      let few =
        min(sample.clustersA, sample.clustersB) < fewest
        ? " With fewer than \(fewest) \(units), intervals are indicative only." : ""
      let left = [("A", sample.leftOutA), ("B", sample.leftOutB)].filter { $0.1 > 0 }
        .map { "\(NumberText.integer($0.1)) of \($0.0)" }
      let leftOut = left.isEmpty ? "" : " Left out: \(left.joined(separator: " and ")), which the other does not hold."
      let what =
        sample.experiments.joined(separator: ", ") + (sample.isOfReruns ? ", measured again" : "")
        + (sample.isOfBranches == true ? ", with branches" : "")
      return "\(what): \(both(sample.tokensA, sample.tokensB)) tokens, \(how).\(leftOut)\(few)"
    } + [
      """
      \(options.level.inPercent)% symmetric studentized bootstrap intervals, B = \(NumberText.integer(options.replicates)), \
      seed \(options.seed); p values corrected by Holm over \(comparison.familySize) hypotheses.
      """
    ]
  }

  /// The blocks of each model under its name, where there are several; `key` tells the models' tables apart.
  private func ofEachModel(_ blocks: (_ model: RunComparison.Model, _ key: String) throws -> [Block]) rethrows
    -> [Block]
  {
    try comparison.models.enumerated().flatMap { index, model in
      (areSeveral ? [.heading(model.model)] : []) + (try blocks(model, index == 0 ? "" : "-\(index + 1)"))
    }
  }
}
