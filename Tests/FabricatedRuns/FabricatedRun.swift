import RunFile

/// A made-up run with known properties, for tests of whatever reads run files: no model, no SAE, seconds to write.
///
///     var run = FabricatedRun()
///     run.effects[1].lossChange = 0.023            // NF4 raises cross-entropy by 2.3 %
///     try run.write(to: folder + "/run.h5")
///
/// Every number follows from `seed` and the knobs, on any machine: the generator uses integer arithmetic, additions,
/// multiplications and square roots only. Activations are made up as vectors, and the stored sums computed from them.
public struct FabricatedRun: Sendable {
  public var title = "A fabricated study"
  public var study = "fabricated"
  public var seed: UInt64 = 1
  public var chunkCount = 48
  public var chunkLength = 64
  public var batchSize = 4
  /// Batches in one block of the sweep.
  public var batchesPerBlock = 2
  public var modelName = "fabricated-270m"
  public var layer = 9
  public var layerCount = 18
  /// D.
  public var dModel = 16
  public var sources = ["essays", "code", "letters"]
  /// Tokens of a document on average, about; nil: one and a half chunks.
  public var documentLength: Int?
  /// Names of the experiments that ran; columns of the others are absent.
  public var experiments = ["accuracy", "sae", "stabilization", "noise_floor"]
  /// Nil: all tokens.
  public var headline: Int?
  /// Nil: a tenth, two fifths, and all of the tokens.
  public var snapshots: [Int]?
  /// Experiments with a count of their own.
  public var counts: [RunDescription.Budget.Count] = []
  public var replicates = 2000
  public var level = 0.95
  /// Amplitude of the reconstruction error, relative to ‖x‖, on ordinary tokens.
  public var reconstructionError = 0.3
  /// Relative growth of that amplitude from the first token to the last: lets snapshots disagree.
  public var errorDrift = 0.0
  /// One of this many tokens is massive; nil for none.
  public var massiveEvery: Int? = 90
  /// One of this many tokens becomes massive under a compressed condition, or ceases to be; nil for none.
  public var flippedEvery: Int? = 400
  /// Batches that reruns measure again; 0 for a run without reruns.
  public var rerunBatches = 0
  /// Batches after the first that branches went on with; 0 for a run without the experiment `splice`.
  public var branchedBatches = 0
  /// Amplitude of what another order of summation changes, relative to ‖x‖, and in nats.
  public var rounding = 0.05
  /// The compressed conditions, after the baseline.
  public var effects: [Effect] = [.int8, .nf4]
  /// False: the assembled file does not say what its ids mean, as older ones.
  public var hasVocabulary = true
  /// False: the assembled file says `partial`.
  public var isComplete = true
  /// False: the baseline was measured from full-precision weights.
  public var isDequantized = true

  /// SHA-256 that the run states of its checkpoint and its autoencoder.
  public var checkpointSHA256 = String(repeating: "0123456789abcdef", count: 4)
  public var saeSHA256 = String(repeating: "0123456789abcdef", count: 4)
  /// SHA-256 that it states of its token ids.
  public var tokensSHA256 = String(repeating: "0123456789abcdef", count: 4)
  /// Nil: title and seed.
  public var studyText: String?
  /// Seed of the measurements, where it is not the text's.
  public var measurementSeed: UInt64?

  public init() {}

  /// What a compressed condition does to the baseline's numbers.
  public struct Effect: Sendable {
    public var name: String
    public var label: String
    public var kind: String
    public var parameters: [RunDescription.Parameter]
    public var bits: Double
    public var compressedBits: Double
    /// True: every number equals the baseline's, bit for bit.
    public var isIdentical = false
    /// Relative change of each token's loss.
    public var lossChange: Double
    /// Standard deviation of a further, independent change of each token's loss, in nats.
    public var lossNoise: Double
    /// Relative change of the reconstruction error's amplitude.
    public var errorChange: Double
    /// Standard deviation of a further, independent relative change of that amplitude, per token.
    public var errorNoise: Double
    /// ‖x_c − x‖ ∕ ‖x‖ of each token, about.
    public var perturbation: Double

    public init(
      name: String, label: String, kind: String, parameters: [RunDescription.Parameter] = [], bits: Double,
      compressedBits: Double, lossChange: Double, lossNoise: Double = 0.05, errorChange: Double,
      errorNoise: Double = 0.02, perturbation: Double
    ) {
      self.name = name
      self.label = label
      self.kind = kind
      self.parameters = parameters
      self.bits = bits
      self.compressedBits = compressedBits
      self.lossChange = lossChange
      self.lossNoise = lossNoise
      self.errorChange = errorChange
      self.errorNoise = errorNoise
      self.perturbation = perturbation
    }

    /// About what a small model does under LLM.int8.
    public static let int8 = Effect(
      name: "int8", label: "LLM.int8", kind: "int8",
      parameters: [.init(key: "epilogue", value: "cuda"), .init(key: "threshold", value: "6.0")], bits: 13.0,
      compressedBits: 8.03, lossChange: 0.01, errorChange: 0.01, perturbation: 0.13)

    /// About what a small model does under NF4.
    public static let nf4 = Effect(
      name: "nf4", label: "NF4, double quantization", kind: "nf4",
      parameters: [.init(key: "compute", value: "bf16"), .init(key: "double_quantization", value: "true")], bits: 11.6,
      compressedBits: 4.13, lossChange: 0.12, lossNoise: 0.3, errorChange: 0.08, perturbation: 0.34)
  }

