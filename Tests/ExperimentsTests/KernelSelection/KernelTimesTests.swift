import Kernels
import Testing

@testable import Experiments

@Suite("A calibration")
struct KernelTimesTests {
  /// Times of one shape.
  private func times(_ precision: ProductPrecision, portable: [Double], onednn: [Double]) -> KernelTimes {
    let shape = ProductShape(precision, rows: 8, columns: 8, depth: 8)
    return KernelTimes(entries: [
      .init(shape: shape, engine: .portable, seconds: portable), .init(shape: shape, engine: .onednn, seconds: onednn),
    ])
  }

  @Test(
    "overrules the table at a gain of a tenth in each of three repeats, and never otherwise",
    arguments: [
      ([1.2, 1.2, 1.2], [1.0, 1.0, 1.0], "onednn"), ([1.1, 1.1, 1.1], [1.0, 1.0, 1.0], "onednn"),
      ([1.2, 1.09, 5], [1.0, 1.0, 1.0], "portable"), ([1.2, 1.2], [1.0, 1.0], "portable"),
      ([1.2, 1.2, 1.2], [1.0, 1.0], "portable"), ([], [], "portable"), ([1, 1, 1], [2, 2, 2], "portable"),
    ])
  func rule(portable: [Double], onednn: [Double], expected: String) {
    let found = ProductPrecision.allCases.map { precision in
      times(precision, portable: portable, onednn: onednn).improving(KernelChoice(.portable))[precision].rawValue
    }
    #expect(found == Array(repeating: expected, count: 3))
    // Each precision decides for itself.
    let one = times(.int8, portable: [2, 2, 2], onednn: [1, 1, 1])
    #expect(one.improving(KernelChoice(.portable)).name == "portable+onednn-int8")
    #expect(one.improving(KernelChoice(.onednn)) == KernelChoice(.onednn))
  }

  @Test("times each engine of this machine in each repeat, and begins nothing after the limit")
  func measured() throws {
    let times = try KernelTimes.measure(threads: 1, rows: 8, window: 0.001)
    let engines = ProductPrecision.allCases.map { KernelChoice.engines(for: $0).count }
    #expect(times.entries.count == 3 * engines.filter { $0 > 1 }.reduce(0, +))
    #expect(times.entries.allSatisfy { $0.seconds.count == 3 && $0.seconds.allSatisfy { $0 > 0 } })
    #expect(times.isComplete)
    let none = try KernelTimes.measure(threads: 1, rows: 8, window: 0.001, limit: 0)
    #expect(none.entries.allSatisfy { $0.seconds.isEmpty })
    #expect(!none.isComplete || none.entries.isEmpty)
    for choice in KernelChoice.all { #expect(none.improving(choice) == choice) }
  }
}
