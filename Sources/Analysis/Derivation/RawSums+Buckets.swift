import Measures
import RunFile

/// Which rows lie in a bucket, found without what findings are made of.
extension RawSums {
  /// Whether a row's prediction lies in a bucket, and the rule in words.
  ///
  /// - Throws: `DerivationError` for a bucket that the run does not know; errors of the run file.
  static func membership(
    of bucket: Bucket, _ table: TokenTable, _ rows: Range<Int>, _ reader: RunReader
  ) throws -> (isInside: (Int) -> Bool, words: String) {
    func unknown(_ known: [String]) -> DerivationError { .unknownBucket(bucket.id, known: known) }
    switch bucket.kind {
    case .source:
      let sources = reader.description.corpus.sources
      guard let source = sources.firstIndex(of: bucket.name) else { throw unknown(sources) }
      return ({ Int(table.source[$0]) == source }, "those with /tokens/source \(source) (\(bucket.name))")
    case .entropy:
      guard let quarter = Bucket.quarters.firstIndex(of: bucket.name) else { throw unknown(Bucket.quarters) }
      let baseline = reader.description.conditions.first(where: \.isBaseline)?.name ?? ""
      let key = Column.entropy.key(baseline)
      guard reader.has(key) else { throw DerivationError.notMeasured("/measurements/\(baseline)/accuracy/entropy") }
      let entropies = try reader.doubles(key)
      let sorted = rows.map { entropies[$0] }.filter { !$0.isNaN }.sorted()
      let above = quarter > 0 ? Self.quantile(Double(quarter) / 4, of: sorted) : -.infinity
      let upTo = quarter < 3 ? Self.quantile(Double(quarter + 1) / 4, of: sorted) : .infinity
      return (
        { entropies[$0] > above && entropies[$0] <= upTo },
        "those with /measurements/\(baseline)/accuracy/entropy above \(above) and up to \(upTo), "
          + "quantiles \(quarter) and \(quarter + 1) of 4"
      )
    case .position:
      let names = Bucket.positions.map(\.name)
      guard let place = names.firstIndex(of: bucket.name) else { throw unknown(names) }
      let first = Bucket.positions[place].first
      let next = place + 1 < names.count ? Bucket.positions[place + 1].first : Int.max
      return (
        { row in
          let predicted = Int(table.position[row]) + 1
          return predicted >= first && predicted < next
        },
        "those that predict a token at \(bucket.title): /tokens/position + 1"
      )
    case .script:
      guard let script = TokenScript(rawValue: bucket.name) else { throw unknown(TokenScript.allCases.map(\.rawValue)) }
      guard let texts = try reader.vocabulary() else { throw DerivationError.notMeasured("/vocabulary") }
      let inside = Set(texts.filter { TokenScript(of: $0.value) == script }.map(\.key))
      let last = table.id.count - 1
      return (
        { row in row < last && table.chunk[row + 1] == table.chunk[row] && inside.contains(table.id[row + 1]) },
        "those that predict a token of /vocabulary/text in \(script.title)"
      )
    }
  }

  /// Between the two of n ascending numbers around the place share·(n − 1), linearly.
  static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let lower = sorted[Int(place)]
    let upper = Int(place) + 1 < sorted.count ? sorted[Int(place) + 1] : last
    let fraction = place - place.rounded(.down)
    return fraction == 0 || lower == upper ? lower : lower * (1 - fraction) + upper * fraction
  }
}
