import Kernels
import RunFile

/// bitsandbytes' 4-bit weights, dequantized to `compute` for the product; activations are bf16 between layers.
struct FourBitMethod: WeightRounding {
  var levels = FourBitLevels.nf4
  /// Weights that share one scale.
  var block = 64
  /// Scales are quantized to 8 bits themselves.
  var doubleQuantization = false
  var compute = ComputePrecision.bf16

  var kind: String { levels.rawValue }
  var citation: RunDescription.Citation? {
    .init(
      text:
        "\(kind.uppercased()) and double quantization: Dettmers, Pagnoni, Holtzman and Zettlemoyer, QLoRA, 2023",
      arXiv: "2305.14314")
  }

  var name: String {
    kind + (doubleQuantization ? "-dq" : "") + (compute == .bf16 ? "" : "-\(compute.rawValue)")
      + (hasUsualBlock ? "" : "-b\(block)")
  }

  var label: String {
    ([kind.uppercased()] + (doubleQuantization ? ["double quantization"] : [])
      + (compute == .bf16 ? [] : ["float32 compute"])
      + (hasUsualBlock ? [] : ["blocks of \(block)"])).joined(separator: ", ")
  }

  var parameters: [RunDescription.Parameter] {
    [
      .init(key: "block", value: "\(block)"), .init(key: "compute", value: compute.rawValue),
      .init(key: "double_quantization", value: "\(doubleQuantization)"),
    ]
  }

  var linears: LinearMaker {
    .bf16 { parts, order, kernels, _ in
      let (outputs, inputs) = (parts.reduce(0) { $0 + $1.rows }, parts[0].columns)
      switch compute {
      case .bf16:
        let weights: AlignedBuffer<UInt16> = order.applied(to: dequantized(parts) { $0.dequantize(into: $1) })
        return try DenseLinear<BF16>(weights.pointer, outputs: outputs, inputs: inputs, kernels)
      case .f32:
        let weights: AlignedBuffer<Float> = order.applied(to: dequantized(parts) { $0.dequantize(into: $1) })
        return try WideLinear(weights.pointer, outputs: outputs, inputs: inputs, kernels)
      }
    }
  }

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { dequantized([$0]) { $0.dequantize(into: $1) } }
  }

  func with(_ options: StudyNode) throws -> FourBitMethod {
    var method = self
    let keys = try options.keys(["double_quantization", "compute", "block"])
    if let entry = keys["double_quantization"] { method.doubleQuantization = try entry.bool() }
    if let entry = keys["compute"] { method.compute = try entry.name(ComputePrecision.self) }
    if let entry = keys["block"] {
      method.block = try entry.integer()
      guard [32, 64, 128, 256, 512, 1024, 2048, 4096].contains(method.block) else {
        throw entry.impossible("a power of two from 32 to 4096 is needed; bitsandbytes' default is 64")
      }
    }
    return method
  }

  func bits(rows: Int, columns: Int) -> Double {
    FourBitWeights.bits(weights: rows * columns, blockSize: block, doubleQuantization: doubleQuantization)
  }

  /// Dequantized weights are what is kept.
  func residentBytes(parameters: Int) -> Int { (compute == .bf16 ? 2 : 4) * parameters }

  /// The parts quantized and written out one after another. Double quantization takes its mean over each tensor: so they
  /// are quantized one by one, then joined.
  private func dequantized<Element>(
    _ parts: [BF16Weights], _ write: (FourBitWeights, UnsafeMutablePointer<Element>) -> Void
  ) -> AlignedBuffer<Element> {
    let all = AlignedBuffer<Element>(count: parts.reduce(0) { $0 + $1.count })
    var next = all.pointer
    for part in parts {
      let quantized = withExtendedLifetime(part) {
        FourBitWeights(
          quantizing: part.pointer, rows: part.rows, columns: part.columns, levels: levels, blockSize: block,
          doubleQuantization: doubleQuantization)
      }
      write(quantized, next)
      next += part.count
    }
    return all
  }

  private var hasUsualBlock: Bool { block == FourBitMethod().block }
}
