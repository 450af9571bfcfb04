import Foundation
import Kernels
import RunFile

/// Half-quadratic quantization: whole numbers with a scale and a fractional zero for each group of weights, the zeros moved
/// to lessen the error's p-norm, p = 0.7.
///
/// Source: hqq, quantize.py and optimize.py (optimize_weights_proximal_legacy) with axis 1 on a CPU: optimized in float32;
/// scale and zero are then rounded to bf16, in which weights are dequantized.
struct HQQMethod: WeightRounding {
  var bits = 4
  /// Consecutive weights that share a scale and a zero.
  var group = 64

  let kind = "hqq"
  var name: String { "hqq\(bits)-g\(group)" }
  var label: String { "HQQ, \(bits) bits, groups of \(group)" }

  var parameters: [RunDescription.Parameter] {
    [.init(key: "bits", value: "\(bits)"), .init(key: "group", value: "\(group)")]
  }

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      var fit = HQQFit(part, bits: bits, group: group, threads: threads)
      fit.optimize()
      return fit.dequantized()
    }
  }

  func with(_ options: StudyNode) throws -> HQQMethod {
    var method = self
    let keys = try options.keys(["bits", "group"])
    if let entry = keys["bits"] {
      method.bits = try entry.integer()
      guard [2, 3, 4, 5, 6, 8].contains(method.bits) else { throw entry.impossible("2, 3, 4, 5, 6 or 8 is needed") }
    }
    if let entry = keys["group"] { method.group = try entry.group() }
    return method
  }

  /// Scale and zero in 16 bits each.
  func bits(rows: Int, columns: Int) -> Double {
    Double(bits * rows * columns + 32 * ((rows * columns + group - 1) / group))
  }
}

/// A matrix on its way: code = round(weight · scale + zero).
private struct HQQFit {
  private static let beta: Float = 10
  private static let norm: Float = 0.7
  private static let iterations = 20
  /// Smaller errors shrink to nothing: |e| − |e|^(p − 1) ÷ β is below zero up to β^(−1 ÷ (2 − p)), which is 0.1701.
  private static let surelyNothing: Float = 0.17
  private static let groupsPerTask = 1024

  let part: BF16Weights
  let group: Int
  let most: Float
  let threads: Int
  let scales: AlignedBuffer<Float>
  let zeros: AlignedBuffer<Float>

  init(_ part: BF16Weights, bits: Int, group: Int, threads: Int) {
    (self.part, self.group, self.threads) = (part, group, threads)
    most = Float((1 << bits) - 1)
    let groups = (part.count + group - 1) / group
    (scales, zeros) = (AlignedBuffer(count: groups), AlignedBuffer(count: groups))
    for index in 0..<groups {
      let range = self.range(index)
      var (low, high) = (Float.infinity, -Float.infinity)
      for i in range { (low, high) = (min(low, BF16.float(part.pointer[i])), max(high, BF16.float(part.pointer[i]))) }
      let scale = high - low <= 1e-4 ? 1 : min(1 / (high - low) * most, 2e4)
      // hqq begins with whole zeros where codes have four bits.
      (scales[index], zeros[index]) = (scale, bits == 4 ? nearestWhole(-low * scale) : -low * scale)
    }
  }

  private func range(_ index: Int) -> Range<Int> { index * group..<min((index + 1) * group, part.count) }

  /// Moves the zeros until the mean error grows.
  mutating func optimize() {
    var best = Float.infinity
    for _ in 0..<Self.iterations {
      let error = step()
      guard error < best else { return }
      best = error
    }
  }

  /// Moves the zeros once; gives back the mean error before.
  private func step() -> Float {
    let groups = scales.count
    let tasks = (groups + Self.groupsPerTask - 1) / Self.groupsPerTask
    let errors = mapTasks(tasks, threads: threads) { task in
      var error = 0.0
      for index in task * Self.groupsPerTask..<min((task + 1) * Self.groupsPerTask, groups) { error += move(index) }
      return error
    }
    return Float(errors.reduce(0, +) / Double(max(part.count, 1)))
  }

  private func move(_ index: Int) -> Double {
    let (scale, zero, range) = (scales[index], zeros[index], range(index))
    var (error, sum) = (Float(0), Float(0))
    for i in range {
      let w = BF16.float(part.pointer[i])
      let code = min(max(nearestWhole(w * scale + zero), 0), most)
      let e = w - (code - zero) / scale
      error += e.magnitude
      sum += code - (w - Self.shrunk(e)) * scale
    }
    zeros[index] = sum / Float(range.count)
    return Double(error)
  }

  @inline(__always)
  private static func shrunk(_ e: Float) -> Float {
    if e.magnitude < surelyNothing { return 0 }
    let kept = max(e.magnitude - 1 / beta * pow(e.magnitude, norm - 1), 0)
    return e < 0 ? -kept : kept
  }

  func dequantized() -> AlignedBuffer<UInt16> {
    let out = AlignedBuffer<UInt16>(count: part.count)
    let tasks = (scales.count + Self.groupsPerTask - 1) / Self.groupsPerTask
    forEachTask(tasks, threads: threads) { task in
      for index in task * Self.groupsPerTask..<min((task + 1) * Self.groupsPerTask, scales.count) {
        let (scale, zero) = (scales[index], zeros[index])
        let (keptScale, keptZero) = (bf16Rounded(1 / scale), bf16Rounded(zero))
        for i in range(index) {
          let code = min(max(nearestWhole(BF16.float(part.pointer[i]) * scale + zero), 0), most)
          out[i] = bf16Bits(bf16Rounded(code - keptZero) * keptScale)
        }
      }
    }
    return out
  }
}
