extension Study {
  /// In which numbers a model computes: the baseline, or a compression of its linear layers.
  public enum Condition: Sendable, Equatable {
    /// Rounded where Hugging Face's bf16 model rounds.
    case bf16
    /// float32 throughout, on the same bf16 weights.
    case f32
    /// bitsandbytes LLM.int8.
    case int8(Int8Options)
    /// bitsandbytes 4-bit NormalFloat.
    case nf4(NF4Options)

    public struct Int8Options: Sendable, Equatable, Codable {
      /// Activation columns with an entry at least this large stay in 16 bits.
      public var threshold = 6.0
      public var epilogue = Epilogue.cuda

      public init() {}
    }

    /// Whose rounding turns int32 sums into outputs: bitsandbytes' CUDA kernels' (through fp16) or its CPU path's.
    public enum Epilogue: String, Sendable, Codable, CaseIterable {
      case cuda, cpu
    }

    public struct NF4Options: Sendable, Equatable, Codable {
      /// Scales are quantized to 8 bits themselves.
      public var doubleQuantization = false
      public var compute = Compute.bf16
      /// Weights that share one scale.
      public var block = 64

      public init() {}
    }

    /// Number format of the product with dequantized weights.
    public enum Compute: String, Sendable, Codable, CaseIterable {
      case bf16, f32
    }

    public var isBaseline: Bool {
      switch self {
      case .bf16, .f32: true
      case .int8, .nf4: false
      }
    }

    /// Short and unique in a study; names data in the run file: "bf16", "int8", "nf4-dq". Options that differ from
    /// their defaults add to it.
    public var name: String {
      switch self {
      case .bf16: "bf16"
      case .f32: "f32"
      case .int8(let options):
        "int8" + (options.threshold == Int8Options().threshold ? "" : "-t\(Self.short(options.threshold))")
          + (options.epilogue == .cuda ? "" : "-\(options.epilogue.rawValue)")
      case .nf4(let options):
        "nf4" + (options.doubleQuantization ? "-dq" : "")
          + (options.compute == .bf16 ? "" : "-\(options.compute.rawValue)")
          + (options.block == NF4Options().block ? "" : "-b\(options.block)")
      }
    }

    /// For people: "LLM.int8", "NF4, double quantization".
    public var label: String {
      switch self {
      case .bf16: "bf16"
      case .f32: "float32"
      case .int8(let options):
        (["LLM.int8"]
          + (options.threshold == Int8Options().threshold ? [] : ["threshold \(Self.short(options.threshold))"])
          + (options.epilogue == .cuda ? [] : ["CPU epilogue"])).joined(separator: ", ")
      case .nf4(let options):
        (["NF4"] + (options.doubleQuantization ? ["double quantization"] : [])
          + (options.compute == .bf16 ? [] : ["float32 compute"])
          + (options.block == NF4Options().block ? [] : ["blocks of \(options.block)"])).joined(separator: ", ")
      }
    }

    /// 6, 4.5: no trailing ".0".
    private static func short(_ value: Double) -> String {
      Int(exactly: value).map(String.init) ?? "\(value)"
    }
  }
}

/// A condition is stored as an object with its kind and all of its options, so that nobody has to know the defaults.
extension Study.Condition: Codable {
  private enum Key: String, CodingKey { case kind, int8, nf4 }
  private enum Kind: String, Codable { case bf16, f32, int8, nf4 }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .bf16: self = .bf16
    case .f32: self = .f32
    case .int8: self = .int8(try container.decode(Int8Options.self, forKey: .int8))
    case .nf4: self = .nf4(try container.decode(NF4Options.self, forKey: .nf4))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .bf16: try container.encode(Kind.bf16, forKey: .kind)
    case .f32: try container.encode(Kind.f32, forKey: .kind)
    case .int8(let options):
      try container.encode(Kind.int8, forKey: .kind)
      try container.encode(options, forKey: .int8)
    case .nf4(let options):
      try container.encode(Kind.nf4, forKey: .kind)
      try container.encode(options, forKey: .nf4)
    }
  }
}
