/// The tensors of an SAE's weights file, checked for name, shape and finite numbers. Names are SAELens'.
struct SAETensors {
  let file: SafetensorsFile
  let folder: SAEFolder

  /// As the file spells it: Gemma Scope 2 writes all in lower case.
  func name(_ tensor: String) -> String { folder.format == .gemmaScope2 ? tensor.lowercased() : tensor }

  func stored(_ tensor: String) throws -> StoredTensor {
    guard let stored = try file.tensor(name(tensor)) else {
      throw SAEError.missingTensor(
        path: file.path, tensor: name(tensor), architecture: folder.architecture.rawValue,
        needed: folder.architecture.tensors.map(name).joined(separator: ", "))
    }
    return stored
  }

  /// Stays in the file.
  func matrix(_ tensor: String, rows: Int, columns: Int) throws -> StoredTensor {
    try checked(tensor, shape: [rows, columns])
  }

  /// Read as float32.
  func vector(_ tensor: String, count: Int) throws -> [Float] {
    let stored = try checked(tensor, shape: [count])
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      let out = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
      TensorReader.readFloat32(stored, rows: 0..<1, offset: .none, into: out)
      initialized = count
    }
  }

  private func checked(_ tensor: String, shape: [Int]) throws -> StoredTensor {
    let stored = try stored(tensor)
    guard stored.shape == shape else {
      throw SAEError.shapeMismatch(path: file.path, tensor: stored.name, found: stored.shape, expected: shape)
    }
    if let place = stored.firstNotFinite(asBF16: false) {
      throw SAEError.notFinite(
        path: file.path, tensor: stored.name, index: stored.index(of: place), value: stored.number(at: place))
    }
    return stored
  }

  /// A tensor that the architecture has no use for changes what the SAE computes, or belongs to another architecture:
  /// SAELens does not load such a file either.
  func refuseStrangers() throws {
    let known = Set(folder.architecture.tensors.map(name))
    for stored in file.tensors where !known.contains(stored.name) {
      // For a time SAELens saved this for every SAE; ones do nothing.
      if stored.name == "scaling_factor", stored.shape.count == 1,
        try vector(stored.name, count: stored.count).allSatisfy({ abs($0 - 1) <= 1e-5 })
      {
        continue
      }
      throw SAEError.unexpectedTensor(
        path: file.path, tensor: stored.name, architecture: folder.architecture.rawValue)
    }
  }
}

extension StoredTensor {
  /// Calls `body` with the tensor's first byte, which may lie at any address.
  func withPointer<Result>(_ body: (UnsafeRawPointer) throws -> Result) rethrows -> Result {
    try file.withBytes(in: bytes) { try body($0.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!) }
  }

  /// True where all numbers are zero; looks no farther than the first that is not.
  var isZero: Bool {
    let size = element.blockBytes
    return file.withBytes(in: bytes) { bytes in
      // The sign is the highest bit of a number's last byte.
      bytes.indices.allSatisfy { bytes[$0] & ($0 % size == size - 1 ? 0x7f : 0xff) == 0 }
    }
  }
}
