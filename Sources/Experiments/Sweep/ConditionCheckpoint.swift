import RunFile

/// A checkpoint that conditions take the model from, opened and found to be of the study's model.
struct ConditionCheckpoint {
  let checkpoint: Gemma3Checkpoint
  /// Computed while the text is packed.
  let sha256: InBackground<String>
  let tokenizer: Tokenizer
  /// Names of the conditions that share it.
  let conditions: [String]
  private let check: InBackground<Result<Void, CheckpointError>>

  func isOf(_ condition: String) -> Bool { conditions.contains(condition) }
  /// - Throws: `CheckpointError.notFinite`.
  func checkNumbers() throws { try check.value.get() }

  /// - Parameter model: the study's.
  /// - Throws: `FileError`, `CheckpointError`, `TokenizerError`, `StudyRunError` where it is another model.
  private init(
    path: String, conditions: [Study.Condition], of model: Gemma3Checkpoint, _ modelTokenizer: Tokenizer
  ) throws {
    let (checkpoint, tokenizer) = try Self.open(path, conditions, of: model, modelTokenizer)
    self.checkpoint = checkpoint
    self.conditions = conditions.map(\.name)
    self.tokenizer = tokenizer
    sha256 = InBackground { checkpoint.sha256() }
    check = InBackground { Result { () throws(CheckpointError) in try checkpoint.checkNumbers() } }
  }

  private static func open(
    _ path: String, _ conditions: [Study.Condition], of model: Gemma3Checkpoint, _ modelTokenizer: Tokenizer
  ) throws -> (Gemma3Checkpoint, Tokenizer) {
    let checkpoint = try Gemma3Checkpoint(path: path)
    try Self.checkArithmetic(checkpoint, conditions)
    let differences = Self.differences(checkpoint.configuration, model.configuration)
    guard differences.isEmpty else {
      throw StudyRunError.otherModel(condition: conditions[0].name, path: path, differences: differences)
    }
    let tokenizer = try Tokenizer(for: checkpoint)
    if let difference = tokenizer.difference(from: modelTokenizer) {
      throw StudyRunError.otherTokenizer(condition: conditions[0].name, path: path, difference: difference)
    }
    return (checkpoint, tokenizer)
  }

  /// Opens those of a plan's conditions, each path once; a condition with the study's own path shares the study's.
  static func all(_ plan: ModelRun.Plan, of model: Gemma3Checkpoint, _ tokenizer: Tokenizer) throws -> [Self] {
    try paths(plan, of: model).map { try Self(path: $0.path, conditions: $0.conditions, of: model, tokenizer) }
  }

  /// Finds out whether `all` would throw, and keeps nothing open.
  static func check(_ plan: ModelRun.Plan, of model: Gemma3Checkpoint, _ tokenizer: Tokenizer) throws {
    for (path, conditions) in try paths(plan, of: model) { _ = try open(path, conditions, of: model, tokenizer) }
  }

  private static func paths(
    _ plan: ModelRun.Plan, of model: Gemma3Checkpoint
  ) throws -> [(path: String, conditions: [Study.Condition])] {
    var paths: [(path: String, conditions: [Study.Condition])] = []
    for condition in plan.conditions {
      guard let path = plan.conditionCheckpoints[condition.name] else { continue }
      if path == plan.checkpoint {
        try checkArithmetic(model, [condition])
      } else if let place = paths.firstIndex(where: { $0.path == path }) {
        paths[place].conditions.append(condition)
      } else {
        paths.append((path, [condition]))
      }
    }
    return paths
  }

  /// Refuses to measure a file as shipped whose own program does what is not computed here.
  private static func checkArithmetic(_ checkpoint: Gemma3Checkpoint, _ conditions: [Study.Condition]) throws {
    guard let condition = conditions.first(where: \.isShipped) else { return }
    for case .other(let what) in checkpoint.arithmetics {
      throw StudyRunError.otherArithmetic(condition: condition.name, path: checkpoint.path, what: what)
    }
  }

