import Kernels

/// A control of LLM.int8: weights in bf16, and Gaussian noise on each token's activations that is as long as what their
/// 8-bit codes would lose. Columns that LLM.int8 leaves in 16 bits have none.
///
/// The noise is a pure function of seed, matrix and token: blocks, threads and resuming give the same. A rerun has the same
/// noise in its own order.
struct NoisyLinear: Linear {
  let dense: DenseLinear<BF16>
  let noise: TokenNoise
  /// As in `LLMInt8Linear`.
  let threshold: Float
  /// Place of each input in the model's own order; nil where that is the order.
  let inputPlaces: [Int32]?

  var outputs: Int { dense.outputs }
  var inputs: Int { dense.inputs }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let k = inputs
    let noisy = workspace.scratch(.int8Left, UInt16.self, count: rows * k)
    workspace.timed(part: .quantization) {
      let maxima = workspace.scratch(.int8Maxima, Float.self, count: rows)
      let hot = workspace.scratch(.int8Hot, UInt8.self, count: k)
      hot.update(repeating: 0, count: k)
      LLMInt8.scan(x, rows: rows, width: k, threshold: threshold, rowMaximum: maxima, outlierColumns: hot)
      let codes = workspace.scratch(.int8Codes, Int8.self, count: k)
      for row in 0..<rows {
        let (from, to) = (x + row * k, noisy + row * k)
        LLMInt8.quantizeActivations(
          from, rows: 1, width: k, threshold: threshold, rowMaximum: maxima + row, outlierColumns: hot, codes: codes)
        let normals = noise.normals(token: workspace.firstToken + row, count: k)
        var (lost, length) = (0.0, 0.0)
        for i in 0..<k where hot[i] == 0 {
          let error = Double(codes[i]) * Double(maxima[row]) / 127 - Double(BF16.float(from[i]))
          let normal = normals[place(i)]
          lost += error * error
          length += normal * normal
        }
        let scale = length > 0 ? (lost / length).squareRoot() : 0
        for i in 0..<k {
          to[i] =
            hot[i] == 0 ? bf16Bits(Float(Double(BF16.float(from[i])) + scale * normals[place(i)])) : from[i]
        }
      }
    }
    try dense.apply(UnsafePointer(noisy), rows: rows, into: out, workspace)
  }

  @inline(__always)
  private func place(_ input: Int) -> Int { inputPlaces.map { Int($0[input]) } ?? input }
}
