import Measures
import RunFile

extension FabricatedRun {
  /// The columns of the experiments that ran, as the real experiments declare them.
  public var columns: [ColumnDefinition] {
    [Measure].all.filter { experiments.contains($0.experiment) }.columns.map { $0.definition(dModel: dModel) }
  }
}

/// A seeded generator whose numbers are the same on every machine (SplitMix64).
struct FabricatedNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1).
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func integer(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Nearly normal, mean 0, variance 1: the sum of four uniform 16-bit numbers, exact in any arithmetic order.
  mutating func normal() -> Double {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // Four uniforms on [0, 1) have mean 2 and variance 4/12.
    return (Double(sum) * 0x1p-16 - 2) * 1.7320508075688772
  }
}