  /// Whatever changes the arithmetic, as "width 640, not 1152".
  private static func differences(_ a: Gemma3Configuration, _ b: Gemma3Configuration) -> [String] {
    var differences: [String] = []
    func compare(_ name: String, _ x: some CustomStringConvertible, _ y: some CustomStringConvertible) {
      if x.description != y.description { differences.append("\(name) \(x), not \(y)") }
    }
    compare("width", a.dModel, b.dModel)
    compare("layers:", a.layerCount, b.layerCount)
    compare("query heads:", a.headCount, b.headCount)
    compare("key-value heads:", a.keyValueHeadCount, b.keyValueHeadCount)
    compare("head dimension", a.headDim, b.headDim)
    compare("MLP width", a.intermediateSize, b.intermediateSize)
    compare("rows of the embedding:", a.vocabularySize, b.vocabularySize)
    compare("sliding window", a.slidingWindow, b.slidingWindow)
    // GGUF keeps these in float32.
    compare("query_pre_attn_scalar", Float(a.queryPreAttentionScalar), Float(b.queryPreAttentionScalar))
    compare("RMSNorm epsilon", Float(a.rmsNormEpsilon), Float(b.rmsNormEpsilon))
    compare("RoPE base of global layers", Float(a.ropeBaseGlobal), Float(b.ropeBaseGlobal))
    compare("RoPE base of local layers", Float(a.ropeBaseLocal), Float(b.ropeBaseLocal))
    compare("RoPE scaling", Float(a.ropeScalingFactorGlobal), Float(b.ropeScalingFactorGlobal))
    if a.layerCount == b.layerCount, a.isGlobal != b.isGlobal {
      func globals(_ c: Gemma3Configuration) -> String {
        let layers = c.isGlobal.indices.filter { c.isGlobal[$0] }
        return layers.isEmpty ? "none" : layers.map(String.init).joined(separator: " ")
      }
      differences.append("global layers: \(globals(a)), not \(globals(b))")
    }
    return differences
  }
}

extension Tokenizer {
  /// What converters write for ids that no text becomes.
  private static func isPlaceholder(_ text: String) -> Bool {
    text.isEmpty || text.hasPrefix("[PAD") || text.hasPrefix("<unused")
  }

  /// Nil where both have the same text for every id that both use, and the same beginning of a document.
  fileprivate func difference(from other: Tokenizer) -> String? {
    if sha256 == other.sha256 { return nil }
    if bos != other.bos { return "documents begin with the id \(bos), not \(other.bos)" }
    for id in 0..<Int32(min(vocabularySize, other.vocabularySize)) {
      let (mine, theirs) = (text(of: id), other.text(of: id))
      if mine != theirs, ![mine, theirs].contains(where: Self.isPlaceholder) {
        return "the id \(id) is \"\(mine)\", not \"\(theirs)\""
      }
    }
    return nil
  }
}

extension ModelRun.Inputs {
  /// The one that a condition takes the model from.
  func checkpoint(of condition: Study.Condition) -> Gemma3Checkpoint {
    others.first { $0.isOf(condition.name) }?.checkpoint ?? checkpoint
  }

  /// As the sweep takes it.
  func sweepCondition(_ condition: Study.Condition) -> Sweep.Condition {
    let place = others.firstIndex { $0.isOf(condition.name) }
    var method = condition.weights
    if condition.isShipped {
      let arithmetics = checkpoint(of: condition).arithmetics
      method = AsStored(couplesBatch: arithmetics.contains { if case .int8 = $0 { true } else { false } })
    }
    return Sweep.Condition(
      name: condition.name, method: method, reference: condition.reference, source: place.map { $0 + 1 } ?? 0)
  }

  /// Nil where a condition has the study's model.
  func describeCheckpoint(of condition: Study.Condition) -> RunDescription.Checkpoint? {
    if condition.checkpoint == nil { return nil }
    let other = others.first { $0.isOf(condition.name) }
    let own = checkpoint(of: condition)
    let summary = own.summary
    return RunDescription.Checkpoint(
      format: summary.format.rawValue, files: summary.fileNames,
      sha256: other?.sha256.value ?? checkpointSHA256.value,
      tokenizerSHA256: (other?.tokenizer ?? tokenizer).sha256, storage: summary.storage,
      isAsStored: condition.isShipped, linearBits: summary.linear.bitsPerParameter,
      modelBits: summary.whole.bitsPerParameter, uncompressed: summary.uncompressed,
      reading: own.reading(asStored: condition.isShipped))
  }
}

extension Gemma3Checkpoint {
  /// What a run does with weights that are stored in a lossy format, in words; nil where there are none.
  fileprivate func reading(asStored: Bool) -> String? {
    if !summary.isQuantized { return nil }
    var steps = ["weights decoded to bf16"]
    if asStored {
      for arithmetic in arithmetics {
        switch arithmetic {
        case .int8(_, _, let threshold):
          steps.append("LLM.int8 with the file's codes, threshold \(threshold)")
        case .byToken(let rounding):
          steps.append("activations rounded to \(rounding == .fp8 ? "FP8 E4M3" : "8-bit integers") by token")
        case .weightsAlone, .other: break
        }
      }
    }
    return Set(steps.dropFirst()).sorted().reduce(steps[0]) { $0 + "; " + $1 }
  }
}
