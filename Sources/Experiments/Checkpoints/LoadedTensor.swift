import Kernels

/// A weight in memory, row-major [rows, columns], as bf16 bits: the study's baseline.
public struct LoadedTensor: Sendable, Equatable {
  /// Name as spelled in the checkpoint.
  public let name: String
  /// 1 for a norm.
  public let rows: Int
  public let columns: Int
  public let bf16: [UInt16]

  /// The same numbers as float32; nothing is lost or gained.
  public var float32: [Float] {
    [Float](unsafeUninitializedCapacity: bf16.count) { out, count in
      for i in 0..<bf16.count { out[i] = BF16.float(bf16[i]) }
      count = bf16.count
    }
  }
}
