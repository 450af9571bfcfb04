import Kernels

/// FP4 E2M1 codes, two in a byte, the first in the low half, over groups of 16 (NVFP4) or 32 (MXFP4) inputs: NVFP4 has an
/// FP8 scale for each group and a divisor of them for the layer, MXFP4 a power of two for each group.
struct FP4Groups: PackedWeight {
  let name: String
  let rows: Int
  let columns: Int
  let format: String
  let tensors: [RawTensor]
  let arithmetic: ShippedArithmetic
  private let groupCount: Int
  /// Of NVFP4: a scale is what is stored, divided by it.
  private let divisor: Float?
  private var codes: RawTensor { tensors[0] }
  private var scales: RawTensor { tensors[1] }

  init(_ module: String, shape: [Int], _ scheme: CompressedTensors.Scheme, in folder: HuggingFaceFolder) throws {
    name = module + ".weight"
    (rows, columns) = (shape[0], shape[1])
    let isNVFP4 =
      try folder.contains(module + ".weight_global_scale")
      || folder.raw(module + ".weight_scale")?.type == .f8_E4M3
    let tensors = PackedTensors(module, folder, isNVFP4 ? "NVFP4" : "MXFP4", layer: shape)
    let codes = try tensors.need(".weight_packed", [.u8], shape: [rows, (columns + 1) / 2])
    let group = isNVFP4 ? 16 : 32
    guard columns % group == 0 else {
      throw tensors.mismatch(codes, needed: "inputs in whole groups of \(group)")
    }
    groupCount = columns / group
    try scheme.check(
      codes, "FP4", type: "float", bits: 4...4, formats: [isNVFP4 ? .nvfp4 : .mxfp4])
    try scheme.checkGroups(groupCount, columns: columns, codes)
    guard scheme.isSymmetric else { throw scheme.asymmetric }
    try scheme.checkZeros(folder.raw(module + ".weight_zero_point"))
    let scales = try tensors.need(
      ".weight_scale", isNVFP4 ? [.f8_E4M3] : [.u8, .f8_E8M0], shape: [rows, groupCount])
    var all = [codes, scales]
    if isNVFP4 {
      let global = try tensors.need(".weight_global_scale", [.f32], count: 1)
      divisor = global.float(0)
      all.append(global)
    } else {
      divisor = nil
    }
    self.tensors = all
    format = "compressed-tensors, \(isNVFP4 ? "NVFP4" : "MXFP4")"
    arithmetic = scheme.arithmetic
  }

  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    let group = columns / groupCount
    for part in 0..<groupCount {
      let place = row * groupCount + part
      // NVFP4 forms scale and product in float32, MXFP4 in bf16, where both are exact.
      let scale = divisor.map { scales.float(place) / $0 } ?? E8M0.value(scales.byte(place))
      for column in part * group..<(part + 1) * group {
        let pair = codes.byte(row * ((columns + 1) / 2) + column / 2)
        out[column] = E2M1.value(column & 1 == 0 ? pair & 15 : pair >> 4) * scale
      }
    }
  }
}
