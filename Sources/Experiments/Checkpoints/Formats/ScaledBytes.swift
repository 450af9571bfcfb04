/// FP8 E4M3 or 8-bit integers with a scale for all, for each row, or for each block of rows and columns: w = code·scale,
/// rounded to the scales' number format.
struct ScaledBytes: PackedWeight {
  let name: String
  let rows: Int
  let columns: Int
  let format: String
  let tensors: [RawTensor]
  let arithmetic: ShippedArithmetic
  /// Rows and columns that share a scale.
  private let block: (rows: Int, columns: Int)
  private let scaleColumns: Int
  private let rounding: Rounding
  private var codes: RawTensor { tensors[0] }
  private var scales: RawTensor { tensors[1] }

  init(_ module: String, shape: [Int], _ scheme: CompressedTensors.Scheme, in folder: HuggingFaceFolder) throws {
    name = module + ".weight"
    (rows, columns) = (shape[0], shape[1])
    let tensors = PackedTensors(module, folder, "compressed-tensors", layer: shape)
    let codes = try tensors.need(".weight", [.f8_E4M3, .i8], shape: shape)
    let scales = try tensors.need(".weight_scale", [.bf16, .f16, .f32])
    var others: [RawTensor] = []
    if let zeros = try tensors.optional(".weight_zero_point", [.i8, .f8_E4M3, .bf16, .f16, .f32]) {
      guard zeros.type != .f8_E4M3 ? zeros.isZero : (0..<zeros.count).allSatisfy({ zeros.byte($0) & 127 == 0 }) else {
        throw CheckpointError.unsupportedFeature(path: zeros.file.path, key: zeros.name, value: "not zero")
      }
      others.append(zeros)
    }
    let isFP8 = codes.type == .f8_E4M3
    try scheme.check(
      codes, isFP8 ? "FP8" : "8-bit integers", type: isFP8 ? "float" : "int", bits: isFP8 ? 8...8 : 1...8,
      formats: [.naive, isFP8 ? .float : .int])
    let parts: String
    if scales.count == 1 {
      (block, scaleColumns, parts) = ((rows, columns), 1, "one scale")
    } else if let size = scheme.block {
      block = (size[0], size[1])
      scaleColumns = (columns + size[1] - 1) / size[1]
      let expected = [(rows + size[0] - 1) / size[0], scaleColumns]
      guard scales.shape == expected else {
        throw tensors.mismatch(scales, needed: "\(expected), by block_structure,")
      }
      parts = "blocks of \(size[0]) × \(size[1])"
    } else {
      let count = try CompressedTensors.groupCount(scales, rows: rows, columns: columns, tensors)
      try scheme.checkGroups(count, columns: columns, scales)
      (block, scaleColumns) = ((1, columns / count), count)
      parts = count == 1 ? "a scale per row" : "groups of \(columns / count)"
    }
    format = "compressed-tensors, \(isFP8 ? "FP8" : "8-bit"), \(parts)"
    rounding = Rounding(scales.type) ?? .f32
    self.tensors = [codes, scales] + others
    arithmetic = scheme.arithmetic
  }

  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    let first = row / block.rows * scaleColumns
    for part in 0..<scaleColumns {
      let scale = scales.float(first + part)
      for column in part * block.columns..<min((part + 1) * block.columns, columns) {
        out[column] = rounding(codes.float(row * columns + column) * scale)
      }
    }
  }
}
