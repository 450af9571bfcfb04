/// The formats of several tensors in which a Hugging Face folder may have its linear layers.
enum PackedFormats {
  /// A layer's weights in whichever of them the folder has it; nil where it has none, and the weights are plain.
  ///
  /// - Parameter module: "model.layers.0.mlp.up_proj".
  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    if let weight = try BitsAndBytes4Bit(module, shape: shape, in: folder) { return weight }
    if let weight = try BitsAndBytesInt8(module, shape: shape, in: folder) { return weight }
    return try CompressedTensors.weight(module, shape: shape, in: folder)
      ?? GPTQ.weight(module, shape: shape, in: folder)
  }
}
