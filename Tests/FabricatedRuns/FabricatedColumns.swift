import RunFile

extension FabricatedRun {
  /// The columns of the experiments that ran, as the real experiments declare them.
  public var columns: [ColumnDefinition] {
    experiments.flatMap { experiment -> [ColumnDefinition] in
      switch experiment {
      case "accuracy": Self.accuracyColumns
      case "sae": Self.saeColumns(dModel: dModel)
      case "noise_floor": Self.noiseFloorColumns
      default: []
      }
    }
  }

  private static let accuracyColumns: [ColumnDefinition] = [
    ColumnDefinition(
      experiment: "accuracy", name: "nll", axis: .token, type: .float32, unit: "nats",
      meaning: "Negative log-likelihood of the next token; NaN at a chunk's last token", definition: "nll@1"),
    ColumnDefinition(
      experiment: "accuracy", name: "kl", axis: .token, type: .float32, unit: "nats",
      meaning: "KL(baseline ‖ condition) of the next token's distribution", definition: "kl@1",
      appliesToBaseline: false),
    ColumnDefinition(
      experiment: "accuracy", name: "top1_agreement", axis: .token, type: .uint8, unit: "1",
      meaning: "1 where condition and baseline rank the same token first, 255 where no target is scored",
      definition: "top1_agreement@1", appliesToBaseline: false),
  ]

  private static func saeColumns(dModel: Int) -> [ColumnDefinition] {
    func token(_ name: String, _ type: ColumnDefinition.ElementType, _ unit: String, _ meaning: String)
      -> ColumnDefinition
    {
      ColumnDefinition(
        experiment: "sae", name: name, axis: .token, type: type, unit: unit, meaning: meaning, definition: "\(name)@1")
    }
    return [
      token("squared_error", .float64, "activation²", "‖x − x̂‖²"),
      token("squared_norm", .float64, "activation²", "‖x‖²"),
      token("sum", .float64, "activation", "Sum of x over its dimensions"),
      token("dot", .float64, "activation²", "x·x̂"),
      token("l0", .int32, "features", "Active features"),
      ColumnDefinition(
        experiment: "sae", name: "vector_sum", axis: .segment, type: .float64,
        rowShape: [StratumFlags.cellCount, dModel], rowAxes: ["cell", "dimension"], unit: "activation",
        meaning: "Sum of x over the segment's tokens, per stratum cell and dimension", definition: "vector_sum@1"),
    ]
  }

  private static let noiseFloorColumns: [ColumnDefinition] = [
    ColumnDefinition(
      experiment: "noise_floor", name: "squared_perturbation", axis: .token, type: .float64, unit: "activation²",
      meaning: "‖x_condition − x_baseline‖²", definition: "squared_perturbation@1", appliesToBaseline: false)
  ]
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
