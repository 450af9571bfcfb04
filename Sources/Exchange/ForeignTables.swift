import RunFile

/// The tables of a run file that another program wrote: read where they must be given, derived where they follow, and
/// compared where both is the case.
struct ForeignTables {
  private let run: UnverifiedRun
  private(set) var tokens = TokenTable()
  private(set) var segments = SegmentTable()
  private(set) var chunks = ChunkTable()
  private(set) var batches = BatchTable()

  /// - Parameters:
  ///   - sourceCount: number of text sources that the description names.
  ///   - batchSize: chunks in one forward pass; the last batch may be short.
  init(_ run: UnverifiedRun, sourceCount: Int, batchSize: Int) throws {
    self.run = run
    try readTokens(sourceCount: sourceCount)
    try deriveChunks()
    deriveSegments()
    deriveBatches(batchSize)
    for (path, derived) in derived {
      guard let given = try ForeignColumn(run, path, type: derived.type, shape: [derived.count], isRequired: false)
      else {
        continue
      }
      let (found, expected) = (given.values.doubles, derived.doubles)
      if let row = found.indices.first(where: { found[$0] != expected[$0] }) {
        throw given.wrong(
          row, "\(Int(expected[row]))", as: "what /tokens/chunk, /tokens/document and the batch size give")
      }
    }
  }

  var tokenCount: Int { tokens.id.count }

  func isLast(_ token: Int) -> Bool { token + 1 == tokenCount || tokens.chunk[token + 1] != tokens.chunk[token] }

  // MARK: Tokens

  private mutating func readTokens(sourceCount: Int) throws {
    guard let id = run.dataset("/tokens/id") else {
      throw ExchangeError.missingDataset(file: run.path, dataset: "/tokens/id", expected: "int32, one id per token")
    }
    let count = id.shape.first ?? 0
    func int32s(_ name: String) throws -> (column: ForeignColumn, values: [Int32]) {
      let column = try ForeignColumn(run, "/tokens/" + name, type: .int32, shape: [count])
      let values = column.values.int32s ?? []
      if let row = values.firstIndex(where: { $0 < 0 }) { throw column.wrong(row, "zero or more") }
      return (column, values)
    }
    guard count > 0 else {
      throw ExchangeError.wrongDataset(
        file: run.path, dataset: "/tokens/id", found: "empty", expected: "one id per token")
    }
    tokens.id = try int32s("id").values
    tokens.document = try int32s("document").values
    let (chunk, chunks) = try int32s("chunk")
    for row in 0..<count {
      let previous = row == 0 ? -1 : chunks[row - 1]
      guard chunks[row] == previous || chunks[row] == previous + 1, chunks[row] >= 0 else {
        throw chunk.wrong(
          row, row == 0 ? "0" : "\(previous) or \(previous + 1)", as: "chunks follow one another from 0")
      }
    }
    tokens.chunk = chunks
    let stratum = try ForeignColumn(run, "/tokens/stratum", type: .uint8, shape: [count])
    tokens.stratum = stratum.values.uint8s ?? []
    if let row = tokens.stratum.firstIndex(where: { $0 > 3 }) { throw stratum.wrong(row, "0, 1, 2 or 3") }
    if let source = try ForeignColumn(run, "/tokens/source", type: .uint8, shape: [count], isRequired: false) {
      tokens.source = source.values.uint8s ?? []
      if let row = tokens.source.firstIndex(where: { Int($0) >= sourceCount }) {
        throw source.wrong(row, "an index below \(sourceCount)", as: "the description's corpus.sources")
      }
    } else {
      guard sourceCount == 1 else {
        throw ExchangeError.missingDataset(
          file: run.path, dataset: "/tokens/source", expected: "uint8, an index into the \(sourceCount) corpus.sources")
      }
      tokens.source = [UInt8](repeating: 0, count: count)
    }
  }

  // MARK: What follows

  private mutating func deriveChunks() throws {
    for row in 0..<tokenCount {
      if row == 0 || tokens.chunk[row] != tokens.chunk[row - 1] {
        chunks.firstToken.append(Int32(row))
        chunks.tokenCount.append(0)
      }
      tokens.position.append(Int32(row) - chunks.firstToken[chunks.firstToken.count - 1])
      chunks.tokenCount[chunks.tokenCount.count - 1] += 1
    }
  }

