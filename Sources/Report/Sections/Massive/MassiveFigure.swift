import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let massive = StudyFigure("massive", draw: MassiveFigure.draw)
}

/// Massive tokens: the norm under each condition against that under its reference.
enum MassiveFigure {
  /// Of the tokens of a kind, at most so many of a condition are drawn: the others lie among them.
  private static let mostDrawn = 80
  private static let styles: [MassiveTokens.Kind: MarkStyle] = [
    .kept: MarkStyle(.axis, .circle, isHollow: true), .gained: MarkStyle(.series2, .triangle),
    .lost: MarkStyle(.series1, .triangleDown),
  ]

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { $0.findings.massiveTokens.contains { !$0.tokens.isEmpty } }
    guard !models.isEmpty else {
      return .absent(
        reason: "The run has no massive tokens by condition, so there is no figure of those that are gained or lost.")
    }
    let shown = models.map { model in
      (model: model, conditions: model.findings.massiveTokens.filter { !$0.tokens.isEmpty }.map(thinned))
    }
    let norms = shown.flatMap { $0.conditions.flatMap { $0.tokens.flatMap { [$0.norm, $0.referenceNorm] } } }
    let panels = shown.flatMap { model, conditions in
      conditions.map { panel(model, $0, title: models.title(model, $0.condition), including: norms) }
    }
    let isThinned = models.contains { model in
      model.findings.massiveTokens.contains { condition in
        MassiveTokens.Kind.allCases.contains { kind in condition.tokens.count { $0.kind == kind } > mostDrawn }
      }
    }
    return .figure(
      Figure(
        key: StudyFigure.massive.key, title: title(models),
        caption: """
          Norm of the residual stream of tokens that are massive under a condition or under the baseline, on either side of \
          the dashed threshold.\(isThinned ? " At most \(NumberText.integer(mostDrawn)) of a kind are drawn." : "") \
          \(try models.sample()).
          """,
        altText: "Scatter plots of norm against norm on logarithmic axes. \(try models.told(sentence)).",
        table: try models.table(
          words: ["condition", "token"], numbers: ["id", "norm", "norm under the reference"]
        ) { model in
          try shown.first { $0.model.name == model.name }?.conditions.flatMap(rows) ?? []
        },
        content: .panels(
          panels, columns: 2,
          key: MassiveTokens.Kind.allCases.map { DirectLabel($0.title, at: 0, styles[$0] ?? .baseline) })))
  }

  private static func title(_ models: [StudyModel]) -> String {
    let switches = models.contains { model in
      model.findings.massiveTokens.contains { $0.tokens.contains { $0.kind != .kept } }
    }
    return switches
      ? "Compression switches massive tokens on and off" : "Massive tokens stay massive, and no others become so"
  }

  private static func kept(_ condition: MassiveTokens) -> [MassiveTokens.Token] {
    condition.tokens.filter { $0.kind == .kept }
  }

  /// Tokens of each kind evenly by their norm; those gained and lost lie on top.
  private static func thinned(_ condition: MassiveTokens) -> MassiveTokens {
    let kinds: [MassiveTokens.Kind] = [.kept, .gained, .lost]
    let tokens = kinds.flatMap { kind -> [MassiveTokens.Token] in
      let all = condition.tokens.filter { $0.kind == kind }.sorted { $0.referenceNorm < $1.referenceNorm }
      let count = min(all.count, mostDrawn)
      return (0..<count).map { all[count == all.count ? $0 : $0 * (all.count - 1) / (count - 1)] }
    }
    return MassiveTokens(condition: condition.condition, tokens: tokens)
  }

  private static func panel(
    _ model: StudyModel, _ condition: MassiveTokens, title: String?, including: [Double]
  ) -> Panel {
    let reference = model.findings.reference(of: condition.condition)?.name ?? "the baseline"
    var marks: [Mark] = []
    if let norm = model.findings.description.strata.massiveNorm {
      let rule = MarkStyle(.reference, dash: [3, 2])
      marks = [
        Mark(.verticalRule(norm), rule, series: "massive"), Mark(.horizontalRule(norm), rule, series: "massive"),
      ]
    }
    for kind in MassiveTokens.Kind.allCases {
      let own = condition.tokens.filter { $0.kind == kind }
      guard !own.isEmpty else { continue }
      let data = own.map { Datum($0.referenceNorm, $0.norm) }
      marks.append(Mark(.points(data), styles[kind] ?? .baseline, series: kind.title))
    }
    return Panel(
      title: title, x: Axis("Norm under \(reference)", unit: "log scale", .logarithmic, including: including),
      y: Axis("Norm under \(condition.condition)", unit: "log scale", .logarithmic, including: including), marks: marks,
      height: 190)
  }

  private static func rows(_ condition: MassiveTokens) throws -> [[DataTable.Cell]] {
    try condition.tokens.map { token in
      [.text(condition.condition), .text(token.kind.title), .count(token.id)]
        + (try [token.norm, token.referenceNorm].map { .number($0, shown: try NumberText.significant($0, digits: 4)) })
    }
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try model.findings.massiveTokens.map { condition -> Prose in
      let parts: [Prose] = try [(Metric.massiveGained, "gained"), (.massiveLost, "lost")].compactMap { metric, word in
        model.numbers.has(metric, condition.condition)
          ? "\(try model.numbers.value(metric, condition.condition)) \(word)" : nil
      }
      return "\(condition.condition): \(count: kept(condition).count) massive under both, \(Prose.list(parts))"
    }.prose(separator: "; ")
  }
}

extension MassiveTokens.Kind {
  var title: String { self == .kept ? "massive under both" : rawValue }
}
