/// Why a checkpoint cannot be used: what is wrong, in which file, and what to do.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  case notACheckpoint(path: String, found: String)
  case folderWithoutConfiguration(path: String, hint: String)
  case folderWithoutWeights(path: String)
  case pickleOnly(path: String, file: String)
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

  public var description: String {
    switch self {
    case .notACheckpoint(let path, let found):
      "\(path): is no checkpoint (\(found)). Give a GGUF file, or a Hugging Face folder with config.json and *.safetensors."
    case .folderWithoutConfiguration(let path, let hint):
      "\(path): the folder has no config.json. \(hint)"
    case .folderWithoutWeights(let path):
      "\(path): the folder has a config.json and no *.safetensors file. Download the weights into the same folder."
    case .pickleOnly(let path, let file):
      "\(path): the weights are in \(file), a Python pickle, which can run code when it is opened and is not read here. Save the model again with save_pretrained(…, safe_serialization=True) and point at that folder."
    case .damaged(let path, let reason):
      "\(path): \(reason). The file is damaged or the download is not complete; get it again."
    case .invalidJSON(let path, let error):
      "\(path): is not valid JSON: \(error). Get the file again."
    case .unsupportedGGUF(let path, let reason):
      "\(path): \(reason)."
    case .unsupportedType(let path, let tensor, let type):
      "\(path): \(tensor) is stored as \(type), which is not read here. Supported: \(TensorElement.readable). Use another quantization of the model."
    case .truncatedTensor(let path, let tensor, let missing, let size):
      "\(path): \(tensor) ends \(missing) bytes after the end of the file (\(size) bytes). The download is not complete; get the file again."
    case .unknownArchitecture(let path, let name):
      "\(path): the architecture is \"\(name)\". Supported: Gemma 3 (gemma3 in a GGUF file; gemma3_text, or gemma3 with a text_config, in config.json)."
    case .missingKey(let path, let key):
      "\(path): the key \(key) is missing. Model dimensions have no default here; use the configuration the model was published with."
    case .invalidValue(let path, let key, let value, let needed):
      "\(path): \(key) is \(value); \(needed) is needed."
    case .unsupportedFeature(let path, let key, let value):
      "\(path): \(key) is \(value), which no Gemma 3 model uses and is not computed here. Use a checkpoint without it."
    case .missingTensor(let path, let tensor):
      "\(path): the tensor \(tensor) is missing. The file is not complete, or belongs to another model."
    case .shapeMismatch(let path, let tensor, let found, let expected, let configuration):
      "\(tensor): shape \(found) in \(path), \(expected) by \(configuration). The two come from different model sizes; use the configuration the weights were published with."
    }
  }
}
