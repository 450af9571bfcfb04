/// Everything that is known about a run besides its arrays: what was measured, on what, how and by whom.
///
/// Stored whole as JSON in the run file's root attribute `description`, and in parts as plain attributes, so that a
/// reader without this type finds its way.
public struct RunDescription: Codable, Sendable, Equatable {
  /// The study's title, as its author wrote it.
  public var title: String
  /// The study file's name without its extension; names the output folder.
  public var study: String
  /// The study file, character for character.
  public var studyText: String
  public var model: Model
  /// Nil when no experiment of the study needs a sparse autoencoder.
  public var sae: SAE?
  public var corpus: Corpus
  /// In the study's order; exactly one is the baseline, and it comes first.
  public var conditions: [Condition]
  /// Names of the experiments that ran, in the study's order.
  public var experiments: [String]
  public var budget: Budget
  public var strata: Strata
  public var bootstrap: Bootstrap
  public var seed: UInt64
  /// Where what was fetched came from; nil when everything was given as a file.
  public var fetched: [Fetched]?
  public var provenance: Provenance
  /// Where the numbers come from when clearbox did not measure them; nil when it did.
  public var origin: Origin?

  /// What was rounded in a copy for publishing; nil in a run as it was measured.
  public var rounded: Rounded?

  public struct Rounded: Codable, Sendable, Equatable {
    /// Of every measured floating-point number.
    public var significantBits: Int
    /// Content hash of the run that the copy was made from.
    public var contentSHA256: String
  }

  /// What a text says that an imported run cannot know; numbers that are not known are 0 there, a layer is -1.
  public static let notRecorded = "not recorded"

  /// Something that the study names on the Hugging Face Hub.
  public struct Fetched: Codable, Sendable, Equatable {
    /// "checkpoint", "sae" or "corpus".
    public var role: String
    /// As the study writes it: "hf://google/gemma-3-4b-pt".
    public var reference: String
    /// The repository's commit that was read, in full.
    public var commit: String

    public init(role: String, reference: String, commit: String) {
      self.role = role
      self.reference = reference
      self.commit = commit
    }
  }

  public struct Model: Codable, Sendable, Equatable {
    public var name: String
    public var architecture: String
    /// Decoder layer (from 0) after which the residual stream is read.
    public var layer: Int
    public var layerCount: Int
    /// D: width of the residual stream.
    public var dModel: Int
    public var vocabularySize: Int
    /// All parameters of the text model, tied tensors counted once.
    public var parameterCount: Int
    /// Parameters of the linear layers that the conditions compress.
    public var compressibleParameterCount: Int
    /// How the checkpoint stores its weights, in words, e.g. "GGUF: Q5_0 ×90, Q8_0 ×19, Q6_K ×18, F32 ×109".
    public var storage: String
    /// True when the baseline's weights were dequantized from a lossy file: a report must say so.
    public var isDequantized: Bool
    public var checkpointFiles: [String]
    public var checkpointSHA256: String
    public var tokenizerSHA256: String
    /// Settings that the checkpoint's configuration leaves out, with the values of the model's class; nil when none.
    public var assumed: [String]?

    public init(
      name: String, architecture: String, layer: Int, layerCount: Int, dModel: Int, vocabularySize: Int,
      parameterCount: Int, compressibleParameterCount: Int, storage: String, isDequantized: Bool,
      checkpointFiles:
        [String], checkpointSHA256: String, tokenizerSHA256: String, assumed: [String]? = nil
    ) {
      self.name = name
      self.architecture = architecture
      self.layer = layer
      self.layerCount = layerCount
      self.dModel = dModel
      self.vocabularySize = vocabularySize
      self.parameterCount = parameterCount
      self.compressibleParameterCount = compressibleParameterCount
      self.storage = storage
      self.isDequantized = isDequantized
      self.checkpointFiles = checkpointFiles
      self.checkpointSHA256 = checkpointSHA256
      self.tokenizerSHA256 = tokenizerSHA256
      self.assumed = assumed
    }
  }

  /// The file that an imported run was made from.
  public struct Origin: Codable, Sendable, Equatable {
    /// Its name, without its folder.
    public var file: String
    public var sha256: String
    public var format: Format
    /// The source's own metadata as JSON with sorted keys; nil where its format has none.
    public var metadata: String?
    /// What the source says it tried and could not measure, in the order of conditions.
    public var notMeasured: [Missing]

