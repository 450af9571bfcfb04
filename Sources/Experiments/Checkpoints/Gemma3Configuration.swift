/// The dimensions of a Gemma 3 text model. What a GGUF file does not state is an error; what a config.json leaves out has
/// the value that transformers' class gives it, and is listed in `assumed`.
///
/// Built by `init(gguf:)` and `init(huggingFace:path:)`; sources of the constants stand there.
public struct Gemma3Configuration: Sendable, Equatable, Codable {
  /// Name the file gives itself ("Gemma 3 270m"), empty when it gives none.
  public var name: String
  /// Architecture as spelled in the file: gemma3, gemma3_text.
  public var architecture: String
  /// D, width of the residual stream.
  public var dModel: Int
  public var layerCount: Int
  /// H, query heads.
  public var headCount: Int
  /// K, key-value heads; H is a multiple of K.
  public var keyValueHeadCount: Int
  /// d, width of a head. H·d need not be D.
  public var headDim: Int
  /// Width of the gated feed-forward layer.
  public var intermediateSize: Int
  /// V, rows of the embedding.
  public var vocabularySize: Int
  /// Tokens a local layer sees, the token itself counted.
  public var slidingWindow: Int
  /// Attention scores are divided by √(this).
  public var queryPreAttentionScalar: Double
  public var rmsNormEpsilon: Double
  /// RoPE base of global layers.
  public var ropeBaseGlobal: Double
  /// RoPE base of local (sliding) layers.
  public var ropeBaseLocal: Double
  /// Positions in global layers are divided by this; 1 when the model has no scaling.
  public var ropeScalingFactorGlobal: Double
  /// Per layer: sees all earlier tokens (true) or a sliding window (false).
  public var isGlobal: [Bool]
  /// Longest context the model was made for.
  public var maxPositions: Int
  /// What a config.json leaves out and transformers' class defines, as "text_config.head_dim = 256", in a fixed order; empty
  /// for a GGUF file.
  public var assumed: [String] = []

  /// Deeper than any model: a damaged file must not make us look for a million layers.
  static let mostLayers = 4096

  /// Every sixth layer is global: layer i where (i + 1) is a multiple of the pattern.
  static func globalLayers(count: Int, pattern: Int) -> [Bool] {
    (0..<count).map { ($0 + 1) % pattern == 0 }
  }

  /// Checks what the forward pass relies on.
  func validate(path: String) throws {
    let most = Int(Int32.max)
    let positive: [(String, Int, Int)] = [
      ("hidden size", dModel, most), ("number of layers", layerCount, Self.mostLayers),
      ("number of heads", headCount, most), ("number of key-value heads", keyValueHeadCount, most),
      ("head dimension", headDim, most), ("intermediate size", intermediateSize, most),
      ("vocabulary size", vocabularySize, most), ("sliding window", slidingWindow, most),
      ("number of positions", maxPositions, most),
      // Every matrix then has fewer than 2⁶² numbers.
      (
        "number of heads times the head dimension", headCount.multipliedReportingOverflow(by: headDim).partialValue,
        most
      ),
    ]
    for (key, value, most) in positive where !(1...most ~= value) {
      throw CheckpointError.invalidValue(
        path: path, key: key, value: "\(value)",
        needed: "a number from 1 to \(most == Int(Int32.max) ? "2³¹ − 1" : "\(most)")")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw CheckpointError.invalidValue(
        path: path, key: "number of key-value heads", value: "\(keyValueHeadCount)",
        needed: "a divisor of the \(headCount) heads")
    }
    guard headDim % 2 == 0 else {
      throw CheckpointError.invalidValue(
        path: path, key: "head dimension", value: "\(headDim)", needed: "an even number")
    }
    let scalars: [(String, Double)] = [
      ("query pre-attention scalar", queryPreAttentionScalar), ("RMSNorm epsilon", rmsNormEpsilon),
      ("global RoPE base", ropeBaseGlobal), ("local RoPE base", ropeBaseLocal),
      ("RoPE scaling factor", ropeScalingFactorGlobal),
    ]
    // They are computed with in float32.
    for (key, value) in scalars where !(Float(value) > 0 && Float(value).isFinite) {
      throw CheckpointError.invalidValue(
        path: path, key: key, value: "\(value)", needed: "a positive number that float32 can hold")
    }
    guard isGlobal.count == layerCount else {
      throw CheckpointError.invalidValue(
        path: path, key: "layer_types", value: "an array of \(isGlobal.count)",
        needed: "one entry for each of the \(layerCount) layers")
    }
  }
}
