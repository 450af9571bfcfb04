import Foundation

/// What weights come in: one GGUF file, or a Hugging Face folder with its spelling of names.
enum WeightContainer {
  case gguf(GGUFFile)
  case folder(HuggingFaceFolder, prefix: String)

  init(path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.missing(path: path)
    }
    if isFolder.boolValue {
      let folder = try HuggingFaceFolder(path: path)
      self = .folder(folder, prefix: try Self.prefix(folder))
    } else {
      let file = try MappedFile(path: path)
      try Self.recognize(file)
      self = .gguf(try GGUFFile(file))
    }
  }

  var format: Gemma3Checkpoint.Format {
    switch self {
    case .gguf: .gguf
    case .folder: .safetensors
    }
  }

  var files: [MappedFile] {
    switch self {
    case .gguf(let file): [file.file]
    case .folder(let folder, _): folder.files
    }
  }

  func configuration() throws -> Gemma3Configuration {
    switch self {
    case .gguf(let file):
      try Gemma3Configuration(gguf: file)
    case .folder(let folder, _):
      try Gemma3Configuration(huggingFace: folder.configuration, path: folder.configurationPath)
    }
  }

  /// Finds every tensor of the model and checks its shape.
  func collect(_ configuration: Gemma3Configuration) throws -> [Gemma3Tensor: StoredWeight] {
    // Weights of a deeper model would run as a shallower one without a word.
    for part in [Gemma3LayerTensor.qProj, .inputNorm] {
      let beyond = Gemma3Tensor.layer(configuration.layerCount, part)
      guard contains(name(beyond)) else { continue }
      throw CheckpointError.invalidValue(
        path: configurationName(configuration), key: "number of layers", value: "\(configuration.layerCount)",
        needed: "the weights' own: \(name(beyond)) is there")
    }
    var stored: [Gemma3Tensor: StoredWeight] = [:]
    for tensor in Gemma3Tensor.all(layerCount: configuration.layerCount) {
      let name = name(tensor)
      let expected = tensor.shape(configuration)
      if tensor.isLinear, let packed = try packed(name, shape: expected) {
        stored[tensor] = .packed(packed)
        continue
      }
      guard let found = try find(name) else {
        throw CheckpointError.missingTensor(path: weightsPath, tensor: name)
      }
      guard found.shape == expected else {
        throw CheckpointError.shapeMismatch(
          path: weightsPath, tensor: name, found: found.shape, expected: expected,
          configuration: configurationName(configuration))
      }
      stored[tensor] = .plain(found)
    }
    var hasHead = false
    for name in headNames {
      guard case .plain(let embedding) = stored[.embedding], let head = try find(name) else { continue }
      guard head.holdsSameNumbers(as: embedding) else {
        throw CheckpointError.untiedHead(path: weightsPath, tensor: name)
      }
      hasHead = true
    }
    if !hasHead, case .folder(let folder, _) = self, folder.statesUntiedHead {
      throw CheckpointError.missingHead(path: folder.configurationPath)
    }
    return stored
  }

  /// Under which a head would be stored. One that equals the embedding is passed over, whatever the configuration says of
  /// tying: merging adapters, among other tools, stores it.
  private var headNames: [String] {
    switch self {
    case .gguf: [Gemma3Tensor.ggufHead]
    case .folder: Gemma3Tensor.huggingFaceHeads
    }
  }

  private func name(_ tensor: Gemma3Tensor) -> String {
    switch self {
    case .gguf: tensor.ggufName
    case .folder(_, let prefix): prefix + tensor.huggingFaceName
    }
  }

  private func find(_ name: String) throws -> StoredTensor? {
    switch self {
    case .gguf(let file): file.tensor(name)
    case .folder(let folder, _): try folder.tensor(name)
    }
  }

  private func contains(_ name: String) -> Bool {
    switch self {
    case .gguf(let file): file.tensor(name) != nil
    case .folder(let folder, _): folder.contains(name)
    }
  }

  /// - Parameter name: of the weights, if they were plain.
  private func packed(_ name: String, shape: [Int]) throws -> (any PackedWeight)? {
    guard case .folder(let folder, _) = self else { return nil }
    return try PackedFormats.weight(String(name.dropLast(".weight".count)), shape: shape, in: folder)
  }

  private var weightsPath: String {
    switch self {
    case .gguf(let file): file.path
    case .folder(let folder, _): folder.weightsPath
    }
  }

  private func configurationName(_ configuration: Gemma3Configuration) -> String {
    switch self {
    case .gguf: "its metadata"
    case .folder(let folder, _):
      folder.configurationPath
        + (configuration.assumed.isEmpty
          ? "" : " (assumed where it is silent: \(configuration.assumed.joined(separator: ", ")))")
    }
  }

  private static func prefix(_ folder: HuggingFaceFolder) throws -> String {
    let embedding = Gemma3Tensor.embedding.huggingFaceName
    for prefix in Gemma3Tensor.huggingFacePrefixes where try folder.tensor(prefix + embedding) != nil {
      return prefix
    }
    // An unknown model says so by its configuration, which is read next; this name is for a known one.
    return Gemma3Tensor.huggingFacePrefixes[0]
  }

  /// Names the usual mistakes before the file is read as GGUF.
  private static func recognize(_ file: MappedFile) throws {
    let start = file.withBytes { bytes in Array(bytes.prefix(4)) }
    if start == GGUFFile.magic { return }
    if file.path.hasSuffix(".safetensors") {
      throw CheckpointError.notACheckpoint(
        path: file.path, found: "a safetensors file alone; give the folder that holds it and config.json")
    }
    if start.starts(with: Array("PK".utf8)) || start.first == 0x80 {
      throw CheckpointError.pickleOnly(path: file.path, file: file.name)
    }
    let text = start.map { byte in
      0x20...0x7e ~= byte ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    throw CheckpointError.notACheckpoint(
      path: file.path,
      found: start.isEmpty ? "the file is empty" : "it starts with \"\(text.joined())\", not with \"GGUF\"")
  }
}
