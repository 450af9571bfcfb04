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
      var marks: [Mark] = []
      for (rank, quantity) in CellQuantity.allCases.enumerated() {
        let dodge = Points(9.5) * Double(rank - 1)
        let style = MarkStyle(quantity.role, .square)
        let data = model.findings.cells.enumerated().map { row, cell in
          Datum(quantity.share(cell) * 100, Double(row), dodge: dodge)
        }
        let texts = try model.findings.cells.map {
          "\(try NumberFormats.share(quantity.share($0))) \(quantity.words)"
        }
        marks.append(Mark(.bars(data), style, series: quantity.rawValue))
        marks.append(Mark(.values(data, texts), MarkStyle(.ink), series: quantity.rawValue))
      }
      let titles = model.findings.cells.map { CellGroup($0.cell).title.capitalizedFirst }
      return Panel(
        title: models.title(model),
        x: Axis("Share", unit: "%", .linear(fromZero: true), including: [100], ticks: shareTicks),
        y: Axis("", unit: "", .categories(titles, titles.map { _ in .ink })), marks: marks,
        height: Points(36) * Double(titles.count))
    }
    let baseline = models.baseline()
    let strata = models[0].findings.description.strata
    return .figure(
      Figure(
        key: StudyFigure.variance.key, title: "Where the variance lives",
        caption: """
          What each kind of token weighs under \(baseline): its share of all tokens, of the textbook FVU’s denominator \
          Σ‖x − x̄‖², and of its numerator Σ‖x − x̂‖². Massive: a residual norm above \
          \(try multiple(strata.massiveMultiple)) times the median; \
          first: the first \(NumberText.integer(strata.firstPositions)) positions of a chunk, and BOS; ordinary: neither. \
          Each colour’s bars sum to 100%. \(try models.sample()).
          """,
        altText: "Bar chart from zero. \(try models.told(sentence)).",
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
        }, content: .panels(panels, columns: 2, key: [])))
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

  var role: ColorRole {
    switch self {
    case .tokens: .axis
    case .denominator: .textbookForm
    case .numerator: .error
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
