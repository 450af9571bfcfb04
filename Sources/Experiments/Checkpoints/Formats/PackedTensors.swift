/// The tensors that stand for a layer's weights, looked up and checked.
struct PackedTensors {
  private let base: String
  private let folder: HuggingFaceFolder
  /// For messages: "compressed-tensors".
  private let format: String
  /// [outputs, inputs]
  private let layer: [Int]

  /// - Parameter base: what their names begin with.
  init(_ base: String, _ folder: HuggingFaceFolder, _ format: String, layer: [Int]) {
    self.base = base
    self.folder = folder
    self.format = format
    self.layer = layer
  }

  /// The tensor `base` + `ending`.
  func need(_ ending: String, _ types: [RawTensor.NumberType], shape: [Int]) throws -> RawTensor {
    let tensor = try need(ending, types)
    guard tensor.shape == shape else { throw mismatch(tensor, needed: "\(shape)") }
    return tensor
  }

  func need(_ ending: String, _ types: [RawTensor.NumberType], count: Int) throws -> RawTensor {
    let tensor = try need(ending, types)
    guard tensor.count == count else { throw mismatch(tensor, needed: count == 1 ? "one number" : "\(count) numbers") }
    return tensor
  }

  /// Of any type, with so many bytes.
  func need(_ ending: String, bytes: Int) throws -> RawTensor {
    let tensor = try need(ending)
    guard tensor.bytes.count == bytes else {
      throw mismatch(tensor.name, found: "\(tensor.bytes.count) bytes", needed: "\(bytes)")
    }
    return tensor
  }

  func need(_ ending: String, _ types: [RawTensor.NumberType]) throws -> RawTensor {
    let tensor = try need(ending)
    guard types.contains(tensor.type) else {
      throw CheckpointError.invalidValue(
        path: tensor.file.path, key: "the type of " + tensor.name, value: tensor.type.rawValue,
        needed: types.map(\.rawValue).joined(separator: " or "))
    }
    return tensor
  }

  func optional(_ ending: String, _ types: [RawTensor.NumberType]) throws -> RawTensor? {
    try folder.raw(base + ending) == nil ? nil : need(ending, types)
  }

  private func need(_ ending: String) throws -> RawTensor {
    guard let tensor = try folder.raw(base + ending) else {
      throw CheckpointError.missingTensor(path: folder.weightsPath, tensor: base + ending)
    }
    return tensor
  }

  /// A tensor of bytes that hold JSON.
  func json(_ tensor: RawTensor) throws -> JSONValue {
    guard tensor.type == .u8 else {
      throw CheckpointError.invalidValue(
        path: tensor.file.path, key: "the type of " + tensor.name, value: tensor.type.rawValue, needed: "U8")
    }
    let place = "\(tensor.file.path), \(tensor.name)"
    let most = 1 << 16
    guard tensor.bytes.count <= most else {
      throw CheckpointError.tooLong(path: place, bytes: tensor.bytes.count, most: most)
    }
    do {
      return try tensor.file.withBytes(in: tensor.bytes) { try JSONValue.parse($0) }
    } catch let error as JSONError {
      throw CheckpointError.invalidJSON(path: place, error)
    }
  }

  func number(_ key: String, in fields: JSONValue, _ allowed: ClosedRange<Int>) throws -> Int {
    guard let number = fields[key]?.integer, allowed.contains(number) else {
      throw invalid(key, fields, needed: "a number from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return number
  }

  func invalid(_ key: String, _ fields: JSONValue, needed: String) -> CheckpointError {
    .invalidValue(
      path: folder.weightsPath, key: "\(base): \(key)", value: fields[key]?.summary ?? "missing", needed: needed)
  }

  func mismatch(_ tensor: RawTensor, needed: String) -> CheckpointError {
    mismatch(tensor.name, found: "shape \(tensor.shape)", needed: needed)
  }

  func mismatch(_ name: String, found: String, needed: String) -> CheckpointError {
    .packedShape(
      path: folder.weightsPath, tensor: name, found: found, format: format, needed: needed, layer: layer)
  }
}
