/// The formats of several tensors in which a Hugging Face folder may have its linear layers.
enum PackedFormats {
  /// A layer's weights in whichever of them the folder has it; nil where it has none, and the weights are plain.
  ///
  /// - Parameter module: "model.layers.0.mlp.up_proj".
  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    if let weight = try BitsAndBytes4Bit(module, shape: shape, in: folder) { return weight }
    if let weight = try BitsAndBytesInt8(module, shape: shape, in: folder) { return weight }
    if let weight = try CompressedTensors.weight(module, shape: shape, in: folder) { return weight }
    if let weight = try GPTQ.weight(module, shape: shape, in: folder) { return weight }
    try refuseParts(module, in: folder)
    return nil
  }

  /// Weights whose numbers another tensor gives their meaning, without it, or the other without them.
  private static func refuseParts(_ module: String, in folder: HuggingFaceFolder) throws {
    if let weight = try folder.raw(module + ".weight") {
      let method = try folder.quantization()?.text("quant_method")
      let companions: [RawTensor.NumberType: String] = [
        .f8_E4M3: ".weight_scale", .u8: ".weight.quant_state.bitsandbytes__nf4",
        .i8: method == "compressed-tensors" ? ".weight_scale" : ".SCB",
      ]
      guard let companion = companions[weight.type] else { return }
      throw CheckpointError.missingCompanion(
        path: weight.file.path, tensor: weight.name, type: weight.type.rawValue, companion: module + companion)
    }
    let isPacked = try folder.quantization()?.text("format")?.contains("pack") != false
    for (codes, companions) in [
      (isPacked ? ".weight_packed" : ".weight", [".weight_scale", ".weight_shape", ".weight_global_scale"]),
      (".qweight", [".scales", ".qzeros", ".g_idx"]),
    ] where companions.contains(where: { folder.contains(module + $0) }) {
      throw CheckpointError.missingTensor(path: folder.weightsPath, tensor: module + codes)
    }
  }
}
