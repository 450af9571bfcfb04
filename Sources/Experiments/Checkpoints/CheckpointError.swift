/// Why a checkpoint cannot be used: what is wrong, in which file, and what to do.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  case notACheckpoint(path: String, found: String)
  case notSafetensors(path: String, found: String)
  case folderWithoutConfiguration(path: String, hint: String)
  case folderWithoutWeights(path: String, others: [String])
  case pickleOnly(path: String, file: String)
  case adapter(path: String)
  case severalWeights(path: String, files: [String])
  case missingShard(path: String, shard: String)
  case shardLacksTensor(path: String, tensor: String, shard: String)
  case tensorTwice(path: String, tensor: String, files: [String])
  case quantized(path: String, key: String, method: String)
  case untiedHead(path: String, tensor: String)
  case missingHead(path: String)
  case damaged(path: String, reason: String)
  case invalidJSON(path: String, JSONError)
  case unsupportedGGUF(path: String, reason: String)
  case unsupportedType(path: String, tensor: String, type: String, supported: String)
  case truncatedTensor(path: String, tensor: String, missingBytes: Int, fileBytes: Int)
  case unknownArchitecture(path: String, name: String)
  case missingKey(path: String, key: String)
  case invalidValue(path: String, key: String, value: String, needed: String)
  case unsupportedFeature(path: String, key: String, value: String)
  case missingTensor(path: String, tensor: String)
  case shapeMismatch(path: String, tensor: String, found: [Int], expected: [Int], configuration: String)
  /// Of a format of several tensors: what a tensor has, and what the format needs for a layer [outputs, inputs].
  case packedShape(path: String, tensor: String, found: String, format: String, needed: String, layer: [Int])
  /// A tensor whose numbers mean nothing without another one.
  case missingCompanion(path: String, tensor: String, type: String, companion: String)
  case packedWithoutNote(path: String, tensor: String, format: String)
  /// `tensor`: what lies in the weights, in words.
  case contradiction(path: String, key: String, value: String, tensor: String)
  case tooLong(path: String, bytes: Int, most: Int)
  case notFinite(path: String, tensor: String, index: [Int], value: Float)

  public var description: String { text.text }

  private var text: CheckpointText {
    switch self {
    case .notACheckpoint(let path, let found):
      "\(path: path): is no checkpoint (\(words: found)). Give a GGUF file, or a Hugging Face folder with config.json and *.safetensors."
    case .notSafetensors(let path, let found):
      "\(path: path): is no safetensors file (\(words: found)). Is it another file under this name? Get it again from where it was published."
    case .folderWithoutConfiguration(let path, let hint):
      "\(path: path): the folder has no config.json. \(words: hint)"
    case .folderWithoutWeights(let path, let others):
      others.isEmpty
        ? "\(path: path): the folder has a config.json and no *.safetensors file. Download the weights into the same folder."
        : "\(path: path): the folder has no model.safetensors and no model-00001-of-….safetensors; it holds \(words: others.joined(separator: ", ")). Save the model with save_pretrained(), or give the weights the name that transformers reads."
    case .pickleOnly(let path, let file):
      "\(path: path): the weights are in \(file), a Python pickle, which can run code when it is opened and is not read here. Save the model as safetensors, in Python: transformers.AutoModelForCausalLM.from_pretrained(\"FOLDER\", dtype=\"auto\").save_pretrained(\"NEW_FOLDER\"), copy tokenizer.json beside it, and point at the new folder."
    case .adapter(let path):
      "\(path: path): the folder holds an adapter (adapter_config.json), not a model. Merge it into its model with PEFT's merge_and_unload(), save that with save_pretrained(), and point at that folder."
    case .severalWeights(let path, let files):
      "\(path: path): \(words: files.joined(separator: " and ")) could each be the model, and no model.safetensors.index.json says which. Keep the one to measure, as model.safetensors."
    case .missingShard(let path, let shard):
      "\(path: path): the weights are in several files, and \(shard) is not among them. The download is not complete; get that file too."
    case .shardLacksTensor(let path, let tensor, let shard):
      "\(path: path): puts \(long: tensor) in \(shard), which does not hold it. Index and weights do not belong together; download the folder again."
    case .tensorTwice(let path, let tensor, let files):
      "\(path: path): \(long: tensor) is in \(words: files.joined(separator: " and in ")). A tensor lies in one of a model's files; these are of several models or downloads. Get the folder again."
    case .quantized(let path, let key, let method):
      "\(path: path): the weights are quantized by \(method) (\(words: key)), which is not read here. Use a file in one of the formats that are read (bitsandbytes, compressed-tensors, GPTQ, AWQ, GGUF: docs/checkpoint-formats.md), or the checkpoint that the quantized one was made from."
    case .untiedHead(let path, let tensor):
      "\(path: path): \(long: tensor) differs from the embedding. Gemma 3's head is its embedding, and only that is computed here; this model was trained with a head of its own, or its files are mixed. Use a checkpoint whose head is tied."
    case .missingHead(let path):
      "\(path: path): tie_word_embeddings is false, and the weights hold no head (lm_head.weight). Gemma 3's head is its embedding: set the key to true, or get the folder again if a file is missing."
    case .damaged(let path, let reason):
      "\(path: path): \(words: reason). The file is damaged or the download is not complete; get it again."
    case .invalidJSON(let path, let error):
      "\(path: path): is not valid JSON: \(words: "\(error)"). Correct it at that place if it was edited, or get the file again."
    case .unsupportedGGUF(let path, let reason):
      "\(path: path): \(words: reason)."
    case .unsupportedType(let path, let tensor, let type, let supported):
      "\(path: path): \(long: tensor) is stored as \(type), which is not read here. Supported: \(words: supported). Use a file that has it in one of these."
    case .truncatedTensor(let path, let tensor, let missing, let size):
      "\(path: path): \(long: tensor) ends \(missing) bytes after the end of the file (\(size) bytes). The download is not complete; get the file again."
    case .unknownArchitecture(let path, let name):
      "\(path: path): the architecture is \"\(name)\"\(Self.otherModels[name].map { ", which is " + $0 } ?? ""). Supported: Gemma 3 (gemma3 in a GGUF file; gemma3_text, or gemma3 with a text_config, in config.json)."
    case .missingKey(let path, let key):
      "\(path: path): the key \(words: key) is missing. Use the file the model was published with."
    case .invalidValue(let path, let key, let value, let needed):
      "\(path: path): \(words: key) is \(value); \(words: needed) is needed. Use the file that the model was published with."
    case .unsupportedFeature(let path, let key, let value):
      "\(path: path): \(words: key) is \(long: value), which is not supported. Use a checkpoint without it."
    case .missingTensor(let path, let tensor):
      "\(path: path): the tensor \(long: tensor) is missing. The file is not complete, or belongs to another model: get it again from where the model was published."
    case .shapeMismatch(let path, let tensor, let found, let expected, let configuration):
      "\(long: tensor): shape \(found) in \(path: path), \(expected) by \(words: configuration). The two come from different model sizes; use the configuration the weights were published with."
    case .packedShape(let path, let tensor, let found, let format, let needed, let layer):
      "\(path: path): \(long: tensor) has \(found); \(format) needs \(words: needed) for a layer of \(layer[0]) × \(layer[1]). The file is damaged, or config.json belongs to another file: get both again."
    case .missingCompanion(let path, let tensor, let type, let companion):
      "\(path: path): \(long: tensor) is \(type), and \(long: companion), without which it means nothing, is missing. The file is not complete, or was written by a program whose format is not read here (docs/checkpoint-formats.md): get it again, or use another checkpoint of the model."
    case .packedWithoutNote(let path, let tensor, let format):
      "\(path: path): the weights are packed by \(format) (\(long: tensor)), and config.json does not say how: quantization_config is missing. Use the config.json that was published with the weights."
    case .contradiction(let path, let key, let value, let tensor):
      "\(path: path): \(words: key) is \(value), but \(words: tensor). The configuration and the weights do not belong together, or one is damaged: get both again from where the model was published."
    case .tooLong(let path, let bytes, let most):
      "\(path: path): is \(bytes) bytes long; at most \(most) are read. Is it another file under this name? Get it again from where the model was published."
    case .notFinite(let path, let tensor, let index, let value):
      "\(path: path): \(long: tensor)\(index) is \(Self.summary(value)). Every number computed with it would be wrong. The file is damaged, or was written by a training that diverged: get it again, or use another checkpoint."
    }
  }

  private static func summary(_ value: Float) -> String {
    value.isFinite ? "\(value), too large for bf16" : value.isNaN ? "NaN, no number" : "\(value), infinite"
  }

  /// Models that are near enough to Gemma 3 to be tried, by model_type.
  private static let otherModels = [
    "gemma": "Gemma 1", "gemma2": "Gemma 2", "gemma3n": "Gemma 3n", "gemma3n_text": "Gemma 3n", "gemma4": "Gemma 4",
    "gemma4_text": "Gemma 4", "paligemma": "PaliGemma", "shieldgemma2": "ShieldGemma 2", "t5gemma": "T5Gemma",
    "recurrent_gemma": "RecurrentGemma", bidirectional: "EmbeddingGemma or another model that reads in both directions",
  ]
  /// The name under which a Gemma 3 body without a causal mask is refused.
  static let bidirectional = "gemma3_text with use_bidirectional_attention"
}
