/// Which files of a Hugging Face folder hold the weights, and which tensor lies in which of them.
///
/// The order of choice is transformers': `model.safetensors`; else the files that the index names; and where a folder
/// has no index, shards that number themselves (`model-00001-of-00003.safetensors`), or one `model…safetensors`.
struct WeightFiles: Sendable {
  /// Sorted by name.
  let files: [SafetensorsFile]
  /// The index, where it was read.
  let index: MappedFile?
  /// Which file holds a tensor: position in `files`.
  private let place: [String: Int]

  private static let single = "model.safetensors"
  private static let indexName = "model.safetensors.index.json"

  /// - Parameter names: what the folder holds, sorted.
  /// - Throws: `FileError`, `CheckpointError`.
  init(folder: String, names: [String], parse: (MappedFile) throws -> JSONValue) throws {
    func open(_ names: [String]) throws -> [SafetensorsFile] {
      try names.map { try SafetensorsFile(path: HuggingFaceFolder.join(folder, $0)) }
    }
    if !names.contains(Self.single), names.contains(Self.indexName) {
      let index = try MappedFile(path: HuggingFaceFolder.join(folder, Self.indexName))
      let map = try Self.shards(index, parse(index), names)
      let shards = Set(map.values).sorted()
      files = try open(shards)
      place = try Self.listed(map, shards, files, index)
      self.index = index
    } else {
      files = try open(try Self.unlisted(folder, names))
      place = try Self.found(files, folder)
      index = nil
    }
  }

  func tensor(_ name: String) throws -> StoredTensor? {
    guard let position = place[name] else { return nil }
    return try files[position].tensor(name)
  }

  /// The tensor as it lies there, whatever its meaning.
  func raw(_ name: String) -> RawTensor? { place[name].flatMap { files[$0].raw(name) } }

  /// Whether there is such a tensor, of any type.
  func contains(_ name: String) -> Bool { place[name] != nil }

  // MARK: With an index

  /// Tensor names with the shard that the index gives them, all of which lie in the folder.
  private static func shards(_ index: MappedFile, _ tree: JSONValue, _ names: [String]) throws -> [String: String] {
    guard let stated = tree["weight_map"] else {
      throw CheckpointError.missingKey(path: index.path, key: "weight_map")
    }
    guard let map = stated.object else {
      throw CheckpointError.invalidValue(
        path: index.path, key: "weight_map", value: stated.summary, needed: "an object")
    }
    let present = Set(names)
    var shards: [String: String] = [:]
    for (tensor, value) in map.sorted(by: { $0.key < $1.key }) {
      guard let shard = value.string, !shard.contains("/"), shard.hasSuffix(".safetensors") else {
        throw CheckpointError.invalidValue(
          path: index.path, key: "weight_map." + tensor, value: value.summary,
          needed: "the name of a safetensors file in the same folder")
      }
      guard present.contains(shard) else { throw CheckpointError.missingShard(path: index.path, shard: shard) }
      shards[tensor] = shard
    }
    return shards
  }

  /// The index's word, held to what the shards contain; what a shard has beyond it is taken as well, as transformers does.
  private static func listed(
    _ map: [String: String], _ shards: [String], _ files: [SafetensorsFile], _ index: MappedFile
  ) throws -> [String: Int] {
    let position = Dictionary(uniqueKeysWithValues: shards.enumerated().map { ($1, $0) })
    let place = try found(files, index.path)
    for (tensor, shard) in map.sorted(by: { $0.key < $1.key }) {
      guard let at = position[shard], place[tensor] == at else {
        throw CheckpointError.shardLacksTensor(path: index.path, tensor: tensor, shard: shard)
      }
    }
    return place
  }

  // MARK: Without an index

  private static func unlisted(_ folder: String, _ names: [String]) throws -> [String] {
    if names.contains(single) { return [single] }
    let safetensors = names.filter { $0.hasSuffix(".safetensors") }
    let numbered = safetensors.filter { $0.wholeMatch(of: /model-\d+-of-\d+\.safetensors/) != nil }
    if let first = numbered.first { return try shards(first, among: numbered, folder) }
    let models = safetensors.filter { $0.hasPrefix("model") }
    guard models.count < 2 else { throw CheckpointError.severalWeights(path: folder, files: models) }
    if let model = models.first { return [model] }
    if let pickle = names.first(where: isPickle) { throw CheckpointError.pickleOnly(path: folder, file: pickle) }
    if names.contains("adapter_config.json") { throw CheckpointError.adapter(path: folder) }
    throw CheckpointError.folderWithoutWeights(path: folder, others: safetensors)
  }

  /// All shards of the model that one of them numbers itself a part of.
  private static func shards(_ first: String, among numbered: [String], _ folder: String) throws -> [String] {
    func odd(_ shard: String) -> CheckpointError {
      .damaged(
        path: HuggingFaceFolder.join(folder, shard),
        reason: "by its name it is no part of one whole model with the others")
    }
    guard let parts = first.wholeMatch(of: /model-(\d+)-of-(\d+)\.safetensors/), let count = Int(parts.2),
      1...99_999 ~= count
    else { throw odd(first) }
    let width = parts.1.count
    let shards = (1...count).lazy.map { number in
      let digits = String(number)
      return "model-" + String(repeating: "0", count: max(0, width - digits.count)) + digits
        + "-of-\(parts.2).safetensors"
    }
    let present = Set(numbered)
    for shard in shards where !present.contains(shard) {
      throw CheckpointError.missingShard(path: folder, shard: shard)
    }
    let all = Set(shards)
    if let other = numbered.first(where: { !all.contains($0) }) { throw odd(other) }
    return Array(shards)
  }

  /// Every tensor of every file; none may be in two.
  private static func found(_ files: [SafetensorsFile], _ folder: String) throws -> [String: Int] {
    var place: [String: Int] = [:]
    for (position, file) in files.enumerated() {
      for name in file.names {
        if let other = place.updateValue(position, forKey: name) {
          throw CheckpointError.tensorTwice(
            path: folder, tensor: name, files: [files[other].file.name, file.file.name])
        }
      }
    }
    return place
  }

  /// A file that torch.save wrote, or the index of several.
  static func isPickle(_ name: String) -> Bool {
    [".bin", ".pt", ".pth", ".ckpt", ".bin.index.json"].contains { name.hasSuffix($0) } && name != "training_args.bin"
  }
}
