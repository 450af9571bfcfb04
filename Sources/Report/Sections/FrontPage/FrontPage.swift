import Analysis
import Measures
import RunFile
import Words

/// What a reader of half a minute reads: the answer in one sentence, and a few findings.
struct FrontPage {
  let report: ReportBuilder

  static let mostWords = 120
  static let mostNumerals = 20
  static let mostFindings = 6
  /// Names give way to counts rather than that fewer results are told.
  private static let fewestResults = 2

  /// By the rule `front_page@2`.
  func text() throws -> (lead: Prose, findings: [Prose]) {
    var best: (lead: Prose, findings: [Prose])?
    // From the most names to none, and from three groups of conditions to one.
    for (groups, atMost) in [(3, 3), (3, 2), (2, 2), (3, 1), (2, 1), (1, 1), (2, 0), (1, 0)] {
      let lead = try self.lead(groups: groups, atMost: atMost)
      let all = try report.measured.flatMap { try $0.frontFindings(atMost: atMost) }
      var kept = [FrontFinding.Place.choice, .trust, .limits].compactMap { place in
        all.first { $0.place == place }?.sentence
      }
      let results = all.filter { ![.choice, .trust, .limits].contains($0.place) }
      // Of several models the choice may be too long to be told here.
      if !Self.fits([lead] + kept), all.contains(where: { $0.place == .choice }) { kept.removeFirst() }
      var ranked = results.enumerated()
        .sorted { $0.element.ranksBefore($1.element) || (!$1.element.ranksBefore($0.element) && $0.offset < $1.offset) }
        .map(\.element.sentence).prefix(Self.mostFindings - kept.count)
      while !ranked.isEmpty, !Self.fits([lead] + ranked + kept) { ranked.removeLast() }
      guard Self.fits([lead] + ranked + kept) else { continue }
      if ranked.count + kept.count > best?.findings.count ?? -1 { best = (lead, ranked + kept) }
      if ranked.count >= min(Self.fewestResults, results.count) { break }
    }
    return try best ?? (lead(groups: 1, atMost: 0), [])
  }

  static func fits(_ prose: [Prose]) -> Bool {
    prose.map(\.wordCount).reduce(0, +) <= mostWords && prose.map(\.numeralCount).reduce(0, +) <= mostNumerals
  }

  // MARK: The answer

  /// Both verdicts of a case: on predictions and on reconstruction.
  private struct Pair: Equatable {
    var predictions: Verdict.Outcome?
    var reconstruction: Verdict.Outcome?

    var concern: (Int, Int) { (predictions?.concern ?? -1, reconstruction?.concern ?? -1) }
  }

  /// "Under 4-bit nf4-dq, gemma-3-270m predicts text much worse (perplexity +32.8%) and its autoencoder …"
  private func lead(groups most: Int, atMost: Int) throws -> Prose {
    let cases = report.cases
    let groups = cases.all.grouped { one in
      Pair(
        predictions: cases.outcome(.crossEntropyChange, one), reconstruction: cases.outcome(.errorOrdinaryChange, one))
    }.filter { $0.key != Pair() }.sorted { $0.key.concern > $1.key.concern }
    guard !groups.isEmpty else { return try withoutVerdict() }
    var clauses: [Prose] = []
    for (pair, own) in groups.prefix(most) {
      clauses.append(try clause(pair, own, isFirst: clauses.isEmpty, groups.map(\.key), atMost: atMost))
    }
    let rest = groups.dropFirst(most).map(\.elements.count).reduce(0, +)
    if rest > 0 {
      clauses.append("\(CountWord.of(rest)) more \(rest == 1 ? "is" : "are") in \(report.reference(table: "results"))")
    }
    return clauses.prose(separator: "; ") + "."
  }

  private func clause(_ pair: Pair, _ own: [Case], isFirst: Bool, _ all: [Pair], atMost: Int) throws -> Prose {
    let names = report.cases.phrase(own, atMost: min(2, atMost))
    let name = own.count == 1 ? Self.bits(report.model(own[0])?.condition(own[0].condition)) + names : names
    let model = report.areSeveral ? "the model" : report.models[0].name
    let autoencoder =
      all.contains { $0.predictions != nil } ? "its sparse autoencoder" : "the sparse autoencoder of \(model)"
    var parts: [Prose] = []
    if let outcome = pair.predictions {
      let perplexity = try report.range(own) {
        try $0.numbers.has(.perplexity, $1) ? $0.numbers.changeAmount(.perplexity, $1, inPercent: true) : nil
      }
      let number: Prose = perplexity.map { "\(isFirst ? " (perplexity " : " (")\($0))" } ?? ""
      let start = isFirst ? "\(model) predicts text " : ""
      parts.append(
        outcome == .undecided
          ? "whether \(isFirst ? model : "it") predicts text worse is undecided\(number)"
          : "\(start)\(Self.adverb(outcome))\(number)")
    }
    if let outcome = pair.reconstruction {
      let error = try report.range(own) { try $0.numbers.changeAmount(.mse, $1, .ordinary, inPercent: true) }
      let number: Prose = error.map { "\(isFirst ? " (squared error " : " (")\($0))" } ?? ""
      let start = isFirst ? "\(autoencoder) reconstructs its states " : ""
      parts.append(
        outcome == .undecided
          ? "whether \(isFirst ? "\(autoencoder) reconstructs its states" : "the autoencoder does") worse is undecided\(number)"
          : "\(start)\(Self.adverb(outcome))\(number)")
    }
    let isMixed = !isFirst && pair.reconstruction == .undecided
    return "\(isFirst ? "Under" : "under") \(name), \(Prose.list(parts, last: isMixed ? ", and" : "and"))"
  }

  /// "4-bit ", where that is what the compressed weights have; nothing for files of others, which are named.
  private static func bits(_ condition: RunDescription.Condition?) -> String {
    guard let condition, condition.origin == .made else { return "" }
    let bits = condition.bitsPerCompressedParameter
    guard bits > 0, (bits - bits.rounded()).magnitude < 0.2 else { return "" }
    return "\(Int(bits.rounded()))-bit "
  }

  private static func adverb(_ outcome: Verdict.Outcome) -> String {
    switch outcome {
    case .largeRise: "much worse"
    case .smallRise: "a little worse"
    case .openRise: "worse, perhaps within the margin"
    case .openFall: "better, perhaps within the margin"
    case .negligible: "about as well"
    case .identical: "exactly as well"
    case .smallFall: "a little better"
    case .largeFall: "much better"
    default: "differently"
    }
  }

  private func withoutVerdict() throws -> Prose {
    guard report.compressed.isEmpty else { return "No test of this study was completed, so nothing can be concluded." }
    let alone = try report.models.filter(\.hasAccuracy).map { model -> Prose in
      """
      Cross-entropy is \(try model.numbers.value(.crossEntropy, model.base)) nats per token under \
      \(model.base)\(report.on([model])). No other condition was measured, so nothing is compared.
      """
    }
    return alone.isEmpty ? "No condition was compared with the baseline." : alone.prose(separator: " ")
  }
}
