import Measures
import RunFile

/// The buckets that a run's predictions fall into, one of each kind that the run knows.
struct TokenBuckets: Sendable {
  /// Those of a kind after one another.
  private(set) var all: [Bucket] = []
  private(set) var kinds: [Kind] = []

  /// One kind's buckets.
  struct Kind: Sendable {
    /// Places in `all`.
    var places: Range<Int>
    /// By row, counted from the kind's first bucket; `none` for a row without one.
    var ofRow: [UInt8]
  }
  static let none = UInt8.max

  init() {}

  /// - Parameter tokenCount: rows whose entropies decide the quarters.
  /// - Throws: as `RawColumns`; errors of the run file.
  init(_ reader: RunReader, _ run: RunTables, baseline: String, tokenCount: Int) throws {
    add(.source, reader.description.corpus.sources, run.tokens.source)
    if let entropies = try RawColumns(reader: reader).values(.entropy, of: baseline) {
      let known = entropies.prefix(tokenCount).filter { !$0.isNaN }
      if !known.isEmpty {
        let order = AscendingOrder.indices(of: known)
        let bounds = [0.25, 0.5, 0.75].map { share in
          let place = share * Double(known.count - 1)
          let lower = Int(place)
          let (below, above) = (known[Int(order[lower])], known[Int(order[min(lower + 1, known.count - 1)])])
          return below + (place - Double(lower)) * (above - below)
        }
        add(
          .entropy, Bucket.quarters,
          entropies.map { entropy in entropy.isNaN ? Self.none : UInt8(bounds.count { entropy > $0 }) })
      }
    }
    let positions = Bucket.positions.map(\.first)
    add(
      .position, Bucket.positions.map(\.name),
      run.tokens.position.map { position in UInt8(max(1, positions.count { Int(position) + 1 >= $0 }) - 1) })
    if let texts = try reader.vocabulary() {
      let places = Dictionary(uniqueKeysWithValues: TokenScript.allCases.enumerated().map { ($1, UInt8($0)) })
      let (ids, chunks) = (run.tokens.id, run.tokens.chunk)
      var scripts = [UInt8](repeating: Self.none, count: Int(ids.max() ?? 0) + 1)
      for (id, text) in texts where scripts.indices.contains(Int(id)) {
        scripts[Int(id)] = places[TokenScript(of: text)] ?? Self.none
      }
      add(
        .script, TokenScript.allCases.map(\.rawValue),
        ids.indices.map { row in
          row + 1 < ids.count && chunks[row + 1] == chunks[row] ? scripts[max(0, Int(ids[row + 1]))] : Self.none
        })
    }
  }

  private mutating func add(_ kind: Bucket.Kind, _ names: [String], _ ofRow: [UInt8]) {
    kinds.append(Kind(places: all.count..<all.count + names.count, ofRow: ofRow))
    all += names.map { Bucket(kind, $0) }
  }
}
