/// A run of values that were computed elsewhere, written as a run file: empty tables, and `/summary`.
public struct SummaryRun: Sendable, Equatable {
  public var description: RunDescription
  public var values: [SummaryValue]

  public init(description: RunDescription, values: [SummaryValue]) {
    self.description = description
    self.values = values
  }

  /// Writes the run file; an older one at `path` is replaced only by a whole one.
  public func write(to path: String) throws {
    try RunLayout.check([], conditions: description.conditions)
    let assembly = RunFileAssembly(
      parts: [], counts: RowCounts(), columns: [], description: description, isComplete: true, summary: values)
    try DurableFile.replace(path) { temporary in
      try HDF5Library.locked { try assembly.write(to: temporary) }
    }
  }
}
