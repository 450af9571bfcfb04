/// What a `config.json` says of quantized weights, and which of it is read here.
enum QuantizationNote {
  static let keys = ["quantization_config", "compression_config", "quantization"]
  /// By `quant_method`.
  private static let read = ["bitsandbytes", "compressed-tensors", "gptq", "awq"]

  /// - Parameter name: one of `keys`.
  /// - Throws: `CheckpointError.quantized` for a method that is not read.
  static func check(_ note: QuantizationFields, name: String) throws {
    let flags = ["load_in_4bit", "load_in_8bit"]
    let inBits = try flags.map { try note.bool($0) == true }.contains(true)
    let method =
      try note.text("quant_method")
      ?? (inBits ? "bitsandbytes" : name == "quantization" ? "MLX" : "a method it does not name")
    guard read.contains(method) else {
      throw CheckpointError.quantized(path: note.path, key: note.section, method: method)
    }
    if method == "compressed-tensors" { try checkCompressedTensors(note) }
  }

  private static func checkCompressedTensors(_ note: QuantizationFields) throws {
    func refuse(_ part: String, _ found: String) -> CheckpointError {
      .quantized(path: note.path, key: note.name(part), method: "compressed-tensors' \(found)")
    }
    if let format = try note.text("format"), CompressedTensors.Format(rawValue: format) == nil {
      throw refuse("format", format)
    }
    if let status = try note.text("quantization_status"), status != "compressed" {
      throw refuse("quantization_status", "state \(status)")
    }
    if let sparse = try note.inner("sparsity_config")?.text("format"), sparse != "dense" {
      throw refuse("sparsity_config", "format \(sparse)")
    }
    if try note.inner("transform_config")?.object.isEmpty == false { throw refuse("transform_config", "transforms") }
    if note["kv_cache_scheme"] != nil { throw refuse("kv_cache_scheme", "quantized keys and values") }
  }
}
