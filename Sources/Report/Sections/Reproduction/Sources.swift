import Analysis
import Words

/// Where the methods come from that these runs used, and the article that they follow.
extension ReproductionSection {
  func sources() -> [Block] {
    var items: [Prose] = []
    let places = report.reference.sources.map { source -> Prose in
      let parts = source.split(separator: ",", maxSplits: 1).map(String.init)
      return "\(link: parts[0], parts[0])\(parts.dropFirst().map { "," + $0 }.joined())"
    }
    items.append(
      "The article: \(report.reference.authors), \(emphasis: report.reference.title), \(String(report.reference.year)): \(Prose.list(places))."
    )
    items += report.measured.flatMap { $0.citations() }
    if models.contains(where: { !$0.isSummary }) {
      items.append(
        """
        The intervals: Efron, Better Bootstrap Confidence Intervals, Journal of the American Statistical Association, 1987, \
        volume 82, number 397, pages 171–185.
        """)
    }
    return [.list(items)]
  }
}

extension Prose {
  /// A paper with its number on arXiv.
  static func paper(_ words: String, _ arXiv: String) -> Prose {
    "\(words), \(link: "https://arxiv.org/abs/\(arXiv)", "arXiv:\(arXiv)")."
  }
}
