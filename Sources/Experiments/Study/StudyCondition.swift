extension Study {
  /// In which numbers a model computes, and what it is compared with.
  public struct Condition: Sendable, Equatable {
    /// How the linear layers' weights are kept.
    var weights: any CompressionMethod
    /// How keys and values are kept; nil: as they are computed.
    var cache: CacheMethod?
    /// Name of the condition that it is compared with; nil for the baseline.
    public var reference: String?

    init(_ weights: any CompressionMethod, reference: String? = nil) {
      self.weights = weights
      self.reference = reference
    }

    /// Short and unique in a study; names data in the run file: "bf16", "int8", "nf4-dq".
    public var name: String { weights.name }
    /// For people: "LLM.int8", "NF4, double quantization".
    public var label: String { weights.label }
    /// True where nothing is compressed.
    var isPlain: Bool { weights.isPlain && cache == nil }

    public static func == (a: Condition, b: Condition) -> Bool {
      (a.weights.kind, a.reference) == (b.weights.kind, b.reference) && a.weights.parameters == b.weights.parameters
    }
  }
}
