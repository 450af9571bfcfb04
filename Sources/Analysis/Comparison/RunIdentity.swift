import Foundation
import RunFile

/// Which run one side of a comparison is, in what a reader knows it by.
public struct RunIdentity: Sendable, Equatable, Codable {
  /// Its name, without its folder.
  public var file: String
  public var model: String
  public var study: String
  /// When measuring ended, or began where it has not ended: ISO 8601 in UTC.
  public var date: String
  /// Measured, beyond the headline too; 0 for values without rows.
  public var tokens: Int
  /// Processor and threads.
  public var machine: String
  public var kernels: String
  public var clearbox: String
  public var commit: String

  init(_ reader: RunReader) {
    let (description, provenance) = (reader.description, reader.description.provenance)
    file = URL(fileURLWithPath: reader.path).lastPathComponent
    model = description.model.name
    study = description.study
    date = provenance.finishTime ?? provenance.startTime
    tokens = reader.tokenCount
    let threads =
      provenance.threads == 0 ? "" : provenance.threads == 1 ? "; 1 thread" : "; \(provenance.threads) threads"
    machine = provenance.cpu + threads
    kernels = provenance.kernels
    clearbox = provenance.clearboxVersion
    commit = provenance.commit
  }
}
