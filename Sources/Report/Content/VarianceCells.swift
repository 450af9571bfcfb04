import Analysis
import Plot

/// Where the variance lives: what a few tokens weigh.
extension ReportBuilder {
  func cellBlocks() throws -> [Block]? {
    guard !findings.cells.isEmpty else { return nil }
    let total = findings.cells.map(\.tokens).reduce(0, +)
    var rows: [[Prose]] = []
    for cell in findings.cells {
      rows.append([
        Prose(Self.name(cell.cell)), Prose(NumberText.integer(cell.tokens)),
        Prose(try share(cell.tokenShare, "tokens", cell)), Prose(try share(cell.energyShare, "Σ‖x‖²", cell)),
        Prose(try share(cell.varianceShare, "the textbook denominator", cell)),
        Prose(try share(cell.errorShare, "the numerator", cell)),
      ])
    }
    var blocks: [Block] = [.heading("Where the variance lives")]
    let massive = findings.cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
    let tokens = massive.map(\.tokenShare).reduce(0, +)
    let variance = massive.map(\.varianceShare).reduce(0, +)
    let error = massive.map(\.errorShare).reduce(0, +)
    if massive.map(\.tokens).reduce(0, +) == 0 {
      blocks.append(
        .paragraph("Of \(count: total) tokens none is massive, so no handful of tokens dominates FVU on this run."))
    } else {
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
          few\(try comparison()); for ordinary tokens, error and variance are of the same tokens.
          """
        case (false, true):
          """
          So most of the error in the textbook FVU of all tokens comes from these few; the FVU of ordinary tokens \
          leaves them out.
          """
        case (false, false):
          "So they do not dominate the textbook FVU of all tokens."
        }
      blocks.append(
        .paragraph(
          """
          Massive tokens are \(try massiveShare(tokens, "tokens")) of the tokens, hold \
          \(try massiveShare(variance, "the textbook denominator")) of the variation that the textbook form \
          divides by, and \(try massiveShare(error, "the numerator")) of the squared error. \(weight)
          """
        ))
    }
    blocks.append(
      table(
        "cells", caption: "What each kind of token weighs under \(base).",
        columns: [
          .init("Tokens"), .init("Number", .right), .init("Share", .right), .init("of Σ‖x‖²", .right),
          .init("of the denominator", .right), .init("of the numerator", .right),
        ], rows: rows,
        remarks: "Denominator and numerator of the textbook FVU over all tokens. Each column of shares sums to 100%."))
    return blocks
  }

  /// ", and comes out smaller (0.0122) than that of ordinary tokens (0.0496)", where it does.
  private func comparison() throws -> Prose {
    guard numbers.has(.fvu, base), numbers.has(.fvu, base, .ordinary) else { return "" }
    let all = try numbers.value(.fvu, base)
    let ordinary = try numbers.value(.fvu, base, .ordinary)
    return all.value < ordinary.value
      ? ", and comes out smaller (\(all)) than that of ordinary tokens (\(ordinary))" : ""
  }

  private static func name(_ cell: CellShare.Cell) -> String {
    switch cell {
    case .ordinary: "Ordinary"
    case .first: "First positions and BOS"
    case .massive: "Massive"
    case .firstAndMassive: "First and massive"
    }
  }

  private func share(_ value: Double, _ of: String, _ cell: CellShare) throws -> BoundNumber {
    try percent(
      value, id: "cells/\(cell.cell.rawValue)/\(of)",
      detail: "Share of \(of), \(Self.name(cell.cell).lowercased()) tokens, \(base)")
  }

  private func massiveShare(_ value: Double, _ of: String) throws -> BoundNumber {
    try percent(value, id: "cells/massive/\(of)", detail: "Share of \(of), all massive tokens, \(base)")
  }

  /// Percent with one decimal; two below one percent, where one would say nothing.
  private func percent(_ value: Double, id: String, detail: String) throws -> BoundNumber {
    let text = try NumberText.fixed(value * 100, decimals: value < 0.01 ? 2 : 1, of: detail) + "%"
    return BoundNumber(text: text, value: value, id: numbers.prefix + id, detail: "\(detail): \(text)")
  }
}
