import Foundation
import Synchronization

/// The largest anonymous resident memory of the process while it lives, looked at twenty times a second by a thread of its
/// own: what a layer needs for a moment is seen too.
final class MemoryPeak: Sendable {
  private struct State {
    var bytes: Int?
    var isStopped = false
  }
  private let state = Mutex(State())

  init() {
    // The thread keeps the state alive and ends by itself; this object is not needed for that.
    Thread.detachNewThread { [self] in
      while look() { Thread.sleep(forTimeInterval: 0.05) }
    }
  }

  /// False once it is stopped.
  private func look() -> Bool {
    let now = Surroundings.anonymousBytes
    return state.withLock { state in
      state.bytes = [state.bytes, now].compactMap { $0 }.max()
      return !state.isStopped
    }
  }

  /// Ends the watch. Nil where the system does not tell.
  func stop() -> Int? {
    _ = look()
    return state.withLock { state in
      state.isStopped = true
      return state.bytes
    }
  }
}
