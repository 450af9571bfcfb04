import ArgumentParser
import Foundation

/// The date that rendered files carry in their metadata: never the clock's.
enum RenderingDate {
  /// `SOURCE_DATE_EPOCH` (seconds since 1970, UTC; reproducible-builds.org) as ISO 8601; nil where it is not set, for the
  /// run's own date.
  static func fromEnvironment() throws -> String? {
    guard let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"], !text.isEmpty else { return nil }
    guard let seconds = Int64(text), (0...253_402_300_799).contains(seconds) else {
      throw ValidationError(
        "SOURCE_DATE_EPOCH=\(text) is not a whole number of seconds since 1970. Unset it, or set it to one.")
    }
    return Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
  }
}
