import Dispatch
import Foundation
import Synchronization

/// Runs independent tasks on `threads` threads, in index order of their start; throws the error of the lowest index.
///
/// Tasks write to disjoint places and never depend on which thread they run on, so results do not either.
func forEachTask<Failure>(
  _ count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let next = Atomic<Int>(0)
  let failures = Mutex<[Int: Failure]>([:])
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      do throws(Failure) { try body(index) } catch { failures.withLock { $0[index] = error } }
    }
  }
  if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
}

/// What independent tasks make, in the order of their indices; otherwise as `forEachTask`.
func mapTasks<Made: Sendable, Failure>(
  _ count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ make: @Sendable (Int) throws(Failure) -> Made
) throws(Failure) -> [Made] {
  let made = Mutex<[Int: Made]>([:])
  try forEachTask(count, threads: threads) { (index) throws(Failure) in
    let value = try make(index)
    made.withLock { $0[index] = value }
  }
  return made.withLock { made in (0..<count).compactMap { made[$0] } }
}
