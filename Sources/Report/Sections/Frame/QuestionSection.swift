import Analysis
import Words

/// What is asked, and of what.
struct QuestionSection: ReportSection {
  static let key: Section.Key = "question"
  static let title = "The question"
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
      : "This report measures it for \(names): what \(compressed.listed) \(verb) in \(subject), with \(baselines) as the baseline."
    return [
      .paragraph(
        """
        Compressed models are cheaper to run.\(hasSAE ? " Tools that read a model, such as the sparse autoencoder used here, are trained on one set of its weights." : "") \
        What does compressing the weights do to a model, and does what was \
        learned about the original still hold for the copy that is deployed?
        """
      ),
      .paragraph(
        """
        \(measures) \
        Accuracy and interpretability are separate questions: a model can keep its predictions while the autoencoder \
        loses its hold on the states behind them, or the other way round. The measures and the packing are those of “A Black \
        Box Made Less Opaque (part 4)” (\(report.reference.authors), \(String(report.reference.year))), here called \(emphasis: "the article").
        """
      ),
    ]
  }
}
