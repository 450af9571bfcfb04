import Foundation
import Kernels

/// Which kernels a run computes with: those that are asked for; else those that it was begun with; else what the table
/// says of this CPU; else what a calibration finds, once for each CPU, library and version of clearbox.
public struct KernelSelection: Sendable {
  public var named: KernelChoice?
  /// Where calibrations are kept; nil takes the table's guess for an unknown CPU.
  public var cacheFolder: String?

  public init(named: KernelChoice? = nil, cacheFolder: String? = nil) {
    self.named = named
    self.cacheFolder = cacheFolder
  }

  /// Why it is these.
  public enum Reason: Sendable, Equatable {
    case asked, begun, planned
    /// The table knows this kind of CPU.
    case known(String)
    /// The nearest kind that the table knows.
    case guessed(String)
    /// A calibration went from a guess.
    case calibrated(String)
  }

  /// Seconds that a calibration may take.
  public static let calibrationLimit = 5.0

  /// - Parameters:
  ///   - begun: the unfinished run's, by name.
  ///   - calibrating: called before products are timed.
  /// - Throws: `KernelError`; `StudyRunError` where an unfinished run cannot go on here.
  func choose(begun: String?, calibrating: () -> Void) throws -> (KernelChoice, Reason) {
    if let begun, named == nil {
      do {
        let choice = try KernelChoice(named: begun)
        try choice.check()
        return (choice, .begun)
      } catch { throw StudyRunError.begunElsewhere("\(error)") }
    }
    if let named {
      try named.check()
      return (named, .asked)
    }
    let row = KernelTable.row()
    if row.measured != nil { return (row.choice, .known(row.cpu)) }
    guard let cacheFolder, ProductPrecision.allCases.contains(where: { KernelChoice.engines(for: $0).count > 1 }) else {
      return (row.choice, .guessed(row.cpu))
    }
    let kept = KeptCalibration(folder: cacheFolder)
    if let choice = kept.choice { return (choice, .calibrated(row.cpu)) }
    calibrating()
    let times = try KernelTimes.measure(
      threads: ProcessInfo.processInfo.activeProcessorCount, rows: 256, window: 0.03,
      // The last one begun ends a little later.
      limit: Self.calibrationLimit - 0.5)
    let choice = times.improving(row.choice)
    // On a machine too busy for that the next run tries again.
    if times.isComplete { kept.keep(choice, times) }
    return (choice, .calibrated(row.cpu))
  }
}

/// A calibration in the cache: `<folder>/kernels/<digest>.json`, one for each CPU, its instruction sets, the libraries
/// and the version of clearbox.
struct KeptCalibration {
  private struct Content: Codable {
    var cpu: CPU
    var libraries: [String]
    var clearbox: String
    var choice = ""
    /// For people: "bf16 640×2048 portable", GFLOP/s of a thread in each repeat.
    var rates: [String: [Double]] = [:]
  }
  private let path: String
  private let subject: Content

  init(folder: String, cpu: CPU = .current) {
    subject = Content(cpu: cpu, libraries: KernelChoice.libraries, clearbox: Surroundings.version)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let digest = SHA256Hex.digest(of: String(decoding: (try? encoder.encode(subject)) ?? Data(), as: UTF8.self))
    path = folder + "/kernels/\(digest.prefix(16)).json"
  }

  /// Nil where there is none, or none that this machine can use.
  var choice: KernelChoice? {
    guard let data = FileManager.default.contents(atPath: path),
      let content = try? JSONDecoder().decode(Content.self, from: data),
      let choice = try? KernelChoice(named: content.choice), (try? choice.check()) != nil
    else { return nil }
    return choice
  }

  /// Where the folder cannot be written, the next run calibrates again.
  func keep(_ choice: KernelChoice, _ times: KernelTimes) {
    var content = subject
    content.choice = choice.name
    for entry in times.entries {
      let shape = entry.shape
      content.rates["\(shape.precision) \(shape.columns)×\(shape.depth) \(entry.engine)"] = entry.seconds.map {
        (2 * shape.multiplyAdds / $0 / 1e7).rounded() / 100
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let file = URL(fileURLWithPath: path)
    try? FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? encoder.encode(content).write(to: file, options: .atomic)
  }
}
