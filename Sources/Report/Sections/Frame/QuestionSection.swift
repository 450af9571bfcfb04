import Analysis
import Words

/// What is asked, and of what.
struct QuestionSection: ReportSection {
  static let key: Section.Key = "question"
  static let title = "The question"
  static let isInShort = true
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let aspects = report.measured.compactMap { $0.aspect() }.distinct
    let subject: Prose = aspects.isEmpty ? "the model" : Prose.list(aspects)
    let names = Prose.list(models.map { "\(strong: $0.name)" })
    let baselines = Prose.list(distinct(\.base).map { "\(strong: $0)" })
    let verb = compressed.count == 1 ? "changes" : "change"
    let measures: Prose =
      compressed.isEmpty
      ? "This report has one condition, so it measures no change yet: only \(subject)."
      : "This report measures what \(compressed.listed) \(verb), against \(baselines), in \(subject), for \(names)."
    return [
      .paragraph(
        """
        Compressed models are cheaper to run, so the copy that people meet is rarely the one that was studied. What does \
        compressing the weights do to a model\(hasSAE ? ", and do the tools that read it still work on the copy" : "")? \(measures)
        """
      )
    ] + (hasSAE ? [.paragraph(analogy)] : []) + [
      .paragraph(
        """
        Measures and packing are those of “A Black Box Made Less Opaque (part 4)” (\(report.reference.authors), \
        \(String(report.reference.year))), here called \(emphasis: "the article").
        """)
    ]
  }

  /// What an autoencoder does, as the article tells it.
  private var analogy: Prose {
    """
    Think of a model’s inner state at a word as a document, and of the SAE as a clerk who summarises it in a few words of a \
    fixed vocabulary. Compression edits the document: the model may predict worse, and, separately, the vocabulary may no \
    longer fit. Learning a new one for every compressed copy would be a tax on safety.
    """
  }
}
