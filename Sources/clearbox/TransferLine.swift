import Foundation
import Hub

/// Tells how far a download has come: one live line on a terminal, a plain line now and then elsewhere.
final class TransferLine {
  private let isTerminal = Terminal.isLive
  private let clock = ContinuousClock()
  private var lastShown: ContinuousClock.Instant?
  private var start: ContinuousClock.Instant
  /// Bytes of all files together that this process is to get, and those it has got.
  private var expected = 0
  private var done = 0
  /// The file under way, and how many bytes of it are there.
  private var file: HubFile?
  private var position = 0

  private static let terminalInterval = Duration.milliseconds(200)
  private static let plainInterval = Duration.seconds(15)

  init() { start = clock.now }

  func expect(_ bytes: Int) {
    expected = bytes
    start = clock.now
    // What is over at once needs no line.
    lastShown = start
  }

  func show(_ event: HubFetch.Event) {
    switch event {
    case .began(let file, let offset):
      // The same again: its content was wrong, and what was counted is gone.
      if file == self.file { done += offset - position }
      (self.file, position) = (file, offset)
    case .progress(let file, let bytes):
      // A server that starts again at the beginning takes back what was counted.
      done += bytes - position
      position = bytes
      tell(file)
    case .waitingForOtherProcess(let file): note("another process downloads \(file.path); waiting for it")
    case .retrying(let subject, let reason, let seconds):
      note("\(subject): \(reason); trying again" + (seconds < 1 ? "" : " in \(ProgressLine.duration(seconds))"))
    case .finished(let file): note("\(file.path), \(ByteCount.text(file.size))")
    }
  }

  private func tell(_ file: HubFile) {
    if let lastShown, clock.now - lastShown < (isTerminal ? Self.terminalInterval : Self.plainInterval) { return }
    lastShown = clock.now
    let seconds = (clock.now - start) / .seconds(1)
    let speed = seconds > 0 ? Double(max(done, 0)) / seconds : 0
    let left = speed > 0 && seconds > 1 ? ", \(ProgressLine.duration(Double(expected - done) / speed)) left" : ""
    let text =
      "   \(ByteCount.text(max(done, 0))) of \(ByteCount.text(expected)), \(ByteCount.text(Int(speed)))/s\(left); \(file.path)"
    // On a terminal the line is written over itself; the escape clears what a longer one left behind.
    if isTerminal { Terminal.draw(text) } else { Terminal.write(error: text + "\n") }
  }

  /// A line that stays.
  private func note(_ text: String) {
    close()
    Terminal.write(error: "   \(text)\n")
  }

  /// Ends the live line.
  func close() {
    if isTerminal, lastShown != nil { Terminal.draw("") }
  }
}
