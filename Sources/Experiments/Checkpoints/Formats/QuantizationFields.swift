/// An object within what a `config.json` says of quantized weights. A key that is there has the type it must have, or is an
/// error: as the default in its place it would give other numbers. Nil is what is absent or null.
struct QuantizationFields {
  /// Of config.json.
  let path: String
  /// "quantization_config.config_groups.group_0".
  let section: String
  let object: [String: JSONValue]

  init(_ value: JSONValue, section: String, path: String) throws {
    guard let object = value.object else {
      throw CheckpointError.invalidValue(path: path, key: section, value: value.summary, needed: "an object")
    }
    self.path = path
    self.section = section
    self.object = object
  }

  subscript(key: String) -> JSONValue? { object[key].flatMap { $0 == .null ? nil : $0 } }

  func bool(_ key: String) throws -> Bool? { try read(key, needed: "true or false") { $0.bool } }

  func number(_ key: String) throws -> Double? { try read(key, needed: "a number") { $0.number } }

  func integer(_ key: String, from allowed: ClosedRange<Int>) throws -> Int? {
    try read(key, needed: "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)") { value in
      value.integer.flatMap { allowed.contains($0) ? $0 : nil }
    }
  }

  /// In lower case: the libraries read names so.
  func text(_ key: String) throws -> String? { try read(key, needed: "a text") { $0.string?.lowercased() } }

  func text(_ key: String, of allowed: [String]) throws -> String? {
    try read(key, needed: allowed.joined(separator: ", ")) { value in
      (value.string?.lowercased()).flatMap { allowed.contains($0) ? $0 : nil }
    }
  }

  func texts(_ key: String) throws -> [String]? {
    try read(key, needed: "an array of texts") { value in
      value.array.flatMap { all in
        let texts = all.compactMap(\.string)
        return texts.count == all.count ? texts : nil
      }
    }
  }

  func inner(_ key: String) throws -> QuantizationFields? {
    try self[key].map { try QuantizationFields($0, section: name(key), path: path) }
  }

  /// With its full path.
  func name(_ key: String) -> String { section + "." + key }

  func invalid(_ key: String, needed: String) -> CheckpointError {
    .invalidValue(path: path, key: name(key), value: self[key]?.summary ?? "missing", needed: needed)
  }

  /// What a key says is not what lies in the weights.
  func contradiction(_ key: String, _ tensor: String) -> CheckpointError {
    .contradiction(path: path, key: name(key), value: self[key]?.summary ?? "missing", tensor: tensor)
  }

  private func read<Value>(_ key: String, needed: String, _ convert: (JSONValue) -> Value?) throws -> Value? {
    guard let value = self[key] else { return nil }
    guard let converted = convert(value) else { throw invalid(key, needed: needed) }
    return converted
  }
}
