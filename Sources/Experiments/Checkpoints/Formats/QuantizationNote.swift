/// What a `config.json` says of quantized weights, and which of it is read here.
enum QuantizationNote {
  static let keys = ["quantization_config", "compression_config", "quantization"]
  /// By `quant_method`.
  private static let read = ["bitsandbytes", "compressed-tensors", "gptq", "awq"]

  /// - Throws: `CheckpointError.quantized` for a method that is not read.
  static func check(_ value: JSONValue, key: String, name: String, path: String) throws {
    let inBits = value["load_in_4bit"] == .bool(true) || value["load_in_8bit"] == .bool(true)
    let method =
      value["quant_method"]?.string
      ?? (inBits ? "bitsandbytes" : name == "quantization" ? "MLX" : "a method it does not name")
    guard read.contains(method) else {
      throw CheckpointError.quantized(path: path, key: key, method: method)
    }
    if method == "compressed-tensors" { try checkCompressedTensors(value, key: key, path: path) }
  }

  private static func checkCompressedTensors(_ value: JSONValue, key: String, path: String) throws {
    let formats = [
      "pack-quantized", "float-quantized", "naive-quantized", "int-quantized", "nvfp4-pack-quantized",
      "mxfp4-pack-quantized", "mixed-precision", "dense",
    ]
    func refuse(_ part: String, _ found: String) -> CheckpointError {
      .quantized(path: path, key: "\(key).\(part)", method: "compressed-tensors' \(found)")
    }
    if let format = value["format"]?.string, !formats.contains(format) { throw refuse("format", format) }
    if let status = value["quantization_status"]?.string, status != "compressed" {
      throw refuse("quantization_status", "state \(status)")
    }
    if let sparse = value["sparsity_config"]?["format"]?.string, sparse != "dense" {
      throw refuse("sparsity_config", "format \(sparse)")
    }
    if value["transform_config"]?.object?.isEmpty == false { throw refuse("transform_config", "transforms") }
    if let cache = value["kv_cache_scheme"], cache != .null {
      throw refuse("kv_cache_scheme", "quantized keys and values")
    }
  }
}
