import Analysis
import Words

/// Where the methods come from that these runs used, and the article that they follow.
extension ReproductionSection {
  static let sourcesTitle = "Sources and links"

  func works() -> [Source] {
    [article] + report.measured.flatMap { $0.citations() } + (models.contains { !$0.isSummary } ? [Self.intervals] : [])
  }

  private var article: Source {
    let reference = report.reference
    let parts = reference.sources.map { $0.split(separator: ",", maxSplits: 1).map(String.init) }
    let places = parts.map { "\(link: $0[0], $0[0])\($0.dropFirst().map { "," + $0 }.joined())" as Prose }
    return Source(
      said:
        "The article: \(reference.authors), \(emphasis: reference.title), \(String(reference.year)): \(Prose.list(places)).",
      authors: [reference.authors], title: reference.title, year: String(reference.year),
      fields: parts.prefix(1).map { Source.Field("url", $0[0]) })
  }

  private static let intervals = Source(
    said: """
      The intervals: Efron, Better Bootstrap Confidence Intervals, Journal of the American Statistical Association, 1987, \
      volume 82, number 397, pages 171–185.
      """, authors: ["Efron"], title: "Better Bootstrap Confidence Intervals", year: "1987",
    fields: [
      Source.Field("journal", "Journal of the American Statistical Association"), Source.Field("volume", "82"),
      Source.Field("number", "397"), Source.Field("pages", "171–185"),
    ])
}
