import Dispatch
import Synchronization

/// A value that is computed beside other work, on a thread of its own.
final class InBackground<Value: Sendable>: Sendable {
  private let made = Mutex<Value?>(nil)
  private let isDone = DispatchGroup()

  init(_ make: @escaping @Sendable () -> Value) {
    DispatchQueue.global().async(group: isDone) { [self] in
      let value = make()
      made.withLock { $0 = value }
    }
  }

  /// Waits until it is there.
  var value: Value {
    isDone.wait()
    guard let value = made.withLock({ $0 }) else { preconditionFailure("the work has ended, so its value is there") }
    return value
  }
}