    public enum Format: String, Codable, Sendable {
      /// Results of the article's code: values alone.
      case articleJSON = "article JSON"
      /// A run file written by another program: raw measurements.
      case runFile = "run file"
    }

    public struct Missing: Codable, Sendable, Equatable {
      public var condition: String
      /// The part of the condition, as the source names it; nil for all of it.
      public var part: String?
      /// The source's own words, e.g. "N/A (OOM)".
      public var status: String
      public init(condition: String, part: String?, status: String) {
        self.condition = condition
        self.part = part
        self.status = status
      }
    }

    public init(file: String, sha256: String, format: Format, metadata: String? = nil, notMeasured: [Missing] = []) {
      self.file = file
      self.sha256 = sha256
      self.format = format
      self.metadata = metadata
      self.notMeasured = notMeasured
    }
  }

  public struct SAE: Codable, Sendable, Equatable {
    public var name: String
    public var format: String
    public var architecture: String
    /// F: number of features (dictionary size).
    public var featureCount: Int
    public var sha256: String

    public init(
      name: String, format: String, architecture: String, featureCount: Int, sha256: String
    ) {
      self.name = name
      self.format = format
      self.architecture = architecture
      self.featureCount = featureCount
      self.sha256 = sha256
    }
  }

  public struct Corpus: Codable, Sendable, Equatable {
    public var name: String
    public var files: [String]
    /// Of the one file, or of what `sha256sum` prints for several.
    public var sha256: String
    /// Labels of the text sources; `tokens/source` indexes them.
    public var sources: [String]
    /// Documents in the corpus, empty ones not counted.
    public var documentCount: Int
    /// In words, e.g. "shuffled as numpy does, seed 0, buffer 10000".
    public var order: String
    /// How documents became chunks: "article", "saelens", "transformer_lens" or "llama_cpp", as in the study.
    public var packing: String
    public var chunkLength: Int
    public var batchSize: Int
    /// SHA-256 of all measured token ids as little-endian Int32, in order.
    public var tokenStreamSHA256: String

    public init(
      name: String, files: [String], sha256: String, sources: [String], documentCount: Int, order: String,
      packing: String, chunkLength: Int, batchSize: Int, tokenStreamSHA256: String
    ) {
      self.name = name
      self.files = files
      self.sha256 = sha256
      self.sources = sources
      self.documentCount = documentCount
      self.order = order
      self.packing = packing
      self.chunkLength = chunkLength
      self.batchSize = batchSize
      self.tokenStreamSHA256 = tokenStreamSHA256
    }
  }

  public struct Condition: Codable, Sendable, Equatable {
    /// Short and unique in the run: `bf16`, `int8`, `nf4`; names the group in the run file.
    public var name: String
    /// For people: "LLM.int8", "NF4, double quantization".
    public var label: String
    /// "bf16", "f32", "int8" or "nf4".
    public var kind: String
    public var isBaseline: Bool
    /// Sorted by key, e.g. threshold: 6.0, epilogue: cuda.
    public var parameters: [Parameter]
    /// Bits per parameter over the whole model, scales and uncompressed tensors counted.
    public var effectiveBitsPerParameter: Double
    /// Bits per parameter over the compressed linear layers alone, scales counted.
    public var bitsPerCompressedParameter: Double

    public init(
      name: String, label: String, kind: String, isBaseline: Bool, parameters: [Parameter],
      effectiveBitsPerParameter: Double, bitsPerCompressedParameter: Double
    ) {
      self.name = name
      self.label = label
      self.kind = kind
      self.isBaseline = isBaseline
      self.parameters = parameters
      self.effectiveBitsPerParameter = effectiveBitsPerParameter
      self.bitsPerCompressedParameter = bitsPerCompressedParameter
    }
  }

