import Kernels

/// How long the linear layers of a decoder layer take under bf16 and under LLM.int8, on random numbers.
package enum LinearTimes {
  /// Seconds that all layers take a thread while all threads do the same, the best of three passes each, in turns.
  ///
  /// - Parameters:
  ///   - shapes: outputs and inputs of each layer.
  ///   - rows: tokens of a batch; each thread has one.
  ///   - outlierShare: of the input columns, which hold numbers above LLM.int8's threshold.
  package static func seconds(
    shapes: [(outputs: Int, inputs: Int)], rows: Int, outlierShare: Double, _ kernels: KernelChoice, threads: Int
  ) throws -> (bf16: Double, int8: Double) {
    var total = (bf16: 0.0, int8: 0.0)
    let workspaces = WorkspacePool(kernels)
    for (outputs, inputs) in shapes {
      var generator = Steps(state: UInt64(outputs * inputs))
      func numbers(_ count: Int, _ scale: Float, _ change: (Int, Float) -> Float = { $1 }) -> AlignedBuffer<UInt16> {
        let buffer = AlignedBuffer<UInt16>(count: count)
        for i in 0..<count { buffer[i] = bf16Bits(change(i, Float.random(in: -1...1, using: &generator) * scale)) }
        return buffer
      }
      let outliers = Int((Double(inputs) * outlierShare).rounded())
      let x = numbers(rows * inputs, 3) { index, value in
        // Spread over the columns; one in sixteen rows has them.
        let (row, column) = index.quotientAndRemainder(dividingBy: inputs)
        return row % 16 == 0 && outliers > 0 && column % (inputs / outliers) == 0
          && column / (inputs / outliers) < outliers
          ? value + (value < 0 ? -8 : 8) : value
      }
      let w = BF16Weights(numbers(outputs * inputs, 0.05), rows: outputs, columns: inputs)
      let dense = try DenseLinear<BF16>([w], kernels)
      let int8 = try LLMInt8Linear(LLMInt8Weights(quantizing: [w]), threshold: 6, epilogue: .cuda, kernels)
      var best = (bf16: Double.infinity, int8: Double.infinity)
      func pass(_ linear: any Linear<UInt16>) throws -> Double {
        try ContinuousClock().measure {
          try forEachTask(threads, threads: threads) { _ in
            try workspaces.with { workspace in
              let out = workspace.scratch(.projections, UInt16.self, count: rows * outputs)
              try linear.apply(x.pointer, rows: rows, into: out, workspace)
            }
          }
        } / .seconds(1)
      }
      for turn in 0..<4 {
        let times = (try pass(dense), try pass(int8))
        // The first makes kernels and scratch memory.
        if turn > 0 { best = (min(best.bf16, times.0), min(best.int8, times.1)) }
      }
      total = (total.bf16 + best.bf16, total.int8 + best.int8)
    }
    return total
  }
}

/// Knuth's 64-bit linear congruential generator: quick, the same numbers each time, good enough to fill matrices.
private struct Steps: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
