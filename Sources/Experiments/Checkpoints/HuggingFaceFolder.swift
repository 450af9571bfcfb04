import Foundation

/// A Hugging Face model folder: `config.json` and one or several safetensors files.
struct HuggingFaceFolder: Sendable {
  let path: String
  let configuration: JSONValue
  /// The files read, in the order of their names; config.json (and the index) first.
  let files: [MappedFile]
  private let weights: WeightFiles

  var configurationPath: String { Self.join(path, Self.configurationName) }

  private static let configurationName = "config.json"
  /// Bytes of a file that is read whole, far more than any needs.
  private static let (longestConfiguration, longestIndex) = (4_000_000, 64_000_000)

  /// - Throws: `FileError`, `CheckpointError`.
  init(path: String) throws {
    self.path = path
    let names = try Self.fileNames(in: path)
    guard names.contains(Self.configurationName) else {
      throw CheckpointError.folderWithoutConfiguration(path: path, hint: Self.hint(names))
    }
    let configurationFile = try MappedFile(path: Self.join(path, Self.configurationName))
    configuration = try Self.parse(configurationFile, most: Self.longestConfiguration)
    weights = try WeightFiles(folder: path, names: names) { try Self.parse($0, most: Self.longestIndex) }
    files = [configurationFile] + (weights.index.map { [$0] } ?? []) + weights.files.map(\.file)
  }

  /// Whether the configuration says that the head has weights of its own.
  var statesUntiedHead: Bool {
    [configuration, configuration["text_config"] ?? .null].contains { $0["tie_word_embeddings"] == .bool(false) }
  }

  func tensor(_ name: String) throws -> StoredTensor? { try weights.tensor(name) }
  /// The tensor as it lies there, whatever its meaning.
  func raw(_ name: String) throws -> RawTensor? { weights.raw(name) }

  /// Whether there is such a tensor, of any type.
  func contains(_ name: String) -> Bool { weights.contains(name) }

  /// What the configuration says of quantized weights.
  func quantization() throws -> QuantizationFields? {
    let text = configuration["text_config"] ?? .null
    for key in QuantizationNote.keys {
      for (value, prefix) in [(configuration[key], ""), (text[key], "text_config.")] {
        if let value { return try QuantizationFields(value, section: prefix + key, path: configurationPath) }
      }
    }
    return nil
  }

  /// Where weights are looked for, for messages.
  var weightsPath: String { weights.files.count == 1 ? weights.files[0].path : path }

  private static func fileNames(in path: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw FileError.unreadable(path: path, reason: "the folder cannot be listed")
    }
  }

  private static func hint(_ names: [String]) -> String {
    if let gguf = names.first(where: { $0.hasSuffix(".gguf") }) {
      return "It holds \(gguf); to use that, give the path of the file itself."
    }
    if names.contains("adapter_config.json") {
      return
        "It holds an adapter (adapter_config.json); merge it into its model with PEFT's merge_and_unload() and save that."
    }
    if names.contains(where: { $0.hasSuffix(".safetensors") }) {
      return "Download config.json from where the weights came from."
    }
    if let pickle = names.first(where: WeightFiles.isPickle) {
      return
        "It holds \(pickle), a Python pickle, which is not read here. Get the model as its publisher has it for transformers."
    }
    return "Give a folder saved by save_pretrained(), or a GGUF file."
  }

  private static func parse(_ file: MappedFile, most: Int) throws -> JSONValue {
    guard file.count <= most else { throw CheckpointError.tooLong(path: file.path, bytes: file.count, most: most) }
    return try file.withBytes { bytes in
      do {
        return try JSONValue.parse(bytes)
      } catch let error as JSONError {
        throw CheckpointError.invalidJSON(path: file.path, error)
      }
    }
  }

  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
