/// Weights that GPTQ's and AWQ's programs wrote: `qweight`, `qzeros`, `scales`, and GPTQ's `g_idx`.
///
/// Source: gptqmodel 7.7, nn_modules/qlinear (PackableQuantLinear.dequantize_weight), utils/model.py
/// (convert_gptq_v1_to_v2_format_module), quantization/awq/utils/packing_utils.py (dequantize_gemm).
enum GPTQ {
  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    guard try folder.raw(module + ".qweight") != nil else { return nil }
    let (rows, columns) = (shape[0], shape[1])
    guard let note = try folder.quantization() else {
      throw CheckpointError.packedWithoutNote(
        path: folder.configurationPath, tensor: module + ".qweight", format: "GPTQ or AWQ")
    }
    let method = try note.text("quant_method")
    guard method == "gptq" || method == "awq" else {
      throw note.contradiction("quant_method", "\(module).qweight is there, which GPTQ and AWQ write")
    }
    let isAWQ = method == "awq"
    let tensors = PackedTensors(module, folder, isAWQ ? "AWQ" : "GPTQ", layer: shape)
    let allowed = isAWQ ? [4] : [2, 3, 4, 8]
    let bitsKey = note["bits"] == nil && note["w_bit"] != nil ? "w_bit" : "bits"
    guard let bits = note[bitsKey]?.integer, allowed.contains(bits) else {
      throw note.invalid(bitsKey, needed: allowed.map(String.init).joined(separator: ", "))
    }
    let formKey = isAWQ ? "version" : "checkpoint_format"
    let form = try note.text(formKey) ?? (isAWQ ? "gemm" : "gptq")
    guard (isAWQ ? ["gemm"] : ["gptq", "gptq_v2"]).contains(form) else {
      throw CheckpointError.quantized(path: note.path, key: note.name(formKey), method: form)
    }
    try checkBias(module, in: folder)
    let scales = try tensors.need(".scales", [.f16, .bf16, .f32])
    let groupCount = scales.shape.first ?? 0
    guard scales.shape == [groupCount, rows], groupCount > 0, columns % groupCount == 0 else {
      throw tensors.mismatch(scales, needed: "[groups, \(rows)], with groups a divisor of \(columns),")
    }
    let codes = try tensors.need(".qweight", [.i32])
    let byAWQ = rows % 8 == 0 ? [columns, rows / 8] : []
    let byGPTQ = [columns * bits / 32, rows]
    if codes.shape == (isAWQ ? byGPTQ : byAWQ), byGPTQ != byAWQ {
      throw note.contradiction("quant_method", "\(codes.name) is packed as \(isAWQ ? "GPTQ" : "AWQ") packs it")
    }
    try checkGroups(note, groupCount, columns: columns, scales)
    guard rows * bits % 32 == 0, isAWQ || columns * bits % 32 == 0 else {
      throw tensors.mismatch(codes, needed: "\(isAWQ ? "outputs" : "outputs and inputs") that fill words of 32 bits")
    }
    guard codes.shape == (isAWQ ? byAWQ : byGPTQ) else {
      throw tensors.mismatch(codes, needed: "\(isAWQ ? byAWQ : byGPTQ)")
    }
    let zeros = try tensors.need(".qzeros", [.i32], shape: [groupCount, rows * bits / 32])
    let order = isAWQ ? nil : try tensors.optional(".g_idx", [.i32, .i64])
    if try note.bool("desc_act") == true, !isAWQ, order == nil, groupCount > 1 {
      throw CheckpointError.missingCompanion(
        path: folder.weightsPath, tensor: codes.name, type: "packed with desc_act", companion: module + ".g_idx")
    }
    return try IntegerGroups(
      name: module + ".weight", shape: shape, format: isAWQ ? "AWQ" : "GPTQ",
      layout: isAWQ ? .awq : .byInput(addsOne: form == "gptq"), bits: bits, codes: codes, scales: scales, zeros: zeros,
      groups: order, groupCount: groupCount)
  }

  /// -1 is one group. What GPTQ's programs say of single layers, in `dynamic`, goes before it and is not read: tensors tell.
  private static func checkGroups(
    _ note: QuantizationFields, _ count: Int, columns: Int, _ scales: RawTensor
  ) throws {
    let key = note["group_size"] == nil && note["q_group_size"] != nil ? "q_group_size" : "group_size"
    guard let size = try note.integer(key, from: -1...1 << 30), note["dynamic"] == nil else { return }
    guard size != 0 else { throw note.invalid(key, needed: "-1 or a positive number") }
    guard count == (size < 0 ? 1 : (columns + size - 1) / size) else {
      throw note.contradiction(key, "\(scales.name) has groups of \(columns / count)")
    }
  }

  /// Some versions write one of zeros for every layer; Gemma 3 has none.
  private static func checkBias(_ module: String, in folder: HuggingFaceFolder) throws {
    guard let bias = try folder.raw(module + ".bias"), !bias.isZero else { return }
    throw CheckpointError.unsupportedFeature(path: bias.file.path, key: bias.name, value: "not zero")
  }
}