  public struct Parameter: Codable, Sendable, Equatable {
    public var key: String
    public var value: String
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  public struct Budget: Codable, Sendable, Equatable {
    /// Tokens asked for; measured are the first batch boundary at or after it.
    public var headline: Int
    /// Ascending token counts at which stabilization looks, each rounded up to a batch boundary.
    public var snapshots: [Int]
    /// Experiments whose numbers stand on a count of their own, rounded up to a chunk boundary; sorted by name.
    public var counts: [Count]

    public struct Count: Codable, Sendable, Equatable {
      public var experiment: String
      public var tokens: Int
      public init(experiment: String, tokens: Int) {
        self.experiment = experiment
        self.tokens = tokens
      }
    }

    public init(headline: Int, snapshots: [Int], counts: [Count] = []) {
      self.headline = headline
      self.snapshots = snapshots
      self.counts = counts
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      headline = try container.decode(Int.self, forKey: .headline)
      snapshots = try container.decode([Int].self, forKey: .snapshots)
      // Where the key is absent, one count serves everything: so it is in files of before the key existed.
      counts = try container.decodeIfPresent([Count].self, forKey: .counts) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(headline, forKey: .headline)
      try container.encode(snapshots, forKey: .snapshots)
      if !counts.isEmpty { try container.encode(counts, forKey: .counts) }
    }

    private enum CodingKeys: String, CodingKey { case headline, snapshots, counts }
  }

  public struct Strata: Codable, Sendable, Equatable {
    /// A token is "first" when its position in the chunk is below this number, or when it is BOS.
    public var firstPositions: Int
    /// A token is massive when its baseline residual norm exceeds this multiple of the median norm.
    public var massiveMultiple: Double
    /// Median of ‖x‖ over the first batch of the baseline; nil without an experiment that reads the residual stream.
    public var medianNorm: Double?

    public init(
      firstPositions: Int, massiveMultiple: Double, medianNorm: Double? = nil
    ) {
      self.firstPositions = firstPositions
      self.massiveMultiple = massiveMultiple
      self.medianNorm = medianNorm
    }
  }

  public struct Bootstrap: Codable, Sendable, Equatable {
    public var replicates: Int
    /// Confidence level, e.g. 0.95.
    public var level: Double

    public init(
      replicates: Int, level: Double
    ) {
      self.replicates = replicates
      self.level = level
    }
  }

  public struct Provenance: Codable, Sendable, Equatable {
    public var clearboxVersion: String
    /// Commit of the sources, or "unknown" outside a checkout; ends in "+" when the tree had changes.
    public var commit: String
    public var cpu: String
    public var threads: Int
    /// Which kernels computed: instruction sets, matrix multiplication engine.
    public var kernels: String
    /// "oneDNN 2.6.3", "OpenBLAS 0.3.21", …
    public var libraries: [String]
    public var operatingSystem: String
    /// ISO 8601, UTC; the time that figures and reports carry.
    public var startTime: String
    /// Nil while the run is unfinished.
    public var finishTime: String?
    /// Wall time of measuring, summed over interruptions; nil while unfinished.
    public var elapsedSeconds: Double?
    /// Peak anonymous resident memory of the measuring process in bytes; nil where unknown.
    public var peakAnonymousBytes: Int?
    /// Where the time went; nil unless the run was asked for it.
    public var profile: RunProfile?

    public init(
      clearboxVersion: String, commit: String, cpu: String, threads: Int, kernels: String, libraries: [String],
      operatingSystem: String, startTime: String, finishTime: String? = nil, elapsedSeconds: Double? = nil,
      peakAnonymousBytes: Int? = nil, profile: RunProfile? = nil
    ) {
      self.clearboxVersion = clearboxVersion
      self.commit = commit
      self.cpu = cpu
      self.threads = threads
      self.kernels = kernels
      self.libraries = libraries
      self.operatingSystem = operatingSystem
      self.startTime = startTime
      self.finishTime = finishTime
      self.elapsedSeconds = elapsedSeconds
      self.peakAnonymousBytes = peakAnonymousBytes
      self.profile = profile
    }
  }

  public init(
    title: String, study: String, studyText: String, model: Model, sae: SAE? = nil, corpus: Corpus,
    conditions:
      [Condition], experiments: [String], budget: Budget, strata: Strata, bootstrap: Bootstrap, seed: UInt64,
    fetched: [Fetched]? = nil, provenance: Provenance, origin: Origin? = nil
  ) {
    self.title = title
    self.study = study
    self.studyText = studyText
    self.model = model
    self.sae = sae
    self.corpus = corpus
    self.conditions = conditions
    self.experiments = experiments
    self.budget = budget
    self.strata = strata
    self.bootstrap = bootstrap
    self.seed = seed
    self.fetched = fetched
    self.provenance = provenance
    self.origin = origin
  }
}
