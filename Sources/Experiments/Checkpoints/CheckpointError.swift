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
  case unsupportedType(path: String, tensor: String, type: String)
  case truncatedTensor(path: String, tensor: String, missingBytes: Int, fileBytes: Int)
  case unknownArchitecture(path: String, name: String)
  case missingKey(path: String, key: String)
  case invalidValue(path: String, key: String, value: String, needed: String)
  case unsupportedFeature(path: String, key: String, value: String)
  case missingTensor(path: String, tensor: String)
  case shapeMismatch(path: String, tensor: String, found: [Int], expected: [Int], configuration: String)
  case notFinite(path: String, tensor: String, index: [Int], value: Float)

  public var description: String {
    switch self {
    case .notACheckpoint(let path, let found):
      "\(path): is no checkpoint (\(found)). Give a GGUF file, or a Hugging Face folder with config.json and *.safetensors."
    case .notSafetensors(let path, let found):
      "\(path): is no safetensors file (\(found)). Is it another file under this name? Get it again from where it was published."
    case .folderWithoutConfiguration(let path, let hint):
      "\(path): the folder has no config.json. \(hint)"
    case .folderWithoutWeights(let path, let others):
      others.isEmpty
        ? "\(path): the folder has a config.json and no *.safetensors file. Download the weights into the same folder."
        : "\(path): the folder has no model.safetensors and no model-00001-of-….safetensors; it holds \(others.joined(separator: ", ")). Save the model with save_pretrained(), or give the weights the name that transformers reads."
    case .pickleOnly(let path, let file):
      "\(path): the weights are in \(file), a Python pickle, which can run code when it is opened and is not read here. Save the model as safetensors, in Python: transformers.AutoModelForCausalLM.from_pretrained(\"FOLDER\", dtype=\"auto\").save_pretrained(\"NEW_FOLDER\"), copy tokenizer.json beside it, and point at the new folder."
    case .adapter(let path):
      "\(path): the folder holds an adapter (adapter_config.json), not a model. Merge it into its model with PEFT's merge_and_unload(), save that with save_pretrained(), and point at that folder."
    case .severalWeights(let path, let files):
      "\(path): \(files.joined(separator: " and ")) could each be the model, and no model.safetensors.index.json says which. Keep the one to measure, as model.safetensors."
    case .missingShard(let path, let shard):
      "\(path): the weights are in several files, and \(shard) is not among them. The download is not complete; get that file too."
    case .shardLacksTensor(let path, let tensor, let shard):
      "\(path): puts \(tensor) in \(shard), which does not hold it. Index and weights do not belong together; download the folder again."
    case .tensorTwice(let path, let tensor, let files):
      "\(path): \(tensor) is in \(files.joined(separator: " and in ")), and no model.safetensors.index.json says which counts. Get the index too."
    case .quantized(let path, let key, let method):
      "\(path): the weights are quantized by \(method) (\(key)), which is not read here. Use a file in one of the formats that are read (bitsandbytes, compressed-tensors, GPTQ, AWQ, GGUF: docs/checkpoint-formats.md), or the checkpoint that the quantized one was made from."
    case .untiedHead(let path, let tensor):
      "\(path): \(tensor) differs from the embedding. Gemma 3's head is its embedding, and only that is computed here; this model was trained with a head of its own, or its files are mixed. Use a checkpoint whose head is tied."
    case .missingHead(let path):
      "\(path): tie_word_embeddings is false, and the weights hold no head (lm_head.weight). Gemma 3's head is its embedding: set the key to true, or get the folder again if a file is missing."
    case .damaged(let path, let reason):
      "\(path): \(reason). The file is damaged or the download is not complete; get it again."
    case .invalidJSON(let path, let error):
      "\(path): is not valid JSON: \(error). Correct it at that place if it was edited, or get the file again."
    case .unsupportedGGUF(let path, let reason):
      "\(path): \(reason)."
    case .unsupportedType(let path, let tensor, let type):
      "\(path): \(tensor) is stored as \(type), which is not read here. Supported: \(TensorElement.readable). Use another quantization of the model."
    case .truncatedTensor(let path, let tensor, let missing, let size):
      "\(path): \(tensor) ends \(missing) bytes after the end of the file (\(size) bytes). The download is not complete; get the file again."
    case .unknownArchitecture(let path, let name):
      "\(path): the architecture is \"\(name)\"\(Self.otherModels[name].map { ", which is " + $0 } ?? ""). Supported: Gemma 3 (gemma3 in a GGUF file; gemma3_text, or gemma3 with a text_config, in config.json)."
    case .missingKey(let path, let key):
      "\(path): the key \(key) is missing. Use the file the model was published with."
    case .invalidValue(let path, let key, let value, let needed):
      "\(path): \(key) is \(value); \(needed) is needed. Use the file that the model was published with."
    case .unsupportedFeature(let path, let key, let value):
      "\(path): \(key) is \(value), which is not supported. Use a checkpoint without it."
    case .missingTensor(let path, let tensor):
      "\(path): the tensor \(tensor) is missing. The file is not complete, or belongs to another model: get it again from where the model was published."
    case .shapeMismatch(let path, let tensor, let found, let expected, let configuration):
      "\(tensor): shape \(found) in \(path), \(expected) by \(configuration). The two come from different model sizes; use the configuration the weights were published with."
    case .notFinite(let path, let tensor, let index, let value):
      "\(path): \(tensor)\(index) is \(value.isFinite ? "\(value), too large for bf16" : value.isNaN ? "NaN, no number" : "\(value), infinite"). Every number computed with it would be wrong. The file is damaged, or was written by a training that diverged: get it again, or use another checkpoint."
    }
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
