import Codecs
import Digests
import Foundation
import RunFile

/// A run file that another program wrote, checked whole, ready to be written as clearbox writes it.
struct ForeignRun {
  private(set) var description: RunDescription
  private let sha256: String
  private let tables: ForeignTables
  private let columns: ForeignColumns
  /// Texts of ids, where the file has them.
  private let vocabulary: [Int32: String]?

  init(path: String, sha256: String, program: ImportingProgram) throws {
    let run = try UnverifiedRun.open(path)
    if run.isSummary { throw ExchangeError.isSummary(file: path) }
    if let stored = run.contentSHA256 {
      let computed = try run.computedContentSHA256()
      guard stored == computed else {
        throw RunFileError.contentChanged(path: path, stored: stored, computed: computed)
      }
    }
    let given = try GivenDescription(run)
    let tables = try ForeignTables(run, sourceCount: given.sources.count, batchSize: given.batchSize)
    let dModel = try given.dModel(of: run)
    let columns = try ForeignColumns(run, tables: tables, dModel: dModel, conditions: given.conditions)
    description = try given.description(of: run, tables, columns, dModel: dModel, sha256: sha256, program: program)
    self.sha256 = sha256
    self.tables = tables
    self.columns = columns
    vocabulary = try run.vocabulary()
    try checkTokens(of: run)
    try checkVocabulary(of: run)
    try checkStrata(of: run)
    try columns.checkTogether()
  }

  /// Writes the run file, by way of a folder of parts beside it that is gone afterwards.
  func write(to path: String) throws {
    let folder = path + ".parts"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = try RunInProgress(
      folder: folder, description: description, columns: columns.definitions, fingerprint: "import " + sha256)
    try run.append(
      RunBlock(
        index: 0, tokens: tables.tokens, segments: tables.segments, batches: tables.batches, columns: columns.values))
    let text = vocabulary.map { vocabulary in { (id: Int32) in vocabulary[id] ?? "" } }
    try run.assemble(to: path, description: description, text: text)
    try run.removeParts()
  }

  // MARK: What the description says of the data

  private func checkTokens(of run: UnverifiedRun) throws {
    let size = description.model.vocabularySize
    guard size > 0, let row = tables.tokens.id.firstIndex(where: { Int($0) >= size }) else { return }
    throw ExchangeError.wrongRow(
      file: run.path, dataset: "/tokens/id", row: row, found: "\(tables.tokens.id[row])",
      expected: "an id below the model's \(size)")
  }

  private func checkVocabulary(of run: UnverifiedRun) throws {
    guard let vocabulary, let row = tables.tokens.id.firstIndex(where: { vocabulary[$0] == nil }) else { return }
    throw ExchangeError.wrongRow(
      file: run.path, dataset: "/tokens/id", row: row, found: "\(tables.tokens.id[row])",
      expected: "an id that /vocabulary/id has")
  }

  /// The flags of `/tokens/stratum` against the rule that the description states.
  private func checkStrata(of run: UnverifiedRun) throws {
    let strata = description.strata
    func wrong(_ row: Int, _ expected: String) -> ExchangeError {
      .wrongRow(
        file: run.path, dataset: "/tokens/stratum", row: row, found: "\(tables.tokens.stratum[row])", expected: expected
      )
    }
    let flags = tables.tokens.stratum.map(StratumFlags.init(rawValue:))
    var bos: Int32?
    for (row, flag) in flags.enumerated() {
      if Int(tables.tokens.position[row]) < strata.firstPositions {
        guard flag.contains(.first) else {
          throw wrong(
            row, "1 or 3: position \(tables.tokens.position[row]) is among the first \(strata.firstPositions)")
        }
      } else if flag.contains(.first) {
        // Beyond the first positions only BOS is set apart: one id.
        guard tables.tokens.id[row] == bos ?? tables.tokens.id[row] else {
          throw wrong(row, "0 or 2: token \(tables.tokens.id[row]) is neither a first position nor BOS (\(bos ?? 0))")
        }
        bos = tables.tokens.id[row]
      }
    }
    guard let median = strata.medianNorm, let norms = baselineNorms else { return }
    let limit = strata.massiveMultiple * median
    for (row, flag) in flags.enumerated() where flag.contains(.massive) != (norms[row] > limit) {
      // A norm on the limit itself may fall to either side by rounding.
      if abs(norms[row] - limit) <= 1e-3 * limit { continue }
      throw wrong(
        row,
        "\(norms[row] > limit ? "2 or 3" : "0 or 1"): ‖x‖ is \(norms[row]) in the baseline, massive is above "
          + "\(strata.massiveMultiple) × \(median)")
    }
  }

  private var baselineNorms: [Double]? {
    let key = ColumnKey(condition: description.conditions[0].name, experiment: "sae", name: "squared_norm")
    return columns.values[key]?.float64s?.map { $0.squareRoot() }
  }
}
