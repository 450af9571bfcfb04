extension RunDescription {
  public struct Condition: Codable, Sendable, Equatable {
    /// Short and unique in the run: `bf16`, `int8`, `nf4`; names the group in the run file.
    public var name: String
    /// For people: "LLM.int8", "NF4, double quantization".
    public var label: String
    /// The method's name: "bf16", "f32", "int8" or "nf4"; "shipped" for a checkpoint's weights as its files have them.
    public var kind: String
    public var isBaseline: Bool
    /// Sorted by key, e.g. threshold: 6.0, epilogue: cuda.
    public var parameters: [Parameter]
    /// Bits per parameter over the whole model, scales and uncompressed tensors counted.
    public var effectiveBitsPerParameter: Double
    /// Bits per parameter over the compressed linear layers alone, scales counted.
    public var bitsPerCompressedParameter: Double
    /// Name of the condition that this one is compared with, an earlier one; nil for the baseline, and in the baseline.
    public var reference: String?
    /// Name of the condition that this one repeats in another order of summation; nil for the study's own.
    public var rerunOf: String?
    /// Where the method was published; nil where it was not, and in older run files.
    public var citation: Citation?
    /// Share of the compressed weights that lie on the method's grid before it rounds them, so that it changes them no more than
    /// bf16 does: such a condition is no measure of the method. Nil where none do, and in older run files.
    public var onGridShare: Double?
    /// Share of the compressed weights that the file stores in the very format that the method gives them; nil where none are.
    public var storedAlikeShare: Double?
    /// The checkpoint that it takes the whole model from; nil where that is the run's own.
    public var checkpoint: Checkpoint?

    public init(
      name: String, label: String, kind: String, isBaseline: Bool, parameters: [Parameter],
      effectiveBitsPerParameter: Double, bitsPerCompressedParameter: Double, reference: String? = nil,
      rerunOf: String? = nil, citation: Citation? = nil, checkpoint: Checkpoint? = nil
    ) {
      self.name = name
      self.label = label
      self.kind = kind
      self.isBaseline = isBaseline
      self.parameters = parameters
      self.effectiveBitsPerParameter = effectiveBitsPerParameter
      self.bitsPerCompressedParameter = bitsPerCompressedParameter
      self.reference = reference
      self.rerunOf = rerunOf
      self.citation = citation
      self.checkpoint = checkpoint
    }

    /// The same condition in another order of summation, compared with this one.
    public var rerun: Condition {
      Condition(
        name: Self.rerunName(of: name), label: "\(label), rerun", kind: kind, isBaseline: false, parameters: parameters,
        effectiveBitsPerParameter: effectiveBitsPerParameter, bitsPerCompressedParameter: bitsPerCompressedParameter,
        reference: name, rerunOf: name, citation: citation, checkpoint: checkpoint)
    }

    public static func rerunName(of name: String) -> String { name + "-rerun" }
  }

  /// Sources of text, and snapshots, that a run keeps apart.
  public static let mostNames = 256

  /// Every condition that has measurements: the study's, then their reruns.
  public var measuredConditions: [Condition] { conditions + (rerunConditions ?? []) }

  /// A condition, or a control of it, whose features are compared with its reference's: a table by feature.
  public struct FeaturePair: Codable, Sendable, Equatable {
    public var condition: String
    /// What stands in the condition's place; nil for the condition itself.
    public var control: Control?

    public enum Control: String, Codable, Sendable, CaseIterable {
      /// The reference's activations with Gaussian noise of the length by which the condition moves the token.
      case noise
    }

    public init(condition: String, control: Control? = nil) {
      self.condition = condition
      self.control = control
    }

    /// Unique in a run.
    public var name: String { control.map { "\(condition)~\($0.rawValue)" } ?? condition }
    /// Of its tables in the run file.
    public var group: String { "features" + (control.map { "_\($0.rawValue)" } ?? "") }
  }

  /// A publication: "NF4 and double quantization: Dettmers, …, 2023", and its number on arXiv.
  public struct Citation: Codable, Sendable, Equatable {
    public var text: String
    public var arXiv: String
    public init(text: String, arXiv: String) {
      self.text = text
      self.arXiv = arXiv
    }
  }

  /// The condition that another one is compared with; nil for the baseline.
  public func reference(of condition: Condition) -> Condition? {
    if condition.isBaseline { return nil }
    return conditions.first { other in condition.reference.map { $0 == other.name } ?? other.isBaseline }
  }
}
