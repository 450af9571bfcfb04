import Foundation

/// A Hugging Face model folder: `config.json` and one or several safetensors files.
struct HuggingFaceFolder: Sendable {
  let path: String
  let configuration: JSONValue
  /// The files read, in the order of their names; config.json (and the index) first.
  let files: [MappedFile]
  private let weights: [SafetensorsFile]
  /// Which file holds a tensor: position in `weights`.
  private let place: [String: Int]

  var configurationPath: String { Self.join(path, Self.configurationName) }

  private static let configurationName = "config.json"
  private static let indexName = "model.safetensors.index.json"

  /// - Throws: `FileError`, `CheckpointError`.
  init(path: String) throws {
    self.path = path
    let names = try Self.fileNames(in: path)
    guard names.contains(Self.configurationName) else {
      throw CheckpointError.folderWithoutConfiguration(path: path, hint: Self.hint(names))
    }
    let configurationFile = try MappedFile(path: Self.join(path, Self.configurationName))
    configuration = try Self.parse(configurationFile)
    var files = [configurationFile]

    var weightNames = names.filter { $0.hasSuffix(".safetensors") }
    if names.contains(Self.indexName) {
      let index = try MappedFile(path: Self.join(path, Self.indexName))
      files.append(index)
      guard let map = try Self.parse(index)["weight_map"]?.object else {
        throw CheckpointError.missingKey(path: index.path, key: "weight_map")
      }
      weightNames = Set(map.values.compactMap(\.string)).sorted()
    } else if weightNames.contains("model.safetensors") {
      weightNames = ["model.safetensors"]
    } else {
      weightNames = weightNames.filter { $0.hasPrefix("model") }
    }
    guard !weightNames.isEmpty else {
      let pickle = names.first { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") || $0.hasSuffix(".pth") }
      throw pickle.map { CheckpointError.pickleOnly(path: path, file: $0) }
        ?? CheckpointError.folderWithoutWeights(path: path)
    }
    weights = try weightNames.map { try SafetensorsFile(path: Self.join(path, $0)) }
    var place: [String: Int] = [:]
    for (position, part) in weights.enumerated() {
      for name in part.tensors.map(\.name) + part.others.keys { place[name] = position }
    }
    self.place = place
    self.files = files + weights.map(\.file)
  }

  func tensor(_ name: String) throws -> StoredTensor? {
    guard let position = place[name] else { return nil }
    return try weights[position].tensor(name)
  }

  /// Where weights are looked for, for messages.
  var weightsPath: String { weights.count == 1 ? weights[0].path : path }

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
    if names.contains(where: { $0.hasSuffix(".safetensors") }) {
      return "Download config.json from where the weights came from."
    }
    return "Give a folder saved by save_pretrained(), or a GGUF file."
  }

  private static func parse(_ file: MappedFile) throws -> JSONValue {
    try file.withBytes { bytes in
      do {
        return try JSONValue.parse(bytes)
      } catch let error as JSONError {
        throw CheckpointError.invalidJSON(path: file.path, error)
      }
    }
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
