/// Weights that GPTQ's and AWQ's programs wrote: `qweight`, `qzeros`, `scales`, and GPTQ's `g_idx`.
///
/// Source: gptqmodel 7.7, nn_modules/qlinear (PackableQuantLinear.dequantize_weight), utils/model.py
/// (convert_gptq_v1_to_v2_format_module), quantization/awq/utils/packing_utils.py (dequantize_gemm).
enum GPTQ {
  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    guard try folder.raw(module + ".qweight") != nil else { return nil }
    guard let note = folder.quantization else {
      throw CheckpointError.missingKey(path: folder.configurationPath, key: "quantization_config")
    }
    let (path, tensors) = (folder.configurationPath, PackedTensors(module, folder))
    let (rows, columns) = (shape[0], shape[1])
    let isAWQ = note["quant_method"]?.string == "awq"
    let allowed = isAWQ ? [4] : [2, 3, 4, 8]
    guard let bits = note["bits"]?.integer ?? note["w_bit"]?.integer, allowed.contains(bits) else {
      throw CheckpointError.invalidValue(
        path: path, key: "quantization_config.bits", value: note["bits"]?.summary ?? "missing",
        needed: allowed.map(String.init).joined(separator: ", "))
    }
    let form = note[isAWQ ? "version" : "checkpoint_format"]?.string?.lowercased() ?? (isAWQ ? "gemm" : "gptq")
    guard (isAWQ ? ["gemm"] : ["gptq", "gptq_v2"]).contains(form) else {
      throw CheckpointError.quantized(
        path: path, key: "quantization_config." + (isAWQ ? "version" : "checkpoint_format"), method: form)
    }
    try checkBias(module, in: folder)
    let scales = try tensors.need(".scales", [.f16, .bf16, .f32])
    let groupCount = scales.shape.first ?? 0
    guard scales.shape == [groupCount, rows], groupCount > 0, columns % groupCount == 0 else {
      throw tensors.mismatch(scales.name, found: scales.shape, expected: [groupCount, rows])
    }
    if isAWQ {
      guard rows % 8 == 0 else { throw tensors.mismatch(module + ".qweight", found: shape, expected: [8]) }
      return try IntegerGroups(
        name: module + ".weight", shape: shape, format: "AWQ", layout: .awq, bits: 4,
        codes: tensors.need(".qweight", [.i32], shape: [columns, rows / 8]), scales: scales,
        zeros: tensors.need(".qzeros", [.i32], shape: [groupCount, rows / 8]), groups: nil, groupCount: groupCount)
    }
    guard rows * bits % 32 == 0, columns * bits % 32 == 0 else {
      throw tensors.mismatch(module + ".qweight", found: shape, expected: [32 / bits])
    }
    return try IntegerGroups(
      name: module + ".weight", shape: shape, format: "GPTQ", layout: .byInput(addsOne: form == "gptq"), bits: bits,
      codes: tensors.need(".qweight", [.i32], shape: [columns * bits / 32, rows]), scales: scales,
      zeros: tensors.need(".qzeros", [.i32], shape: [groupCount, rows * bits / 32]),
      groups: tensors.optional(".g_idx", [.i32, .i64]), groupCount: groupCount)
  }

  /// Some versions write one of zeros for every layer; Gemma 3 has none.
  private static func checkBias(_ module: String, in folder: HuggingFaceFolder) throws {
    guard let bias = try folder.raw(module + ".bias"), !bias.isZero else { return }
    throw CheckpointError.unsupportedFeature(path: bias.file.path, key: bias.name, value: "not zero")
  }
}
