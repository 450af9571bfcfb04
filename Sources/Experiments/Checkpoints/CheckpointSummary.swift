/// What a checkpoint holds, for reports: format, files, how many parameters are stored as what.
public struct CheckpointSummary: Sendable {
  public let format: Gemma3Checkpoint.Format
  public let fileNames: [String]
  public let fileBytes: Int
  public let parameterCount: Int
  /// Per number format, in the order of `TensorElement.allCases`.
  public let types: [(element: TensorElement, share: Share)]

  public struct Share: Sendable, Equatable {
    public private(set) var tensors = 0
    public private(set) var parameters = 0
    /// Scales counted.
    public private(set) var bytes = 0

    mutating func add(_ tensor: StoredTensor) {
      tensors += 1
      parameters += tensor.count
      bytes += tensor.storedBytes
    }
  }

  /// Bits the file spends on a parameter of the model.
  public var storedBitsPerParameter: Double {
    Double(8 * types.reduce(0) { $0 + $1.share.bytes }) / Double(max(parameterCount, 1))
  }

  /// "GGUF gemma-3-270m-q4_k_m.gguf: 268,098,176 parameters in F32 (109 tensors, …), …"
  public var description: String {
    let parts = types.map { "\($0.element.rawValue) (\($0.share.tensors) tensors, \($0.share.parameters) parameters)" }
    return
      "\(format.rawValue) \(fileNames.joined(separator: ", ")): \(parameterCount) parameters in \(parts.joined(separator: ", "))"
  }
}
