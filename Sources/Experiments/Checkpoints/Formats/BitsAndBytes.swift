/// bitsandbytes' 4-bit weights: two codes of a table of sixteen levels in a byte, the first in the high half, over blocks
/// of the matrix in row-major order, each with its largest magnitude, which may be kept in 8 bits itself.
///
/// Products are float32, whatever dtype the file states: bitsandbytes multiplies with what they are in the activations' dtype,
/// here bf16. Source: bitsandbytes 0.50, functional.py (QuantState.from_dict), autograd/_functions.py (matmul_4bit).
struct BitsAndBytes4Bit: PackedWeight {
  let name: String
  let rows: Int
  let columns: Int
  let tensors: [RawTensor]
  var format: String { "bitsandbytes \(type.rawValue)" + (nested == nil ? "" : ", nested") }

  private struct Nested: Sendable {
    let absmax: RawTensor
    let levels: RawTensor
    let block: Int
    let offset: Float
  }

  private let type: FourBitLevels
  private let block: Int
  private let nested: Nested?
  private var codes: RawTensor { tensors[0] }
  private var absmax: RawTensor { tensors[1] }

  private var levels: [Float] { type.stored }

  /// - Parameter module: "model.layers.0.mlp.up_proj".
  /// - Returns: nil where the folder has no such weights.
  init?(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws {
    name = module + ".weight"
    guard
      let state = try [FourBitLevels.nf4, .fp4].lazy.compactMap({ type in
        try folder.raw("\(module).weight.quant_state.bitsandbytes__\(type.rawValue)").map { (type, $0) }
      }).first
    else { return nil }
    let tensors = PackedTensors(name, folder, "bitsandbytes", layer: shape)
    let fields = try tensors.json(state.1)
    type = state.0
    (rows, columns) = (shape[0], shape[1])
    let count = rows * columns
    guard fields["quant_type"]?.string == type.rawValue else {
      throw tensors.invalid("quant_type", fields, needed: "\(type.rawValue), as the state's name says,")
    }
    guard let stated = fields["shape"]?.integers, stated.count == 2 else {
      throw tensors.invalid("shape", fields, needed: "a pair of whole numbers")
    }
    guard stated == shape else {
      throw tensors.mismatch(state.1.name, found: "\"shape\": \(stated)", needed: "\(shape)")
    }
    block = try tensors.number("blocksize", in: fields, 1...1 << 20)
    let codes = try tensors.need("", bytes: (count + 1) / 2)
    let blocks = (count + block - 1) / block
    let isNested = fields["nested_offset"] != nil
    let absmax = try tensors.need(".absmax", [isNested ? .u8 : .f32], count: blocks)
    var all = [codes, absmax, try tensors.need(".quant_map", [.f32], count: 16), state.1]
    if isNested {
      let block = try tensors.number("nested_blocksize", in: fields, 1...1 << 20)
      guard let offset = fields["nested_offset"]?.number else {
        throw tensors.invalid("nested_offset", fields, needed: "a number")
      }
      let nested = Nested(
        absmax: try tensors.need(".nested_absmax", [.f32], count: (blocks + block - 1) / block),
        levels: try tensors.need(".nested_quant_map", [.f32], count: 256), block: block, offset: Float(offset))
      all += [nested.absmax, nested.levels]
      self.nested = nested
    } else {
      nested = nil
    }
    self.tensors = all
    let levels = levels
    guard (0..<16).allSatisfy({ abs(all[2].float($0) - levels[$0]) < 1e-4 }) else {
      throw CheckpointError.unsupportedFeature(
        path: all[2].file.path, key: all[2].name, value: "a table of levels that is not bitsandbytes' \(type.rawValue)")
    }
  }

  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    let levels = levels
    var column = 0
    while column < columns {
      let place = row * columns + column
      let scale = scale(place / block)
      let end = min(columns, column + block - place % block)
      for column in column..<end {
        let place = row * columns + column
        let pair = codes.byte(place >> 1)
        out[column] = levels[Int(place & 1 == 0 ? pair >> 4 : pair & 15)] * scale
      }
      column = end
    }
  }

  private func scale(_ block: Int) -> Float {
    guard let nested else { return absmax.float(block) }
    return nested.levels.float(Int(absmax.byte(block))) * nested.absmax.float(block / nested.block) + nested.offset
  }
}

/// bitsandbytes' LLM.int8 weights: codes, and the largest magnitude of each row. w = code·absmax ∕ 127
///
/// Source: bitsandbytes 0.50, nn/modules.py (Linear8bitLt), functional.py (int8_vectorwise_dequant).
struct BitsAndBytesInt8: PackedWeight {
  let name: String
  let rows: Int
  let columns: Int
  let tensors: [RawTensor]
  let format = "bitsandbytes int8"
  let arithmetic: ShippedArithmetic

  /// bitsandbytes' own, where config.json has none.
  private static let usualThreshold = 6.0

  init?(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws {
    name = module + ".weight"
    guard try folder.raw(module + ".SCB") != nil else { return nil }
    (rows, columns) = (shape[0], shape[1])
    let tensors = PackedTensors(name, folder, "bitsandbytes", layer: shape)
    let codes = try tensors.need("", [.i8], shape: shape)
    let absmax = try PackedTensors(module, folder, "bitsandbytes", layer: shape).need(".SCB", [.f32], count: rows)
    let format = try folder.raw(module + ".weight_format")
    // 0 is row-major; older versions wrote the layouts of a GPU's kernels.
    if let format, !format.isZero {
      throw CheckpointError.unsupportedFeature(
        path: format.file.path, key: format.name, value: "a layout of a GPU's own")
    }
    self.tensors = [codes, absmax] + (format.map { [$0] } ?? [])
    let threshold = try folder.quantization()?.number("llm_int8_threshold") ?? Self.usualThreshold
    // A threshold of zero is none.
    arithmetic = .int8(codes: codes, absmax: absmax, threshold: threshold > 0 ? threshold : .infinity)
  }

  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    let scale = tensors[1].float(row)
    for column in 0..<columns {
      out[column] = Float(tensors[0].int8s[row * columns + column]) * scale * (1 / 127)
    }
  }
}
