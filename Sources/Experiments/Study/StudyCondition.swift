extension Study {
  /// In which numbers a model computes, and what it is compared with.
  public struct Condition: Sendable, Equatable {
    /// How the linear layers' weights are kept.
    var weights: any CompressionMethod
    /// The checkpoint that it takes the whole model from; nil for the study's.
    public var checkpoint: Checkpoint?
    /// How keys and values are kept; nil: as they are computed.
    var cache: CacheMethod?
    /// Name of the condition that it is compared with; nil for the baseline.
    public var reference: String?

    init(_ weights: any CompressionMethod, checkpoint: Checkpoint? = nil, reference: String? = nil) {
      self.weights = weights
      self.checkpoint = checkpoint
      self.reference = reference
    }

    /// Short and unique in a study; names data in the run file: "bf16", "int8", "nf4-dq"; "qat", and "qat-nf4" where a
    /// checkpoint's weights are compressed.
    public var name: String { named(\.name, weights.name, "-") }
    /// For people: "LLM.int8", "NF4, double quantization".
    public var label: String { named(\.label, weights.label, ", ") }
    /// True where nothing is compressed and the model is the study's.
    var isPlain: Bool { weights.isPlain && cache == nil && checkpoint == nil }

    private func named(_ part: KeyPath<Checkpoint, String>, _ method: String, _ separator: String) -> String {
      guard let checkpoint else { return method }
      return isShipped ? checkpoint[keyPath: part] : checkpoint[keyPath: part] + separator + method
    }

    public static func == (a: Condition, b: Condition) -> Bool {
      (a.weights.kind, a.reference, a.checkpoint) == (b.weights.kind, b.reference, b.checkpoint)
        && a.weights.parameters == b.weights.parameters
    }
  }
}
