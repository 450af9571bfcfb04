/// What a thread's time goes to during a sweep.
package enum Stage: Int, CaseIterable, Sendable {
  case weights, residual, norms, queryKeyValue, attention, output, gateUp, gelu, down, head, headSums, saeEncoder,
    saeDecoder, metrics, writing

  /// In tables and run files.
  package var name: String {
    switch self {
    case .weights: "weights made and packed"
    case .residual: "embedding, residual stream"
    case .norms: "norms, rotary, residual adds"
    case .queryKeyValue: "query, key, value"
    case .attention: "attention"
    case .output: "attention output"
    case .gateUp: "gate and up"
    case .gelu: "GELU"
    case .down: "down"
    case .head: "head"
    case .headSums: "head: log-sum-exp, KL, argmax"
    case .saeEncoder: "SAE encoder"
    case .saeDecoder: "SAE decoder"
    case .metrics: "other metrics"
    case .writing: "parts of the run file"
    }
  }

  /// Waiting for other threads, and the little that lies between stages.
  package static let waiting = "waiting"
}

/// What is told apart within a stage.
enum StagePart: Int, CaseIterable, Sendable {
  /// Everything else.
  case rest
  /// The matrix product, with the rounding of its result where the multiplier does that.
  case product
  /// Attention's, with its mask and the rounding of probabilities.
  case softmax
  // LLM.int8's own.
  case quantization, outliers, epilogue

  /// In tables and run files; nil for the rest.
  var name: String? {
    switch self {
    case .rest: nil
    case .product: "product"
    case .softmax: "softmax"
    case .quantization: "scan and quantize"
    case .outliers: "outlier columns"
    case .epilogue: "integers to bf16"
    }
  }
}

/// Where time is counted.
struct StagePlace: Hashable, Sendable {
  /// Index into the study's conditions; nil for what all share.
  var condition: Int?
  /// Nil between stages.
  var stage: Stage?
  var part = StagePart.rest
}
