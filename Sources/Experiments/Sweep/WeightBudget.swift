/// Whether the packed weights of all conditions stay in memory from block to block. Results do not depend on it.
public struct WeightBudget: Sendable, Equatable {
  /// Bytes of the packed weights of all conditions and reruns, and of the head's.
  public var bytes: Int
  /// Bytes of memory that were free when the run began; nil where the system does not tell.
  public var freeBytes: Int?

  /// Of the free memory: the rest is for residual streams, scratch memory, and the checkpoint's file in the page cache.
  public static let share = 0.5
  /// Where the system does not tell.
  static let assumedFreeBytes = 1 << 32

  public var keepsWeights: Bool { Double(bytes) <= Self.share * Double(freeBytes ?? Self.assumedFreeBytes) }
}
