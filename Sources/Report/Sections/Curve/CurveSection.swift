import Analysis
import Measures
import Words

/// What bits buy: measures by size, and the smallest condition within each declared margin.
struct CurveSection: ReportSection {
  static let key: Section.Key = "curve"
  static let title = "What bits buy"
  static let figures: [StudyFigure] = [.curve]
  let report: ReportBuilder
  /// Sizes of a cell of the table; more are counted.
  private static let mostNamed = 4

  var isMeasured: Bool { models.contains { CompressionCurve($0.findings) != nil } }

  func blocks() throws -> [Block] {
    var blocks: [Block] = []
    if let said = try eachTogether(choice) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.curve) { blocks.append(figure) }
    if let table = try choiceTable() { blocks.append(table) }
    return blocks
  }

  /// "Of 9 sizes, the smallest within 0.50% of bf16’s cross-entropy is rtn6-g128 at 6.13 bits per compressed weight."
  private func choice(_ model: ReportModel) throws -> Prose? {
    guard let curve = CompressionCurve(model.findings) else { return nil }
    let choices = curve.choices(model.findings).filter { $0.metric == .crossEntropy || $0.metric == .mse }
    let parts = try choices.enumerated().map { place, choice -> Prose in
      let within: Prose = "within \(try report.margin(choice.metric)) of \(model.base)’s \(Self.words(choice))"
      guard let smallest = choice.smallest else { return "none can be named \(within)\(open(choice))" }
      let name = smallest.condition.name
      let bits = try model.numbers.number(.size(.linear(name)))
      let at: Prose = bits.map { place == 0 ? " at \($0) bits per compressed weight" : " at \($0)" } ?? ""
      return
        "\(place == 0 ? "the smallest \(within) is" : "\(within) it is" as Prose) \(strong: name)\(at)\(open(choice))"
    }
    guard !parts.isEmpty else { return nil }
    return "Of \(count: curve.points.count) sizes\(report.on([model])), \(parts.prose(separator: "; "))."
  }

  private func open(_ choice: CompressionCurve.Choice) -> Prose {
    choice.open.isEmpty
      ? "" : " (undecided: \(Prose.list(choice.open.suffix(2).map { Prose($0.condition.name) })))"
  }

  private static func words(_ choice: CompressionCurve.Choice) -> String {
    switch choice.metric {
    case .crossEntropy: "cross-entropy"
    case .mse: "SAE error on ordinary tokens"
    case .fvu: "FVU of ordinary tokens"
    case .disagreementExcess: "top predictions, beyond rounding"
    case .featuresChangedExcess: "features, beyond rounding"
    default: choice.metric.name
    }
  }

  private func choiceTable() throws -> Block? {
    var rows: [[Prose]] = []
    for model in models {
      guard let curve = CompressionCurve(model.findings) else { continue }
      for choice in curve.choices(model.findings) {
        var cells: [Prose] = [Prose(Self.words(choice).capitalizedFirst), try report.margin(choice.metric)]
        if let smallest = choice.smallest {
          let name = smallest.condition.name
          cells += [
            "\(strong: name)", try model.numbers.number(.size(.linear(name))).map { Prose($0) } ?? "–",
            try model.numbers.withInterval(choice.metric, name, choice.stratum, choice.metric.judgedQuantity) ?? "–",
          ]
        } else {
          cells += ["none", "–", "–"]
        }
        cells.append(
          choice.open.isEmpty
            ? "–"
            : choice.open.count > Self.mostNamed
              ? "\(count: choice.open.count) sizes" : Prose.list(choice.open.map { Prose($0.condition.name) }))
        rows.append(modelCell(model) + cells)
      }
    }
    guard !rows.isEmpty else { return nil }
    return table(
      "curve", caption: "The smallest condition within each declared margin.",
      columns: modelColumn + [
        .init("Within the margin of \(base)’s"), .init("Margin", .right), .init("Smallest"), .init("Bits", .right),
        .init("Change", .right), .init("Smaller, undecided"),
      ], rows: rows,
      remarks:
        """
        Bits per compressed weight, scales counted. Within: the whole simultaneous interval lies inside the margin, or on its \
        better side. Left out: conditions on whose grid more than a tenth of the baseline’s weights lie already, controls, and what is \
        compared with another condition.
        """)
  }

  // MARK: What it gives to others

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    try eachTogether(choice).map { [FrontFinding(place: .choice, sentence: $0)] } ?? []
  }
}
