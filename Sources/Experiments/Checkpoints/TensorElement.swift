/// How the numbers of a stored tensor are encoded.
///
/// The quantized types are llama.cpp's: a row is cut into blocks of `blockLength` numbers, each stored in
/// `blockBytes` bytes together with its scale. Source: ggml-common.h; `gguf` 0.19, quants.py.
public enum TensorElement: String, CaseIterable, Sendable, Codable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q4_0 = "Q4_0"
  case q4_1 = "Q4_1"
  case q5_0 = "Q5_0"
  case q5_1 = "Q5_1"
  case q8_0 = "Q8_0"
  case q4_K = "Q4_K"
  case q5_K = "Q5_K"
  case q6_K = "Q6_K"
  case q2_K = "Q2_K"
  case q3_K = "Q3_K"
  case iq4_NL = "IQ4_NL"
  case iq4_XS = "IQ4_XS"

  /// Numbers per block; 1 for the plain types.
  public var blockLength: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_NL: 32
    case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS: 256
    }
  }

  /// Bytes per block, scales counted.
  public var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q4_0: 2 + 16
    case .q4_1: 2 + 2 + 16
    case .q5_0: 2 + 4 + 16
    case .q5_1: 2 + 2 + 4 + 16
    case .q8_0: 2 + 32
    case .q4_K: 2 + 2 + 12 + 128
    case .q5_K: 2 + 2 + 12 + 32 + 128
    case .q6_K: 128 + 64 + 16 + 2
    case .q2_K: 16 + 64 + 2 + 2
    case .q3_K: 32 + 64 + 12 + 2
    case .iq4_NL: 2 + 16
    case .iq4_XS: 2 + 2 + 4 + 128
    }
  }

  /// Bytes of a row of `columns` numbers, or nil when the row is not a whole number of blocks.
  func rowBytes(columns: Int) -> Int? {
    columns % blockLength == 0 ? columns / blockLength * blockBytes : nil
  }

  /// The type with ggml's number, or nil for one that is not read here.
  init?(ggmlNumber: UInt32) {
    switch ggmlNumber {
    case 0: self = .f32
    case 1: self = .f16
    case 2: self = .q4_0
    case 3: self = .q4_1
    case 6: self = .q5_0
    case 7: self = .q5_1
    case 8: self = .q8_0
    case 10: self = .q2_K
    case 11: self = .q3_K
    case 12: self = .q4_K
    case 13: self = .q5_K
    case 14: self = .q6_K
    case 20: self = .iq4_NL
    case 23: self = .iq4_XS
    case 30: self = .bf16
    default: return nil
    }
  }

  /// ggml's name of a type number, also of those that are not read here.
  static func ggmlName(_ number: UInt32) -> String {
    let others: [UInt32: String] = [
      9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
      21: "IQ3_S", 22: "IQ2_S", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
      28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4",
    ]
    return TensorElement(ggmlNumber: number)?.rawValue ?? others[number] ?? "number \(number)"
  }

  /// Those of a safetensors file.
  static let plain = [f32, f16, bf16]

  /// All names, for messages.
  static var readable: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
