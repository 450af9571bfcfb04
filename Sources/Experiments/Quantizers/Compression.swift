import Kernels

/// What a condition does to the model: which weights it stores and in which arithmetic it multiplies.
///
/// Embeddings, language-model head and norms stay as they are, as transformers leaves them.
public enum Compression: Sendable, Hashable {
  public enum Precision: String, Sendable, Codable { case bf16, f32 }

  /// The checkpoint's weights, rounded to bf16; activations in the given precision.
  case none(Precision)
  /// LLM.int8. Outliers are activations at or above `threshold` in fp16, decided over a whole batch.
  case int8(threshold: Float, epilogue: LLMInt8.Epilogue)
  /// NF4 weights, dequantized to `compute` for the product; activations are bf16 between layers.
  case nf4(blockSize: Int, doubleQuantization: Bool, compute: Precision)

  /// True when results depend on which chunks are computed together.
  var couplesBatch: Bool {
    if case .int8 = self { true } else { false }
  }

  /// Bits that a [rows, columns] linear layer takes in this condition, scales counted.
  func bits(rows: Int, columns: Int) -> Double {
    let count = rows * columns
    return switch self {
    case .none(.bf16): 16 * Double(count)
    case .none(.f32): 32 * Double(count)
    case .int8: 8 * Double(count) + 32 * Double(rows)
    case .nf4(let block, let double, _): NF4.bits(weights: count, blockSize: block, doubleQuantization: double)
    }
  }

  /// Bits of an uncompressed parameter.
  var plainBits: Double {
    if case .none(.f32) = self { 32 } else { 16 }
  }
}

extension Compression {
  /// True when activations between steps are bf16.
  var isBF16: Bool { self != .none(.f32) }
}
