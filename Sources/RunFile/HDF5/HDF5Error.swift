import CHDF5
import Foundation

/// A call of the HDF5 library failed: what was tried, on which file and object, why, and what to do about it.
public struct HDF5Error: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, as a verb with its object: "read", "create the group", "open".
  public var action: String
  /// Path of the file.
  public var file: String
  /// Path of the object inside the file, e.g. `/measurements/int8/accuracy/nll`; nil for the file itself.
  public var object: String?
  /// What to do about it.
  public var advice: String
  /// The library's error stack, from the call that failed down to the cause.
  public var frames: [Frame] = []

  /// One entry of HDF5's error stack.
  public struct Frame: Sendable, Equatable, CustomStringConvertible {
    /// The C function that reported it.
    public var function: String
    /// HDF5's major and minor messages, e.g. "Data filters", "Read failed".
    public var major: String
    public var minor: String
    /// The sentence of the place that failed.
    public var message: String

    public var description: String { "\(function): \(message) (\(major): \(minor))" }
  }

  /// The innermost message: the cause. Of a call of the system, what failed and the system's reason.
  public var cause: String {
    guard let message = frames.last?.message else { return "the HDF5 library gave no reason" }
    let parts = message.components(separatedBy: "error message = '")
    guard parts.count == 2, let reason = parts[1].split(separator: "'").first else { return message }
    return "\(message.prefix { $0 != ":" }) (\(reason))"
  }

  public var description: String {
    let place = object.map { "\(file): \($0)" } ?? file
    return "\(place): cannot \(action): \(cause).\n\(advice)"
  }

  /// All of the library's error stack, one entry a line, for a bug report.
  public var stack: String { frames.map(\.description).joined(separator: "\n") }

  /// True when the error comes from a checksum that does not fit its data.
  public var isChecksumFailure: Bool { frames.contains { $0.message.contains("Fletcher32") } }
}

extension HDF5Error {
  /// What clearbox found itself, without the library.
  static func damaged(_ object: String?, of file: String, action: String, _ reason: String) -> HDF5Error {
    HDF5Error(
      action: action, file: file, object: object, advice: advice(for: .checksum, file),
      frames: [.init(function: "clearbox", major: "Data", minor: "Damaged", message: reason)])
  }

  /// The error of a call that has just failed, with the stack that the library kept of it; clears that stack.
  static func current(
    _ action: String, file: String, object: String? = nil, advice own: String? = nil
  ) -> HDF5Error {
    let frames = walkErrorStack()
    var error = HDF5Error(action: action, file: file, object: object, advice: own ?? "", frames: frames)
    if own == nil { error.advice = advice(for: error.kind, file) }
    return error
  }

  private static func walkErrorStack() -> [Frame] {
    final class Collector { var frames: [Frame] = [] }
    let collector = Collector()
    _ = H5Ewalk2(
      chdf5_H5E_DEFAULT(), H5E_WALK_DOWNWARD,
      { _, entry, context in
        guard let entry = entry?.pointee, let context else { return 0 }
        let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        collector.frames.append(
          Frame(
            function: HDF5Error.text(entry.func_name), major: HDF5Error.message(entry.maj_num),
            minor: HDF5Error.message(entry.min_num), message: HDF5Error.text(entry.desc)))
        return 0
      }, Unmanaged.passUnretained(collector).toOpaque())
    _ = H5Eclear2(chdf5_H5E_DEFAULT())
    return collector.frames
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private static func message(_ id: hid_t) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = H5Eget_msg(id, nil, &buffer, buffer.count)
    guard length > 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
