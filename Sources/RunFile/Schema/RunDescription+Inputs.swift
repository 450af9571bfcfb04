/// What was measured, and on what.
extension RunDescription {
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
}
