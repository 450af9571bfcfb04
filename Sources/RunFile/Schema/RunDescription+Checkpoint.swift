extension RunDescription {
  /// A checkpoint that a condition takes the whole model from, in place of the run's own.
  public struct Checkpoint: Codable, Sendable, Equatable {
    /// "GGUF" or "safetensors".
    public var format: String
    public var files: [String]
    public var sha256: String
    public var tokenizerSHA256: String
    /// How it stores its weights, in words, e.g. "GGUF: Q4_0 ×126, F16 ×1, F32 ×109".
    public var storage: String
    /// True when the linear layers are computed with as the files have them; false for ones that were compressed here.
    public var isAsStored: Bool
    /// Bits per parameter that the files take for the linear layers and for the whole model, scales counted.
    public var linearBits: Double
    public var modelBits: Double
    /// Which linear layers the files leave uncompressed, in words; nil where they compress all or none.
    public var uncompressed: String?
    /// What the run does with the files' weights, where that is more than to read them, e.g. "dequantized to bf16 as
    /// bitsandbytes does".
    public var reading: String?
    /// Of a GGUF file as shipped: how many codes are those of conditions that the run makes in its formats; nil where there
    /// are no such conditions.
    public var equalCodes: [EqualCodes]?

    /// Codes and scales of a file, and how many of them a condition has as well.
    public struct EqualCodes: Codable, Sendable, Equatable {
      public var condition: String
      public var codes: Int
      public var equal: Int
      public var scales: Int
      public var equalScales: Int

      public init(condition: String, codes: Int, equal: Int, scales: Int, equalScales: Int) {
        self.condition = condition
        self.codes = codes
        self.equal = equal
        self.scales = scales
        self.equalScales = equalScales
      }
    }

    public init(
      format: String, files: [String], sha256: String, tokenizerSHA256: String, storage: String, isAsStored: Bool,
      linearBits: Double, modelBits: Double, uncompressed: String? = nil, reading: String? = nil
    ) {
      self.format = format
      self.files = files
      self.sha256 = sha256
      self.tokenizerSHA256 = tokenizerSHA256
      self.storage = storage
      self.isAsStored = isAsStored
      self.linearBits = linearBits
      self.modelBits = modelBits
      self.uncompressed = uncompressed
      self.reading = reading
    }
  }
}

extension RunDescription.Condition {
  /// Who made what the condition's linear layers are.
  public enum Origin: String, Sendable, CaseIterable {
    /// Made here of the run's own weights: the effect of rounding alone.
    case made
    /// Made here of another checkpoint's weights.
    case madeOfAnother = "made of another checkpoint"
    /// As somebody's files have them: whatever rounding, calibration and training they hold.
    case shipped
  }

  public var origin: Origin {
    guard let checkpoint else { return .made }
    return checkpoint.isAsStored ? .shipped : .madeOfAnother
  }
}
