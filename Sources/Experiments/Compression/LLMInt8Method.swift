import Kernels
import RunFile

/// bitsandbytes' LLM.int8. Outliers are activations at or above `threshold` in fp16, decided over a whole batch.
struct LLMInt8Method: WeightRounding {
  /// Activation columns with an entry at least this large stay in 16 bits.
  var threshold = 6.0
  /// Whose rounding turns integer sums into outputs: bitsandbytes' CUDA kernels' (through fp16) or its CPU path's.
  var epilogue = LLMInt8.Epilogue.cuda

  let kind = "int8"
  let couplesBatch = true
  let citation: RunDescription.Citation? = .init(
    text:
      "LLM.int8: Dettmers, Lewis, Belkada and Zettlemoyer, 8-bit Matrix Multiplication for Transformers at Scale, 2022",
    arXiv: "2208.07339")

  var name: String {
    "int8" + (hasUsualThreshold ? "" : "-t\(shortThreshold)") + (epilogue == .cuda ? "" : "-\(epilogue.rawValue)")
  }

  var label: String {
    (["LLM.int8"] + (hasUsualThreshold ? [] : ["threshold \(shortThreshold)"])
      + (epilogue == .cuda ? [] : ["CPU epilogue"]))
      .joined(separator: ", ")
  }

  var parameters: [RunDescription.Parameter] {
    [.init(key: "epilogue", value: epilogue.rawValue), .init(key: "threshold", value: "\(Float(threshold))")]
  }

  var linears: LinearMaker {
    .bf16 { parts, order, kernels, _ in
      try LLMInt8Linear(
        LLMInt8Weights(quantizing: parts, order: order), threshold: Float(threshold), epilogue: epilogue,
        kernels)
    }
  }

  var activationThreshold: Float? { Float(threshold) }

  /// code · SCB ∕ 127, as bitsandbytes dequantizes its weights.
  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      let weights = LLMInt8Weights(quantizing: [part])
      let out = AlignedBuffer<UInt16>(count: part.count)
      for row in 0..<weights.rows {
        for i in row * weights.columns..<(row + 1) * weights.columns {
          out[i] = bf16Bits(Float(weights.codes[i]) * weights.absmax[row] * (1 / 127))
        }
      }
      return out
    }
  }

  func with(_ options: StudyNode) throws -> LLMInt8Method {
    var method = self
    let keys = try options.keys(["threshold", "epilogue"])
    if let entry = keys["threshold"] {
      method.threshold = try entry.number()
      guard method.threshold > 0, Float(method.threshold).isFinite else {
        throw entry.impossible("a positive number is needed; bitsandbytes' default is 6.0")
      }
    }
    if let entry = keys["epilogue"] { method.epilogue = try entry.name(LLMInt8.Epilogue.self) }
    return method
  }

  /// A code per weight, a float32 scale per row.
  func bits(rows: Int, columns: Int) -> Double { 8 * Double(rows * columns) + 32 * Double(rows) }

  private var hasUsualThreshold: Bool { threshold == LLMInt8Method().threshold }
  /// 6, 4.5: no trailing ".0".
  private var shortThreshold: String { Int(exactly: threshold).map(String.init) ?? "\(threshold)" }
}