  public var tokenCount: Int { chunkCount * chunkLength }
  public var batchCount: Int { (chunkCount + batchSize - 1) / batchSize }

  public var description: RunDescription {
    let text = studyText ?? "title: \(title)\nseed: \(seed)\n"
    let hash = String(repeating: "0123456789abcdef", count: 4)
    var description = RunDescription(
      title: title, study: study, studyText: text,
      model: .init(
        name: modelName, architecture: "gemma3_text", layer: layer, layerCount: layerCount, dModel: dModel,
        vocabularySize: 262_144, parameterCount: 268_098_176, compressibleParameterCount: 100_270_080,
        storage: isDequantized ? "GGUF: Q5_0 ×90, Q8_0 ×19, Q6_K ×18, F32 ×109" : "safetensors: BF16 ×236",
        isDequantized: isDequantized, checkpointFiles: ["fabricated.gguf"], checkpointSHA256: checkpointSHA256,
        tokenizerSHA256: hash),
      sae: experiments.contains("sae")
        ? .init(
          name: "fabricated-sae", format: "SAELens", architecture: "jumprelu", featureCount: 1024, sha256: saeSHA256)
        : nil,
      corpus: .init(
        name: "fabricated-corpus", files: ["corpus.jsonl"], sha256: hash, sources: sources, documentCount: 200,
        order: "shuffled as numpy does, seed 0, buffer 10000", packing: "article", chunkLength: chunkLength,
        batchSize: batchSize, tokenStreamSHA256: tokensSHA256),
      conditions: [
        .init(
          name: "bf16", label: "bf16", kind: "bf16", isBaseline: true, parameters: [],
          effectiveBitsPerParameter: 16, bitsPerCompressedParameter: 16)
      ]
        + effects.map {
          .init(
            name: $0.name, label: $0.label, kind: $0.kind, isBaseline: false, parameters: $0.parameters,
            effectiveBitsPerParameter: $0.bits, bitsPerCompressedParameter: $0.compressedBits)
        },
      experiments: experiments,
      budget: .init(
        headline: headline ?? tokenCount, snapshots: snapshots ?? [tokenCount / 10, tokenCount * 2 / 5, tokenCount],
        counts: counts),
      strata: .init(
        firstPositions: Self.firstPositions, massiveMultiple: 8,
        medianNorm: experiments.contains("sae") ? 4.5 : nil),
      bootstrap: .init(replicates: replicates, level: level), seed: seed,
      provenance: .init(
        clearboxVersion: "0.1.0", commit: "0123456", cpu: "Fabricated CPU", threads: 2, kernels: "none",
        libraries: ["HDF5 1.10.8"], operatingSystem: "Debian GNU/Linux 12", startTime: "2026-01-02T03:04:05Z",
        finishTime: isComplete ? "2026-01-02T03:14:05Z" : nil, elapsedSeconds: isComplete ? 600 : nil,
        peakAnonymousBytes: isComplete ? 1_500_000_000 : nil))
    if rerunBatches > 0 {
      description.rerunConditions = description.conditions.map(\.rerun)
      description.reruns = .init(
        batches: rerunBatches, seed: seed, tokens: rerunBatches * batchSize * chunkLength, documents: rerunBatches)
    }
    if branchedBatches > 0 {
      description.branches = .init(
        batches: branchedBatches, tokens: branchedBatches * batchSize * chunkLength, documents: branchedBatches)
    }
    return description
  }

  /// Whether branches went on with a batch.
  func isBranched(batch: Int) -> Bool {
    batch > 0 && batch * branchedBatches / (batchCount - 1) > (batch - 1) * branchedBatches / (batchCount - 1)
  }

  /// Whether reruns measure a batch again: as many as asked for, spread evenly.
  func isMeasuredAgain(batch: Int) -> Bool {
    (batch + 1) * rerunBatches / batchCount > batch * rerunBatches / batchCount
  }

  static let firstPositions = 4

  /// What an id says: words of several scripts, digits, punctuation and bytes in turn.
  public static func text(of id: Int32) -> String {
    let texts = [
      "<bos>", " the", "ing", "été", " Ωμέγα", " слово", "漢字", "かな", "한글", " سلام", "שלום", "हिन्दी", "ไทย",
      "42", ", ", "\n\n", "<0x0A>", "—", " a1", " ",
    ]
    return texts[Int(id) % texts.count]
  }

  /// Measures into a folder of parts and assembles the run file.
  public func write(to path: String) throws {
    let run = try writeParts(to: path + ".parts")
    let text: ((Int32) -> String)? = hasVocabulary ? { Self.text(of: $0) } : nil
    try run.assemble(to: path, description: description, isComplete: isComplete, text: text)
    try run.removeParts()
  }

  /// Only the parts, as an interrupted run leaves them.
  ///
  /// - Parameter blocks: how many of the blocks were finished; nil for all.
  @discardableResult
  public func writeParts(to folder: String, blocks: Int? = nil) throws -> RunInProgress {
    let run = try RunInProgress(
      folder: folder, description: description, columns: columns, fingerprint: "fabricated \(seed)")
    for block in self.blocks().prefix(blocks ?? Int.max) where block.index >= run.finishedBlocks {
      try run.append(block, elapsedSeconds: 1)
    }
    return run
  }
}
