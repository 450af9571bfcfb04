import Analysis
import Plot
import RunFile

/// Where the methods come from that these runs used, and the article that they follow.
extension ReportBuilder {
  func sources() -> [Block] {
    func paper(_ words: String, _ arXiv: String) -> Prose { "\(words), \(link: "https://arxiv.org/abs/\(arXiv)", "arXiv:\(arXiv)")." }

    var items: [Prose] = []
    let places = reference.sources.map { source -> Prose in
      let parts = source.split(separator: ",", maxSplits: 1).map(String.init)
      return "\(link: parts[0], parts[0])\(parts.dropFirst().map { "," + $0 }.joined())"
    }
    items.append("The article: \(reference.authors), \(emphasis: reference.title), \(String(reference.year)): \(Prose.list(places)).")
    if models.contains(where: { $0.description.model.architecture.hasPrefix("gemma3") }) {
      items.append(paper("Gemma 3: Gemma Team, Gemma 3 Technical Report, 2025", "2503.19786"))
    }
    items += methods.map { paper($0.text, $0.arXiv) }
    if models.contains(where: { $0.description.sae?.architecture == "jumprelu" }) {
      items.append(
        paper("JumpReLU autoencoders: Rajamanoharan and others, Jumping Ahead, 2024", "2407.14435"))
    }
    if hasSAE {
      items.append(paper("Massive activations: Sun, Chen, Kolter and Liu, Massive Activations in Large Language Models, 2024", "2402.17762"))
    }
    if models.contains(where: { !$0.isSummary }) {
      items.append(
        """
        The intervals: Efron, Better Bootstrap Confidence Intervals, Journal of the American Statistical Association, 1987, \
        volume 82, number 397, pages 171–185.
        """)
    }
    return [.heading("Sources and links"), .list(items)]
  }

  /// Of the conditions' methods, each once.
  private var methods: [RunDescription.Citation] {
    var methods: [RunDescription.Citation] = []
    for condition in models.flatMap(\.description.conditions) {
      guard let citation = condition.citation ?? Self.olderCitations[condition.kind], !methods.contains(citation)
      else { continue }
      methods.append(citation)
    }
    return methods
  }

  /// What run files of before conditions named their source leave out.
  private static let olderCitations: [String: RunDescription.Citation] = [
    "int8": .init(
      text: "LLM.int8: Dettmers, Lewis, Belkada and Zettlemoyer, 8-bit Matrix Multiplication for Transformers at Scale, 2022",
      arXiv: "2208.07339"),
    "nf4": .init(
      text: "NF4 and double quantization: Dettmers, Pagnoni, Holtzman and Zettlemoyer, QLoRA, 2023", arXiv: "2305.14314"),
  ]
}
