import NumpyRandom
import Testing

@testable import Analysis

@Suite("Sorting by numbers")
struct AscendingOrderTests {
  @Test("The order is that of a stable sort", arguments: [0, 1, 2, 300, 5000])
  func sorts(count: Int) {
    var generator = PCG64(seed: 4)
    // Few values, so that many are equal; both signs, and magnitudes from subnormal to infinite.
    let choices: [Double] =
      [0, 3 * .leastNonzeroMagnitude, 2.5, .infinity, -.infinity, -1e300, 1e300, -3]
      + (0..<40).map { _ in generator.random() - 0.5 }
    let values = (0..<count).map { _ in choices[generator.integer(below: choices.count)] }
    let expected = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    #expect(AscendingOrder.indices(of: values) == expected.map(Int32.init))
  }
}
