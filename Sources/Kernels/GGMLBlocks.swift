import CKernels

/// llama.cpp's block formats.
public enum GGMLBlocks {
  /// The blocks that llama-quantize writes without an importance matrix, bit for bit.
  /// - Parameters:
  ///   - type: ggml's number of the format: Q4_0 (2), Q5_0 (6), Q5_1 (7), Q8_0 (8), Q2_K (10) to Q6_K (14).
  ///   - count: of numbers, whole blocks.
  ///   - blocks: room for them.
  public static func encode(
    type: Int32, _ numbers: UnsafePointer<Float>, count: Int, into blocks: UnsafeMutablePointer<UInt8>
  ) {
    let isWritten = clearbox_ggml_encode(type, numbers, count, blocks)
    precondition(isWritten != 0, "ggml's format \(type) is not written here")
  }
}
