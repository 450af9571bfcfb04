import Analysis
import Words

/// Where the variance lives: what a few tokens weigh.
extension ReconstructionSection {
  func cellBlocks() throws -> [Block]? {
    guard models.contains(where: { !$0.findings.cells.isEmpty }) else { return nil }
    var rows: [[Prose]] = []
    for model in models {
      for cell in model.findings.cells {
        rows.append(
          modelCell(model) + [
            Prose(CellGroup(cell.cell).title.capitalizedFirst), Prose(NumberText.integer(cell.tokens)),
            try share(.tokens, CellGroup(cell.cell), model),
            try share(.energy, CellGroup(cell.cell), model),
            try share(.denominator, CellGroup(cell.cell), model),
            try share(.numerator, CellGroup(cell.cell), model),
          ])
      }
    }
    let columns: [TableBlock.Column] = [
      .init("Tokens"), .init("Number", .right), .init("Share of tokens", .right), .init("Share of Σ‖x‖²", .right),
      .init("Share of denominator", .right), .init("Share of numerator", .right),
    ]
    let cells = table(
      "cells", caption: "What each kind of token weighs under \(base).", columns: modelColumn + columns, rows: rows,
      remarks:
        """
        Denominator and numerator of the textbook FVU over all tokens. Each column of shares sums to \
        100%\(areSeveral ? " for each model" : "").
        """)
    let told: [Block?] = try each(massiveParagraph).map { .paragraph($0) }
    return [fold("Where the variance lives", told + [figureBlock(.variance), cells])].compactMap(\.self)
  }

  /// What massive tokens weigh on one model.
  private func massiveParagraph(_ model: ReportModel) throws -> Prose? {
    let cells = model.findings.cells
    guard !cells.isEmpty else { return nil }
    let massive = cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
    guard massive.map(\.tokens).reduce(0, +) > 0 else {
      let total = cells.map(\.tokens).reduce(0, +)
      return "Of \(count: total) tokens none is massive, so no handful of tokens dominates FVU on this run."
    }
    let variance = massive.map(\.varianceShare).reduce(0, +)
    let error = massive.map(\.errorShare).reduce(0, +)
    let weight: Prose =
      switch (variance > 0.5, error > 0.5) {
      case (true, true):
        """
        So the textbook FVU of all tokens mostly tells how well these few are reconstructed; the FVU of \
        ordinary tokens tells about the rest.
        """
      case (true, false):
        """
        So the textbook FVU of all tokens sets the error on the rest against the variance of these \
        few\(try comparison(model)).
        """
      case (false, true):
        """
        So most of the error in the textbook FVU of all tokens comes from these few; the FVU of ordinary tokens \
        leaves them out.
        """
      case (false, false):
        "So they do not dominate the textbook FVU of all tokens."
      }
    return """
      Massive tokens are \(try share(.tokens, .allMassive, model)) of all tokens; they hold \
      \(try share(.denominator, .allMassive, model)) of the variation that the textbook form \
      divides by, and \(try share(.numerator, .allMassive, model)) of the squared error. \(weight)
      """
  }

  /// ", and comes out smaller (0.0122) than that of ordinary tokens (0.0496)", where it does.
  private func comparison(_ model: ReportModel) throws -> Prose {
    let numbers = model.numbers
    guard numbers.has(.fvu, model.base), numbers.has(.fvu, model.base, .ordinary) else { return "" }
    let all = try numbers.value(.fvu, model.base)
    let ordinary = try numbers.value(.fvu, model.base, .ordinary)
    return all.value < ordinary.value
      ? ", and comes out smaller (\(all)) than that of ordinary tokens (\(ordinary))" : ""
  }

  private func share(_ whole: CellShare.Whole, _ group: CellGroup, _ model: ReportModel) throws -> Prose {
    try model.numbers.number(.share(group, whole)).map { Prose($0) } ?? "–"
  }
}
