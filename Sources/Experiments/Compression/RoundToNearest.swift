import Kernels
import RunFile

/// Whole numbers of `bits` bits, a scale for each group of weights in a row, in the arithmetic of llm-compressor's
/// round-to-nearest on bf16 weights: scales and quotients are bf16 numbers themselves.
///
/// Source: compressed-tensors, calculate_qparams and fake_quantize, with minima and maxima observed group by group.
struct RoundToNearest: WeightRounding {
  var bits = 4
  /// Weights that share one scale.
  var group = 128
  /// Zero is the code 0; otherwise the group's own whole number stands for it.
  var symmetric = true

  let kind = "rtn"
  var name: String { "rtn\(bits)-g\(group)" + (symmetric ? "" : "-asym") }
  var label: String { "\(bits)-bit integers, groups of \(group)" + (symmetric ? "" : ", asymmetric") }

  var parameters: [RunDescription.Parameter] {
    [
      .init(key: "bits", value: "\(bits)"), .init(key: "group", value: "\(group)"),
      .init(key: "symmetric", value: "\(symmetric)"),
    ]
  }

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      part.mapGroups(of: group, threads: threads) {
        symmetric ? roundSymmetric($0, $1, $2) : roundAsymmetric($0, $1, $2)
      }
    }
  }

  private var least: Float { -Float(1 << (bits - 1)) }
  private var most: Float { Float(1 << (bits - 1)) - 1 }
  /// Stands where a group of zeros has no scale.
  private static let unit: Float = 0x1p-7

  private func roundSymmetric(_ w: UnsafePointer<UInt16>, _ count: Int, _ out: UnsafeMutablePointer<UInt16>) {
    let (least, most) = (least, most)
    let found = bf16Rounded(BF16Weights.largest(w, count) / ((most - least) / 2))
    let scale = found == 0 ? Self.unit : found
    for i in 0..<count {
      let x = bf16Rounded(BF16.float(w[i]) / scale) + 0
      out[i] = bf16Bits(nearestWhole(min(max(x, least), most)) * scale)
    }
  }

  private func roundAsymmetric(_ w: UnsafePointer<UInt16>, _ count: Int, _ out: UnsafeMutablePointer<UInt16>) {
    let (least, most) = (least, most)
    var (low, high) = (Float(0), Float(0))
    for i in 0..<count { (low, high) = (min(low, BF16.float(w[i])), max(high, BF16.float(w[i]))) }
    let found = bf16Rounded(bf16Rounded(high - low) / (most - least))
    let scale = found == 0 ? Self.unit : found
    let place = found == 0 ? 0 : bf16Rounded(least - bf16Rounded(low / found))
    let zero = nearestWhole(min(max(place, least), most)) + 0
    for i in 0..<count {
      let x = bf16Rounded(bf16Rounded(BF16.float(w[i]) / scale) + zero)
      out[i] = bf16Bits((nearestWhole(min(max(x, least), most)) - zero) * scale)
    }
  }

  func with(_ options: StudyNode) throws -> RoundToNearest {
    var method = self
    let keys = try options.keys(["bits", "group", "symmetric"])
    if let entry = keys["bits"] { method.bits = try entry.integer(from: 2, to: 8) }
    if let entry = keys["group"] { method.group = try entry.group() }
    if let entry = keys["symmetric"] { method.symmetric = try entry.bool() }
    return method
  }

  /// A bf16 scale per group; without symmetry a code more, for zero.
  func bits(rows: Int, columns: Int) -> Double {
    let groups = rows * ((columns + group - 1) / group)
    return Double(bits * rows * columns + (symmetric ? 16 : 16 + bits) * groups)
  }
}

extension StudyNode {
  /// Weights that share a scale.
  func group() throws -> Int {
    let value = try integer()
    guard [32, 64, 128].contains(value) else { throw impossible("32, 64 or 128 is needed") }
    return value
  }
}