  /// A segment is a document's part of a chunk.
  private mutating func deriveSegments() {
    for row in 0..<tokenCount {
      if tokens.position[row] == 0 || tokens.document[row] != tokens.document[row - 1] {
        segments.chunk.append(tokens.chunk[row])
        segments.document.append(tokens.document[row])
        segments.source.append(tokens.source[row])
        segments.firstToken.append(Int32(row))
        segments.tokenCount.append(0)
      }
      segments.tokenCount[segments.tokenCount.count - 1] += 1
      tokens.segment.append(Int32(segments.chunk.count - 1))
    }
  }

  private mutating func deriveBatches(_ size: Int) {
    for first in stride(from: 0, to: chunks.firstToken.count, by: size) {
      let count = min(size, chunks.firstToken.count - first)
      for _ in 0..<count { chunks.batch.append(Int32(batches.firstChunk.count)) }
      batches.firstChunk.append(Int32(first))
      batches.chunkCount.append(Int32(count))
    }
  }

  private var derived: [(path: String, values: ColumnValues)] {
    [
      ("/tokens/position", .int32(tokens.position)), ("/tokens/segment", .int32(tokens.segment)),
      ("/segments/chunk", .int32(segments.chunk)), ("/segments/document", .int32(segments.document)),
      ("/segments/source", .uint8(segments.source)), ("/segments/first_token", .int32(segments.firstToken)),
      ("/segments/token_count", .int32(segments.tokenCount)), ("/chunks/batch", .int32(chunks.batch)),
      ("/chunks/first_token", .int32(chunks.firstToken)), ("/chunks/token_count", .int32(chunks.tokenCount)),
      ("/batches/first_chunk", .int32(batches.firstChunk)), ("/batches/chunk_count", .int32(batches.chunkCount)),
    ]
  }
}

/// A data set of another program's run file, of the type and shape that it must have.
struct ForeignColumn {
  let file: String
  let path: String
  let values: ColumnValues

  /// - Throws: `ExchangeError.missingDataset`, `.wrongDataset`.
  init(_ run: UnverifiedRun, _ path: String, type: ColumnDefinition.ElementType, shape: [Int]) throws {
    guard let found = try ForeignColumn(run, path, type: type, shape: shape, isRequired: true) else {
      throw ExchangeError.missingDataset(file: run.path, dataset: path, expected: Self.words(type.rawValue, shape))
    }
    self.init(file: found.file, path: found.path, values: found.values)
  }

  /// Nil where it is missing and not required.
  init?(
    _ run: UnverifiedRun, _ path: String, type: ColumnDefinition.ElementType, shape: [Int], isRequired: Bool
  ) throws {
    guard let dataset = run.dataset(path) else {
      if !isRequired { return nil }
      throw ExchangeError.missingDataset(file: run.path, dataset: path, expected: Self.words(type.rawValue, shape))
    }
    guard dataset.type == type, dataset.shape == shape else {
      throw ExchangeError.wrongDataset(
        file: run.path, dataset: path, found: Self.words(dataset.typeName, dataset.shape),
        expected: Self.words(type.rawValue, shape))
    }
    self.init(file: run.path, path: path, values: try run.values(dataset))
  }

  private init(file: String, path: String, values: ColumnValues) {
    self.file = file
    self.path = path
    self.values = values
  }

  /// Row `row`, counted in rows of the first axis.
  func wrong(_ row: Int, _ expected: String, as reason: String? = nil, found: String? = nil) -> ExchangeError {
    let value = found ?? Self.shown(values, row)
    return .wrongRow(
      file: file, dataset: path, row: row, found: value, expected: reason.map { "\(expected) (\($0))" } ?? expected)
  }

  private static func shown(_ values: ColumnValues, _ row: Int) -> String {
    switch values {
    case .uint8(let values): "\(values[row])"
    case .int32(let values): "\(values[row])"
    case .float32(let values): "\(values[row])"
    case .float64(let values): "\(values[row])"
    }
  }

  private static func words(_ type: String, _ shape: [Int]) -> String {
    "\(type) of shape [\(shape.map(String.init).joined(separator: ", "))]"
  }
}
