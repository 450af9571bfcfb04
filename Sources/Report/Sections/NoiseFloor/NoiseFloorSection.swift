import Analysis
import Measures
import Words

/// Whether FVU could have shown what compression moves.
struct NoiseFloorSection: ReportSection {
  static let key: Section.Key = "noiseFloor"
  static let title = "Noise floor"
  static let figures: [StudyFigure] = [.noiseFloor]
  static let measure: Measure? = .noiseFloor
  static let isInShort = true
  let report: ReportBuilder

  var isMeasured: Bool { hasNoiseFloor }

  func blocks() throws -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        """
        A summary that leaves out more than was edited cannot show the edit. The noise-floor test divides how far compression \
        moves the residual stream by how far the SAE’s reconstruction is from it: below 1, an unchanged FVU proves little.
        """
      )
    ]
    blocks += try self.blocks(.noiseFloor, .noiseFloor)
    let metrics: [Metric] = [
      .perturbation, .noiseFloorArticle, .noiseFloor, .noiseFloorExcess, .noiseRatioMedian, .movedFarther,
    ]
    let groups = try Stratum.allCases.map { stratum in
      let own = try rows(
        compressed, measured: { model, name in metrics.contains { model.numbers.has($0, name, stratum) } }
      ) { model, name in
        try metrics.map {
          model.numbers.has($0, name, stratum) ? try model.numbers.valueWithInterval($0, name, stratum) : "–"
        }
      }
      return (title: stratum.title.capitalizedFirst, rows: own)
    }
    blocks.append(
      .fold(
        Fold(
          title: "Noise floor in numbers",
          blocks: [
            table(
              "noise-floor", caption: "Noise floor by tokens\(areSeveral ? ", model" : "") and condition.",
              groups: groups,
              columns: conditionColumns + [
                .init("Perturbation", .right), .init("Ratio, article’s code", .right),
                .init("Ratio, article’s prose", .right), .init("Beyond rounding", .right),
                .init("Median of tokens", .right), .init("Tokens moved farther", .right),
              ],
              remarks:
                """
                Perturbation: relative L2 distance of the activations from those of \(base). The article’s code divides \
                it by the SAE’s residual on the compressed activations, its prose by that on \(base). Beyond rounding: the \
                first ratio without what another order of summation alone moves. Moved farther: share of \
                tokens that compression moves farther than the SAE misses them. The ratios compare lengths, FVU squares. In \
                brackets: \(level) intervals.
                """
            )
          ]))
    )
    return blocks
  }

  func sentence(_ clause: VerdictClause) throws -> Prose? {
    let parts: [Prose] = try clause.entries.enumerated().map { index, entry in
      let condition = entry.condition
      var ratios: [Prose] = []
      let hasExcess = entry.models.contains { $0.numbers.has(.noiseFloorExcess, condition) }
      for (metric, source) in hasExcess ? [(Metric.noiseFloorExcess, "beyond rounding")] : [(.noiseFloorArticle, "")] {
        let ratio =
          entry.models.count == 1
          ? try entry.models.first.flatMap {
            $0.numbers.has(metric, condition) ? try $0.numbers.valueWithInterval(metric, condition) : nil
          }
          : try range(entry.models) { try $0.numbers.amount(metric, condition) }
        if let ratio { ratios.append(hasExcess ? "\(ratio) \(source)" : ratio) }
      }
      let told: Prose = ratios.isEmpty ? "" : "ratio \(ratios.dropFirst().reduce(ratios[0]) { $0 + ", " + $1 })"
      if let share = try range(entry.models, { try $0.numbers.amount(.movedFarther, condition) }) {
        let before: Prose = ratios.isEmpty ? "" : told + "; "
        let what = index == 0 ? " of tokens shift by more than the SAE misses" : " of tokens"
        return "\(strong: condition) (\(before)\(share)\(what))"
      }
      return ratios.isEmpty ? "\(strong: condition)" : "\(strong: condition) (\(told))"
    }
    let conditions = Prose.list(parts) + on(clause.models)
    return switch clause.outcome {
    case .informative:
      """
      Summed over all tokens, compression’s shift is at least as large as the SAE’s own error under \(conditions): the \
      article’s test calls FVU informative.\(try carriedByFew(clause))
      """
    case .interpretWithCare:
      """
      That compression’s shift, summed over all tokens, is as large as the SAE’s own error is not shown under \
      \(conditions): read FVU with care.
      """
    case .uninformative:
      """
      Summed over all tokens, compression’s shift is less than a tenth of the SAE’s own error under \(conditions): an unchanged FVU says nothing here.
      """
    default: throw clause.impossible
    }
  }

  /// Conditions under which the sum says more than the tokens: most of them are not moved as far as the SAE misses them.
  private func carriedByFew(_ clause: VerdictClause) throws -> Prose {
    let cells = try clause.entries.flatMap { entry in
      try entry.models.filter { try ($0.numbers.amount(.movedFarther, entry.condition)?.number.value ?? 1) < 0.5 }
        .map { (condition: entry.condition, model: $0) }
    }
    return told(cells) {
      """
       Under \($0) a minority of tokens carries that sum; most are moved less far than the SAE misses them, and \
      for those FVU is uninformative.
      """
    } ?? ""
  }

  // MARK: What it gives to others

  func aspect() -> Prose? { ReconstructionSection.aspect }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    let cases = report.cases
    func phrase(_ outcome: Verdict.Outcome) -> Prose? {
      let own = cases.all.filter { cases.outcome(.noiseFloor, $0) == outcome }
      return own.isEmpty ? nil : Prose.list(cases.pieces(own, atMost: atMost).map(\.name))
    }
    let why: Prose = atMost > 1 ? ": summed over tokens, the shift exceeds the autoencoder’s own error" : ""
    let parts: [Prose] = [
      phrase(.informative).map { "can show such changes under \($0)\(why)" },
      phrase(.uninformative).map { "is blind to it under \($0)" },
      phrase(.interpretWithCare).map { "is to be read with care under \($0)" },
    ].compactMap(\.self)
    guard !parts.isEmpty else { return [] }
    let drifting = cases.all.filter { cases.outcome(.fvuChangeStable, $0) == .unstable }
    let drift: Prose =
      drifting.isEmpty
      ? "" : "; its change still drifts under \(Prose.list(cases.pieces(drifting, atMost: atMost).map(\.name)))"
    return [FrontFinding(place: .trust, sentence: "FVU \(parts.prose(separator: "; it "))\(drift).")]
  }

  func tests() -> [TestKind: [TestRow]] {
    let denominator =
      models.contains { $0.numbers.has(.noiseFloor) } ? "with both denominators" : "the article’s code’s"
    let metric: Prose = "Perturbation of the activations ÷ SAE reconstruction residual, \(denominator)"
    return [.validation: [("Noise floor", metric, \.hasNoiseFloor)]]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    func metric(_ model: ReportModel, _ condition: String) -> Metric? {
      [Metric.noiseFloorExcess, .noiseFloorArticle].first { model.numbers.has($0, condition) }
    }
    let row = ResultRow(
      measure: models.contains { $0.numbers.has(.noiseFloorExcess) }
        ? "Noise-floor ratio beyond rounding" : "Noise-floor ratio",
      cell: { model, condition in
        try metric(model, condition).map { try model.numbers.valueWithInterval($0, condition) }
      },
      order: { model, condition in
        metric(model, condition).flatMap { model.findings.finding($0, condition: condition)?.estimate.value }
      },
      meaning: { model in
        meaning(.noiseFloor, model, start: "FVU ") { outcome in
          switch outcome {
          case .informative: "can show the change"
          case .interpretWithCare: "is to be read with care"
          case .uninformative: "is blind to the change"
          default: nil
          }
        }
      })
    return [.validation: [row]]
  }

  func caution(_ condition: String, _ model: ReportModel) -> Prose? {
    switch model.outcome(.noiseFloor, condition) {
    case .uninformative?: "the noise-floor test says that FVU could not have shown a change of this size"
    case .interpretWithCare?: "the noise-floor test asks for care in reading the FVU"
    default: nil
    }
  }

  func implications() throws -> [Audience: [Prose]] {
    let blind = told(cells { $0.outcome(.noiseFloor, $1) == .uninformative }) {
      """
      Under \($0), compression moves the activations by far less than the autoencoder misses: an unchanged \
      FVU is no evidence there.
      """
    }
    return [.readers: [blind].compactMap(\.self)]
  }

  func limitations() throws -> [Concern: [Prose]] {
    [
      .measure: [
        """
        The noise-floor ratio compares sums over tokens, which a few that move far can carry.
        """
      ]
    ]
  }

  func glossary() -> [String: Prose] {
    [
      "noise-floor ratio":
        """
      How far compression moves the residual stream, divided by how far the SAE’s reconstruction is from it, each \
      relative to the length of the stream it is measured on.
      """
    ]
  }

  func headline(_ model: ReportModel) throws -> String? {
    let numbers = model.numbers
    let floors = try model.compressed.compactMap { condition -> String? in
      guard let outcome = model.outcome(.noiseFloor, condition.name) else { return nil }
      let metric = numbers.has(.noiseFloorArticle, condition.name) ? Metric.noiseFloorArticle : .noiseFloor
      guard numbers.has(metric, condition.name) else { return nil }
      return "\(condition.name) \(try numbers.value(metric, condition.name).text) (\(Self.word(outcome)))"
    }
    return floors.isEmpty
      ? "Noise floor: not measured."
      : "Noise floor, perturbation ÷ SAE residual: \(floors.joined(separator: "; "))."
  }

  private static func word(_ outcome: Verdict.Outcome) -> String {
    switch outcome {
    case .informative: "informative"
    case .interpretWithCare: "read with care"
    case .uninformative: "uninformative"
    default: outcome.rawValue
    }
  }
}
