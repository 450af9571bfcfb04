/// The tensors that stand for a weight, looked up and checked.
struct PackedTensors {
  private let base: String
  private let folder: HuggingFaceFolder

  /// - Parameter base: what their names begin with.
  init(_ base: String, _ folder: HuggingFaceFolder) {
    self.base = base
    self.folder = folder
  }

  /// The tensor `base` + `ending`.
  func need(_ ending: String, _ types: [RawTensor.NumberType], shape: [Int]) throws -> RawTensor {
    let tensor = try need(ending, types)
    guard tensor.shape == shape else { throw mismatch(tensor.name, found: tensor.shape, expected: shape) }
    return tensor
  }

  func need(_ ending: String, _ types: [RawTensor.NumberType], count: Int) throws -> RawTensor {
    let tensor = try need(ending, types)
    guard tensor.count == count else { throw mismatch(tensor.name, found: tensor.shape, expected: [count]) }
    return tensor
  }

  /// Of any type, with so many bytes.
  func need(_ ending: String, bytes: Int) throws -> RawTensor {
    let tensor = try need(ending)
    guard tensor.bytes.count == bytes else {
      throw mismatch(tensor.name, found: tensor.shape, expected: [bytes, 1])
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
    do {
      return try tensor.file.withBytes(in: tensor.bytes) { try JSONValue.parse($0) }
    } catch let error as JSONError {
      throw CheckpointError.invalidJSON(path: "\(tensor.file.path), \(tensor.name)", error)
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

  func mismatch(_ name: String, found: [Int], expected: [Int]) -> CheckpointError {
    .shapeMismatch(
      path: folder.weightsPath, tensor: name, found: found, expected: expected,
      configuration: folder.configurationPath + " and the format")
  }
}
