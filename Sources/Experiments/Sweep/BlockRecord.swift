import Measures
import RunFile
import Synchronization

/// Gathers what experiments return for a block's chunks, in any order, and joins it in chunk order. Chunks that a rerun
/// or a branch does not measure have no values in its columns: NaN, or what stands for it.
final class BlockRecord: Sendable {
  private let experiments: [any Experiment]
  private let conditions: [String]
  private let dModel: Int
  /// Places of reruns among the conditions, which come last.
  private let reruns: Range<Int>
  private let chunks: [Chunk]
  private let contexts: Mutex<[ChunkContext]>
  /// By pair, for each chunk.
  private let sums: Mutex<[[String: FeatureSums]]>
  private let slices: Mutex<[[(experiment: Int, slice: ColumnSlice)]]>

  /// What is measured of a chunk besides the study's conditions.
  struct Chunk: Sendable {
    /// In the run.
    var number: Int
    var isRerun: Bool
    var isBranched: Bool
  }

  init(
    _ contexts: [ChunkContext], _ experiments: [any Experiment], _ conditions: [String], dModel: Int,
    reruns: Range<Int>, chunks: [Chunk]
  ) {
    self.experiments = experiments
    self.conditions = conditions
    self.dModel = dModel
    self.reruns = reruns
    self.chunks = chunks
    slices = Mutex(Array(repeating: [], count: contexts.count))
    sums = Mutex(Array(repeating: [:], count: contexts.count))
    self.contexts = Mutex(contexts)
  }

  func context(_ chunk: Int) -> ChunkContext { contexts.withLock { $0[chunk] } }

  func markMassive(chunk: Int, row: Int) {
    contexts.withLock { $0[chunk].strata[row] |= StratumFlags.massive.rawValue }
  }

  /// Stratum flags of the block's tokens.
  var strata: [UInt8] { contexts.withLock { $0.flatMap(\.strata) } }

  /// - Throws: `NotFiniteError` for NaN and infinities that do not say that nothing was measured.
  func add(_ new: [ColumnSlice], _ experiment: Int, chunk: Int) throws(NotFiniteError) {
    for slice in new {
      guard slice.values.firstAccident != nil else { continue }
      throw NotFiniteError(
        place: .column("\(experiments[experiment].name)/\(slice.column.name)"), condition: conditions[slice.condition],
        chunk: chunks[chunk].number)
    }
    slices.withLock { $0[chunk] += new.map { (experiment, $0) } }
  }

  func add(_ features: [String: FeatureSums], chunk: Int) { sums.withLock { $0[chunk] = features } }

  /// By pair: for each of the block's reduction units, its chunks' sums added in order.
  var features: [String: [FeatureSums]] {
    let sums = sums.withLock { $0 }
    let units = Dictionary(grouping: sums.indices) { chunks[$0].number / ReductionUnit.chunkCount }.sorted {
      $0.key < $1.key
    }
    var features: [String: [FeatureSums]] = [:]
    for pair in Set(sums.flatMap(\.keys)) {
      features[pair] = units.map { _, chunks in
        chunks.sorted().compactMap { sums[$0][pair] }.reduce(FeatureSums()) { $0.adding($1) }
      }
    }
    return features
  }

  /// The block's columns, each the chunks' slices after one another.
  /// - Throws: `ExperimentError` when an experiment returned a column that it had not declared.
  func columns() throws -> [ColumnKey: ColumnValues] {
    var columns: [ColumnKey: ColumnValues] = [:]
    for (chunk, slices) in slices.withLock({ $0 }).enumerated() {
      for (index, slice) in slices + missing(chunk) {
        let experiment = experiments[index]
        guard experiment.measure.columns.contains(slice.column) else {
          throw ExperimentError(
            experiment: experiment.name,
            problem: "returned the column '\(slice.column.name)', which its measure does not declare")
        }
        let key = slice.column.key(conditions[slice.condition])
        if let joined = columns.removeValue(forKey: key) {
          guard let longer = joined.appending(slice.values) else {
            throw ExperimentError(
              experiment: experiment.name, problem: "changed the type of '\(slice.column.name)' between chunks")
          }
          columns[key] = longer
        } else {
          columns[key] = slice.values
        }
      }
    }
    return columns
  }

  /// What stands in the columns of reruns and branches that do not measure a chunk.
  private func missing(_ chunk: Int) -> [(experiment: Int, slice: ColumnSlice)] {
    conditions.indices.flatMap { condition in
      experiments.enumerated().flatMap { index, experiment in
        experiment.measure.columns.filter { isMissing($0, condition, chunks[chunk]) }.map { column in
          let rows = rows(of: column.axis, context(chunk)) * column.definition(dModel: dModel).rowShape.reduce(1, *)
          return (
            index,
            ColumnSlice(condition: condition, column: column, values: ColumnValues(missing: rows, of: column.type))
          )
        }
      }
    }
  }

  private func isMissing(_ column: Column, _ condition: Int, _ chunk: Chunk) -> Bool {
    let isRerun = reruns.contains(condition)
    if column.isOfBranch { return !isRerun && !chunk.isBranched }
    return isRerun && !chunk.isRerun && !column.isOfBaseline
  }

  private func rows(of axis: Axis, _ context: ChunkContext) -> Int {
    switch axis {
    case .token: context.ids.count
    case .segment: context.segments.count
    case .chunk: 1
    case .batch: 0
    }
  }
}

/// An experiment that breaks its own declaration.
public struct ExperimentError: Error, CustomStringConvertible, Sendable {
  public var experiment: String
  public var problem: String
  public var description: String { "Experiment '\(experiment)' \(problem)." }
}

extension ColumnValues {
  /// Both joined, or nil when their types differ.
  fileprivate consuming func appending(_ other: ColumnValues) -> ColumnValues? {
    switch (consume self, other) {
    case (.uint8(var a), .uint8(let b)): a += b; return .uint8(a)
    case (.int32(var a), .int32(let b)): a += b; return .int32(a)
    case (.float32(var a), .float32(let b)): a += b; return .float32(a)
    case (.float64(var a), .float64(let b)): a += b; return .float64(a)
    default: return nil
    }
  }
}
