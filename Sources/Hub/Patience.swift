import Foundation

/// How long and how often to try: every wait has an end.
public struct Patience: Sendable {
  /// Attempts in a row that bring nothing new.
  public var attempts = 6
  /// Seconds before the second attempt; doubled for each further one.
  public var firstPause = 1.0
  public var longestPause = 30.0
  /// Seconds that a server may ask for before giving up is better.
  public var longestRequestedPause = 300.0
  /// Seconds without a byte after which a connection counts as dead.
  public var idleSeconds = 30
  public var sleep: @Sendable (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }

  public init() {}

  /// One attempt, of a few seconds.
  public static var short: Patience {
    var patience = Patience()
    patience.attempts = 1
    patience.idleSeconds = 5
    return patience
  }

  func pause(afterFailures count: Int) -> Double {
    min(longestPause, firstPause * pow(2, Double(count - 1)))
  }
}

/// An attempt that failed and may be repeated.
struct Transient: Error {
  /// Half a sentence: "the connection was dropped".
  var reason: String
  /// Seconds that the server asks for.
  var requestedPause: Double?
}

extension Patience {
  /// New bytes that show that a bad connection is one worth keeping.
  private static let progressBytes = 1 << 20

  /// Repeats `attempt` while it throws `Transient`.
  ///
  /// Counted are failures since the transfer last came further than ever before, so that a long file survives any
  /// number of drops, and a server that always drops at the same place does not.
  /// - Parameters:
  ///   - subject: for messages: the file, or the repository.
  ///   - position: bytes that have arrived.
  /// - Throws: `HubError.unreachable`, `HubError.mustWait`, and what `attempt` throws.
  func persist<Result>(
    _ subject: String, position: () -> Int = { 0 }, retrying: (_ reason: String, _ seconds: Double) -> Void,
    _ attempt: () throws -> Result
  ) throws -> Result {
    var failures = 0
    var farthest = position()
    while true {
      do {
        return try attempt()
      } catch let failure as Transient {
        if position() >= farthest + Self.progressBytes { failures = 0 }
        farthest = max(farthest, position())
        failures += 1
        guard failures < attempts else {
          throw HubError.unreachable(subject: subject, reason: failure.reason, attempts: attempts)
        }
        let seconds = failure.requestedPause ?? pause(afterFailures: failures)
        guard seconds <= longestRequestedPause else {
          throw HubError.mustWait(subject: subject, seconds: Int(min(seconds, 1e9).rounded(.up)))
        }
        retrying(failure.reason, seconds)
        sleep(seconds)
      }
    }
  }
}
