import CKernels

/// What one core's arithmetic does at best, independent of any memory.
public enum CPUPeak {
  /// 10⁹ operations per second of the instruction for a precision, a multiply-add being two: the best millisecond of so
  /// many seconds on the calling thread. 0 where the CPU has no such instruction; AMX is not among them.
  public static func gigaOperations(_ precision: ProductPrecision, seconds: Double) -> Double {
    switch precision {
    case .f32: clearbox_peak_f32(seconds)
    case .bf16: clearbox_peak_bf16(seconds)
    case .int8: clearbox_peak_int8(seconds)
    }
  }
}
