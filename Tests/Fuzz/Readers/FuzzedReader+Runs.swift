import Exchange
import Foundation
import Measures
import RunFile

extension FuzzedReader {
  private static let program = ImportingProgram(version: "0")

  static func runFile(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let run = try RunReader(scratch.put(bytes, "run.h5"))
    for column in run.columns {
      do { _ = try run.values(column) } catch { _ = "\(error)" }
    }
    do { _ = (try run.tokens(), try run.segments(), try run.batches()) } catch { _ = "\(error)" }
    do { _ = try run.vocabulary() } catch { _ = "\(error)" }
    try run.verify()
  }

  /// A run file that another program may have written.
  static func foreignRun(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    guard bytes.first == 0x89 else { return }
    _ = try Import.file(scratch.put(bytes, "run.h5"), to: scratch.path + "/imported", program: program)
  }

  /// JSON in the article's layout.
  static func imported(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    guard bytes.first != 0x89 else { return }
    _ = try Import.file(scratch.put(bytes, "results.json"), to: scratch.path + "/imported", program: program)
  }

  /// A run's description, as run files keep it.
  static func description(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let description = try JSONDecoder().decode(RunDescription.self, from: Data(bytes))
    _ = try description.sortedJSON()
  }
}
