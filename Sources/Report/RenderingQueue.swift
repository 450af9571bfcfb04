import Dispatch
import Foundation
import Plot
import Synchronization

/// Files to be rendered independently of one another, on all cores. Their bytes do not depend on how many there are.
struct RenderingQueue {
  private typealias Job = (path: String, render: (FigureRenderer) throws -> [UInt8])
  private var jobs: [Job] = []

  mutating func add(_ path: String, _ render: @escaping (FigureRenderer) throws -> [UInt8]) {
    jobs.append((path, render))
  }

  /// Renders all files.
  ///
  /// - Parameter renderer: makes a renderer; each thread has its own.
  /// - Returns: the files in the order in which they were added.
  /// - Throws: the error of the first file that has one.
  func rendered(_ renderer: () throws -> FigureRenderer) throws -> [(path: String, bytes: [UInt8])] {
    let next = Atomic<Int>(0)
    let results = Mutex<[Int: Result<[UInt8], any Error>]>([:])
    let lanes = max(1, min(jobs.count, ProcessInfo.processInfo.activeProcessorCount))
    // Each job runs once, on one thread, with that thread's renderer; what the jobs share they only read.
    nonisolated(unsafe) let (jobs, renderer) = (self.jobs, renderer)
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      let own = Result { try renderer() }
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < jobs.count else { return }
        let result = own.flatMap { own in Result { try jobs[index].render(own) } }
        results.withLock { $0[index] = result }
      }
    }
    let all = results.withLock { $0 }
    return try jobs.indices.map { index in
      (jobs[index].path, try all[index]?.get() ?? [])
    }
  }
}
