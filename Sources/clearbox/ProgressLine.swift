import Experiments
import Foundation

/// Tells how far a run has come: one live line on a terminal, a plain line now and then elsewhere.
final class ProgressLine {
  private let isTerminal = Terminal.isLive
  private let clock = ContinuousClock()
  private var lastShown: ContinuousClock.Instant?
  /// Tokens that were done when this process started measuring: a resumed run is timed from there.
  private var origin: Double?

  private static let terminalInterval = Duration.milliseconds(200)
  private static let plainInterval = Duration.seconds(15)

  func show(_ progress: SweepProgress, elapsedSeconds: Double) {
    let start = origin ?? Double(progress.tokenCount * progress.block / max(progress.blockCount, 1))
    if origin == nil { origin = start }
    let isEnd = progress.tokensDone >= Double(progress.tokenCount)
    if let lastShown, !isEnd, clock.now - lastShown < (isTerminal ? Self.terminalInterval : Self.plainInterval) {
      return
    }
    lastShown = clock.now
    let speed = elapsedSeconds > 0 ? (progress.tokensDone - start) / elapsedSeconds : 0
    let left = speed > 0 ? (Double(progress.tokenCount) - progress.tokensDone) / speed : 0
    let text =
      "   block \(progress.block + 1) of \(progress.blockCount), \(Int(progress.tokensDone)) of \(progress.tokenCount) tokens, "
      + "\(Int(speed)) tokens/s, \(Self.duration(left)) left"
    if isTerminal { Terminal.draw(text) } else { Terminal.write(error: text + "\n") }
  }

  /// Ends the live line.
  func close() {
    if isTerminal, lastShown != nil { Terminal.draw("") }
  }

  /// "45 s", "3 min 20 s", "2 h 5 min".
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
