import Foundation
import Kernels
import Synchronization

/// How fast this machine multiplies at best: one product over and over, on every thread at once, its weights packed.
package enum ProductPeak {
  /// What is counted: time that passes, or the processor's for this thread alone, which other processes hardly disturb.
  package enum Clock: Sendable {
    case wall, processor

    fileprivate var seconds: Double {
      var time = timespec()
      clock_gettime(self == .wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
  }

  /// What one product takes a thread while all threads do the same: the best of some windows, averaged over threads.
  ///
  /// bf16 and float32 products give their own type, int8 gives Int32.
  ///
  /// - Parameters:
  ///   - window: seconds that each lasts, or one product if that takes longer.
  ///   - windows: how many; one gives the mean instead of the best.
  package static func seconds(
    _ shape: ProductShape, _ kernels: KernelChoice, threads: Int, window: Double = 0.1, windows: Int = 3,
    clock: Clock = .wall
  ) throws -> Double {
    let (n, k) = (shape.columns, shape.depth)
    // A half, in each type that has one: no number that makes a kernel slow or overflow.
    switch shape.precision {
    case .bf16:
      let weights = AlignedBuffer<UInt16>(repeating: 0x3f00, count: n * k)
      let packed = try withExtendedLifetime(weights) {
        try PackedMatrix(bf16: weights.pointer, rows: n, columns: k, kernels)
      }
      return try best(
        shape, packed, kernels, input: UInt16(0x3f00), output: UInt16.self, threads, window, windows, clock)
    case .f32:
      let weights = AlignedBuffer<Float>(repeating: 0.5, count: n * k)
      let packed = try withExtendedLifetime(weights) {
        try PackedMatrix(f32: weights.pointer, rows: n, columns: k, kernels)
      }
      return try best(shape, packed, kernels, input: Float(0.5), output: Float.self, threads, window, windows, clock)
    case .int8:
      let weights = AlignedBuffer<Int8>(repeating: 64, count: n * k)
      let packed = try withExtendedLifetime(weights) {
        try PackedMatrix(int8: weights.pointer, rows: n, columns: k, kernels)
      }
      return try best(shape, packed, kernels, input: Int8(64), output: Int32.self, threads, window, windows, clock)
    }
  }

  private static func best<In: ProductElement, Out: ProductElement>(
    _ shape: ProductShape, _ weights: PackedMatrix, _ kernels: KernelChoice, input: In, output: Out.Type,
    _ threads: Int, _ window: Double,
    _ windows: Int, _ clock: Clock
  ) throws -> Double {
    let found = Mutex<[Double]>([])
    try forEachTask(threads, threads: threads) { _ in
      let multiplier = Multiplier(kernels)
      let x = AlignedBuffer<In>(repeating: input, count: shape.rows * shape.depth)
      let out = AlignedBuffer<Out>(count: shape.rows * shape.columns)
      func seconds(_ count: Int) throws -> Double {
        let start = clock.seconds
        for _ in 0..<count {
          try multiplier.multiply(
            Strided(UnsafePointer(x.pointer), stride: shape.depth), rows: shape.rows, by: weights,
            into: out.pointer, stride: shape.columns)
        }
        return clock.seconds - start
      }
      // The first makes the kernel and its scratch memory, the second says how many fill a window.
      _ = try seconds(1)
      let count = max(1, Int(window / max(try seconds(1), 1e-9)))
      var least = Double.infinity
      for _ in 0..<windows { least = min(least, try seconds(count) / Double(count)) }
      found.withLock { $0.append(least) }
    }
    return found.withLock { $0.reduce(0, +) / Double($0.count) }
  }
}

extension AlignedBuffer {
  fileprivate convenience init(repeating value: Element, count: Int) {
    self.init(count: count)
    pointer.update(repeating: value, count: count)
  }
}
