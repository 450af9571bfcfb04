import Measures
import RunFile

/// One of the two runs of a comparison, its tables read.
struct ComparedRun {
  let reader: RunReader
  let tables: RunTables
  let conditions: RunConditions
  private let headlineChunks: Int
  private let ownChunks: [String: Int]

  var description: RunDescription { reader.description }

  /// - Throws: `RunFileError`, `HDF5Error`; `AnalysisError.noBaseline`.
  init(_ reader: RunReader) throws {
    self.reader = reader
    conditions = try RunConditions(reader)
    let tables = try RunTables(reader)
    self.tables = tables
    let budget = reader.description.budget
    headlineChunks = tables.extent.chunkCount(forTokens: budget.headline)
    ownChunks = Dictionary(
      uniqueKeysWithValues: budget.counts.map { ($0.experiment, tables.extent.wholeChunks(reaching: $0.tokens)) })
  }

  /// Chunks that an experiment's numbers stand on, as in the report.
  func chunkCount(of experiment: String) -> Int { ownChunks[experiment] ?? headlineChunks }

  /// A condition's name to its place; what is compared with another condition's place.
  func place(_ condition: String) -> Int? {
    conditions.all.prefix(conditions.studyCount).firstIndex { $0.name == condition }
  }

  /// Token ids of a chunk: what it was measured in the context of.
  func ids(ofChunk chunk: Int) -> ArraySlice<Int32> {
    let first = Int(tables.chunks.firstToken[chunk])
    return tables.tokens.id[first..<first + Int(tables.chunks.tokenCount[chunk])]
  }
}

extension SampledRun {
  /// A metric's values over all weight rows; nil where it was not measured.
  func rows(
    _ metric: Metric, _ condition: Int, _ stratum: Stratum, _ quantity: MetricDifference.Quantity
  ) -> [Double]? {
    let isBaseline = condition == conditions.baseline
    if metric.isComparison, isBaseline { return nil }
    let place = conditions.place(condition, stratum)
    guard let own = rows(metric, at: place) else { return nil }
    switch quantity {
    case .value: return own
    case .percentChange:
      guard !isBaseline, !metric.isComparison, let base = rows(metric, at: place.atReference) else { return nil }
      return zip(own, base).map { 100 * ($0 - $1) / $1 }
    }
  }
}
