/// Weights that compressed-tensors wrote, by what lies there: `weight_packed` of integers or FP4, or `weight` in FP8.
///
/// Source: compressed-tensors 0.20, compressors/ (PackedQuantizationCompressor, NaiveQuantizationCompressor,
/// NVFP4PackedCompressor, MXFP4PackedCompressor: decompress).
enum CompressedTensors {
  /// Of `format`, those that are read.
  enum Format: String, CaseIterable {
    case packed = "pack-quantized"
    case float = "float-quantized"
    case naive = "naive-quantized"
    case int = "int-quantized"
    case nvfp4 = "nvfp4-pack-quantized"
    case mxfp4 = "mxfp4-pack-quantized"
    /// Of the whole model, where layers have others each.
    case mixed = "mixed-precision"
    case dense
  }

  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    if let packed = try folder.raw(module + ".weight_packed") {
      let scheme = try Scheme(of: module, in: folder)
      return packed.type == .u8
        ? try FP4Groups(module, shape: shape, scheme, in: folder)
        : try integers(module, shape: shape, scheme, in: folder)
    }
    // Beside plain weights a scale means nothing.
    guard let weight = try folder.raw(module + ".weight"), folder.contains(module + ".weight_scale"),
      Rounding(weight.type) == nil, weight.type != .f64
    else { return nil }
    return try ScaledBytes(module, shape: shape, Scheme(of: module, in: folder), in: folder)
  }

  private static func integers(
    _ module: String, shape: [Int], _ scheme: Scheme, in folder: HuggingFaceFolder
  ) throws -> any PackedWeight {
    let tensors = PackedTensors(module, folder, "compressed-tensors", layer: shape)
    let (rows, columns) = (shape[0], shape[1])
    let bits = scheme.bits
    let stated = try tensors.need(".weight_shape", [.i64, .i32])
    let numbers = (0..<stated.count).map(stated.integer)
    guard numbers == shape else {
      throw tensors.mismatch(stated.name, found: "the numbers \(numbers)", needed: "\(shape)")
    }
    let packed = try tensors.need(".weight_packed", [.i32])
    try scheme.check(packed, "integers in words of 32 bits", type: "int", bits: 1...8, formats: [.packed])
    let codes = try tensors.need(".weight_packed", [.i32], shape: [rows, (columns * bits + 31) / 32])
    let scales = try tensors.need(".weight_scale", [.bf16, .f16, .f32])
    let groupCount = try Self.groupCount(scales, rows: rows, columns: columns, tensors)
    try scheme.checkGroups(groupCount, columns: columns, scales)
    try scheme.checkZeros(folder.raw(module + ".weight_zero_point"))
    let zeros =
      scheme.isSymmetric
      ? nil : try tensors.need(".weight_zero_point", [.i32], shape: [(rows * bits + 31) / 32, groupCount])
    let order = try tensors.optional(".weight_g_idx", [.i32, .i64])
    if scheme.isOrdered, order == nil, groupCount > 1 {
      throw CheckpointError.missingCompanion(
        path: folder.weightsPath, tensor: codes.name, type: "packed with actorder",
        companion: module + ".weight_g_idx")
    }
    var weight = try IntegerGroups(
      name: module + ".weight", shape: shape, format: "compressed-tensors", layout: .byRow, bits: bits, codes: codes,
      scales: scales, zeros: zeros, groups: order, groupCount: groupCount,
      others: [stated])
    weight.arithmetic = scheme.arithmetic
    return weight
  }

  /// Of scales [rows, groups], [rows] or one for all.
  static func groupCount(_ scales: RawTensor, rows: Int, columns: Int, _ tensors: PackedTensors) throws -> Int {
    if scales.count == 1 { return 1 }
    let count = scales.count / max(rows, 1)
    guard count > 0, scales.count == count * rows, columns % count == 0, scales.shape.first == rows else {
      throw tensors.mismatch(
        scales, needed: "[\(rows), groups], with groups a divisor of \(columns), or one number,")
    }
    return count
  }
}
