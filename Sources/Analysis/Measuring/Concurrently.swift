import Dispatch

/// The results of independent computations, in their order, computed on all cores.
func concurrently<Result>(_ count: Int, _ compute: (Int) -> Result) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { results, initialized in
    guard let start = results.baseAddress else { return }
    // Each iteration writes its own result alone.
    nonisolated(unsafe) let (write, compute) = (start, compute)
    DispatchQueue.concurrentPerform(iterations: count) { (write + $0).initialize(to: compute($0)) }
    initialized = count
  }
}
