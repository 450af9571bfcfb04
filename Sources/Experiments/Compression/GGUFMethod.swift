import Kernels
import RunFile

/// One of llama.cpp's block formats, with the codes that llama-quantize writes without an importance matrix.
///
/// llama-quantize mixes formats by layer; here every linear layer has the one that is named (its `--pure`), unless rows are no
/// whole number of blocks: then the one that llama-quantize falls back to.
struct GGUFMethod: WeightRounding {
  let type: TensorElement

  init(_ type: TensorElement) { self.type = type }

  var kind: String { type.rawValue.lowercased() }
  var name: String { kind }
  var label: String { "GGUF \(type.rawValue)" }
  let parameters: [RunDescription.Parameter] = []

  /// Source: llama.cpp, llama-quant.cpp (tensor_type_fallback).
  static func stored(_ type: TensorElement, columns: Int) -> TensorElement {
    func fits(_ type: TensorElement) -> Bool { columns % type.blockLength == 0 }
    if fits(type) { return type }
    let fallback: TensorElement =
      switch type {
      case .q4_K: .q5_0
      case .q5_K: .q5_1
      case .q6_K: .q8_0
      default: .q4_0
      }
    return fits(fallback) ? fallback : .f16
  }

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      let (stored, columns) = (Self.stored(type, columns: part.columns), part.columns)
      return part.mapRows(threads: threads) { row, out in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { numbers in
          guard let base = numbers.baseAddress else { return }
          BF16.floats(row, count: columns, into: base)
          Self.roundTrip(stored, base, count: columns)
          BF16.elements(base, count: columns, into: out)
        }
      }
    }
  }

  /// Numbers to blocks and back.
  private static func roundTrip(_ type: TensorElement, _ numbers: UnsafeMutablePointer<Float>, count: Int) {
    guard let number = number(of: type) else {
      for i in 0..<count { numbers[i] = Float(Float16(numbers[i])) }
      return
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count / type.blockLength * type.blockBytes) { blocks in
      guard let base = blocks.baseAddress else { return }
      GGMLBlocks.encode(type: number, numbers, count: count, into: base)
      Dequantization.dequantize(type, from: base, count: count, into: numbers)
    }
  }

  /// ggml's number of a format that is written here; nil for fp16.
  static func number(of type: TensorElement) -> Int32? {
    switch type {
    case .q4_0: 2
    case .q5_0: 6
    case .q5_1: 7
    case .q8_0: 8
    case .q2_K: 10
    case .q3_K: 11
    case .q4_K: 12
    case .q5_K: 13
    case .q6_K: 14
    default: nil
    }
  }

  func bits(rows: Int, columns: Int) -> Double {
    let stored = Self.stored(type, columns: columns)
    return Double(8 * rows * (stored.rowBytes(columns: columns) ?? 2 * columns))
  }

  /// "Q4_K ×36, Q5_0 ×90" where rows of some layers are no whole number of blocks.
  func mix(_ shapes: [[Int]]) -> String? {
    let types = shapes.map { Self.stored(type, columns: $0[1]) }
    if types.allSatisfy({ $0 == type }) { return nil }
    let others = TensorElement.allCases.filter { $0 != type }
    return ([type] + others).compactMap { candidate in
      let count = types.count { $0 == candidate }
      return count > 0 ? "\(candidate.rawValue) ×\(count)" : nil
    }.joined(separator: ", ")
  }
}
