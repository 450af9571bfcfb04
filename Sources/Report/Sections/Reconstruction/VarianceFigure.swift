import Analysis
import Plot
import Words

extension StudyFigure {
  static let variance = StudyFigure("variance", draw: VarianceFigure.draw)
}

enum VarianceFigure {
  /// Where the variance lives: what each kind of token weighs in the two halves of the textbook FVU.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { !$0.findings.cells.isEmpty }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure the SAE’s reconstruction, so there is no figure of its variance.")
    }
    let panels = try models.map { model in
      let cells = model.findings.cells
      var marks: [Mark] = []
      for (rank, cell) in cells.enumerated() {
        let parts = CellQuantity.allCases.enumerated().map { row, quantity in
          let before = cells.prefix(rank).map { quantity.share($0) }.reduce(0, +) * 100
          return Extent(at: Double(row), low: before, high: before + quantity.share(cell) * 100)
        }
        marks.append(Mark(.segments(parts), MarkStyle(cell.cell.role), series: CellGroup(cell.cell).title))
      }
      let texts = try CellQuantity.allCases.map { quantity in
        let massive = cells.filter { [.massive, .firstAndMassive].contains($0.cell) }.map { quantity.share($0) }
        return "\(try NumberFormats.share(massive.reduce(0, +))) massive"
      }
      marks.append(
        Mark(.values(texts.indices.map { Datum(100, Double($0)) }, texts), MarkStyle(.ink), series: "massive share"))
      return Panel(
        title: models.title(model),
        x: Axis("Share", unit: "%", .linear(fromZero: true), including: [100], ticks: shareTicks),
        y: Axis("", unit: "", .categories(CellQuantity.allCases.map(\.title), CellQuantity.allCases.map { _ in .ink })),
        marks: marks, height: 60)
    }
    let cells = models.flatMap(\.findings.cells).map(\.cell).distinct
    let strata = models[0].findings.description.strata
    return .figure(
      Figure(
        key: StudyFigure.variance.key, title: title(models),
        caption: """
          What each kind of token weighs in the textbook FVU under the baseline: massive, a norm above \
          \(try multiple(strata.massiveMultiple)) times the median; first, the first \(NumberText.integer(strata.firstPositions)) \
          positions of a chunk and BOS; ordinary, neither. \(try models.sample()).
          """,
        altText: "Stacked bars. \(try models.told(sentence)).",
        table: try models.table(
          words: ["tokens"],
          numbers: [
            "number", "share of tokens (%)", "share of Σ‖x‖² (%)", "share of the denominator (%)",
            "share of the numerator (%)",
          ]
        ) { model in
          try model.findings.cells.map { cell in
            [.text(CellGroup(cell.cell).title), .count(cell.tokens)]
              + (try [cell.tokenShare, cell.energyShare, cell.varianceShare, cell.errorShare].map(share))
          }
        },
        content: .panels(
          panels, columns: models.areSeveral ? 2 : 1,
          key: cells.map { DirectLabel(CellGroup($0).title, at: 0, MarkStyle($0.role, .square)) })))
  }

  private static func title(_ models: [StudyModel]) -> String {
    let dominated = models.filter { model in
      model.findings.cells.filter { [.massive, .firstAndMassive].contains($0.cell) }.map(\.varianceShare).reduce(0, +)
        > 0.5
    }
    if dominated.count == models.count { return "A few massive tokens hold most of the variance that FVU divides by" }
    return dominated.isEmpty
      ? "Massive tokens do not dominate the variance that FVU divides by"
      : "On some models, massive tokens hold most of the variance"
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try model.findings.cells.map { cell in
      let shares: [Prose] = try CellQuantity.allCases.compactMap { quantity in
        try model.numbers.number(.share(CellGroup(cell.cell), quantity.whole)).map { "\($0) \(quantity.words)" }
      }
      return "\(CellGroup(cell.cell).title): \(Prose.list(shares))"
    }.prose(separator: "; ")
  }

  /// "5", "2.5".
  private static func multiple(_ value: Double) throws -> String {
    try NumberText.fixed(value, decimals: value == value.rounded() ? 0 : 1, of: "the massive multiple")
  }

  private static var shareTicks: [Axis.Tick] { [0, 25, 50, 75, 100].map { Axis.Tick($0, "\(Int($0))") } }

  /// In percent; the column's title has the sign.
  private static func share(_ value: Double) throws -> DataTable.Cell {
    .number(value * 100, shown: String(try NumberFormats.share(value).dropLast()))
  }
}

/// What a kind of token has a share of.
private enum CellQuantity: String, CaseIterable {
  case tokens, denominator, numerator

  var words: String {
    switch self {
    case .tokens: "of tokens"
    case .denominator: "of the denominator"
    case .numerator: "of the numerator"
    }
  }

  /// The name of its bar.
  var title: String {
    switch self {
    case .tokens: "Tokens"
    case .denominator: "Variance (denominator)"
    case .numerator: "Error (numerator)"
    }
  }

  var whole: CellShare.Whole {
    switch self {
    case .tokens: .tokens
    case .denominator: .denominator
    case .numerator: .numerator
    }
  }

  func share(_ cell: CellShare) -> Double { cell.share(of: whole) }
}

extension CellShare.Cell {
  /// Its colour in a stacked bar.
  fileprivate var role: ColorRole {
    switch self {
    case .ordinary: .grid
    case .first: .axis
    case .massive: .articleForm
    case .firstAndMassive: .textbookForm
    }
  }
}
