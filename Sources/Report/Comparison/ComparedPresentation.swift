import Analysis
import Foundation
import Plot
import Words

/// What the reports of two runs show together, and say differently.
public struct ComparedPresentation {
  /// Nil where a format has no place for them.
  let figures: [Figure]?
  let sentences: [ReportSentences.Difference]

  /// - Parameters:
  ///   - a, b: of the compared runs, in any order.
  ///   - references: folder with the numbers that the article published.
  /// - Throws: as `ReportBuilder` and `DifferenceFigures`.
  public init(_ comparison: RunComparison, a: [Findings], b: [Findings], references: URL, hasFigures: Bool) throws {
    // Of identical runs there is nothing to draw, and nothing that their reports could say differently.
    if comparison.isIdentical {
      (figures, sentences) = (hasFigures ? [] : nil, [])
      return
    }
    figures = hasFigures ? try DifferenceFigures.make(comparison, a: a, b: b) : nil
    let reference = try PublishedReference.article(in: references)
    sentences = ReportSentences.differences(
      try ReportSentences(of: a, reference: reference), try ReportSentences(of: b, reference: reference))
  }

  /// The third layer of a comparison; empty where it has nothing to say.
  func section(_ comparison: RunComparison) -> Section {
    var blocks: [Block] = (figures ?? []).enumerated().map {
      .figure(FigureBlock(label: "Figure \($0 + 1)", figure: $1))
    }
    if figures?.isEmpty == true {
      blocks.append(
        .paragraph(comparison.isIdentical ? "No figure: nothing differs." : "No figure: nothing can be compared."))
    }
    if !sentences.isEmpty {
      blocks += [.heading("Key findings that the two reports tell differently"), table]
    } else if figures != nil {
      blocks.append(.paragraph("Both reports’ key findings say the same, word for word."))
    }
    return Section(.presentation, "3. Presentation: figures and sentences", blocks)
  }

  private var table: Block {
    func sentence(_ text: String?, against other: String?) -> Prose {
      guard let text else { return Prose([.emphasis("says nothing of this")]) }
      let pieces = ReportSentences.words(text, against: other).map { piece -> Inline in
        piece.isDifferent ? .marked(.changed, piece.text) : .text(piece.text)
      }
      return Prose(Array(pieces.map { [$0] }.joined(separator: [.text(" ")])))
    }
    return .table(
      TableBlock(
        key: "sentences", caption: "Sentence by sentence; words that the other lacks are marked.",
        columns: [.init("finding"), .init("A"), .init("B")],
        rows: sentences.map { [Prose($0.heading), sentence($0.a, against: $0.b), sentence($0.b, against: $0.a)] }))
  }
}
