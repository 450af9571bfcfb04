import Dispatch
import Synchronization

/// Runs independent tasks on `threads` threads, in index order of their start; throws the error of the lowest index.
///
/// Tasks write to disjoint places and never depend on which thread they run on, so results do not either.
func forEachTask(_ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Void) throws {
  let next = Atomic<Int>(0)
  let failures = Mutex<[Int: any Error]>([:])
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      do { try body(index) } catch { failures.withLock { $0[index] = error } }
    }
  }
  if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
}
