import Yams

/// A value in a study file, with the path of keys to it and its line: what strict reading and good errors need.
struct StudyNode {
  let node: Node
  /// models[0].layer; empty for the whole file.
  let key: String
  let file: String

  var line: Int? { node.mark?.line }

  func error(_ reason: StudyError.Reason) -> StudyError {
    StudyError(path: file, line: line, reason: reason)
  }

  func wrongType(_ needed: String) -> StudyError {
    error(.wrongType(key: key.isEmpty ? "the study" : key, found: found, needed: needed))
  }

  func impossible(_ needed: String) -> StudyError {
    error(.impossible(key: key, found: found, needed: needed))
  }

  // MARK: Scalars

  func string() throws -> String {
    guard let scalar = node.scalar, node.tag != Tag(.null) else { throw wrongType("a text") }
    guard !scalar.string.isEmpty else { throw wrongType("a text that is not empty") }
    return scalar.string
  }

  func integer() throws -> Int {
    guard let scalar = node.scalar, scalar.style == .plain, let value = node.int else {
      throw wrongType("a whole number")
    }
    return value
  }

  func integer(from least: Int, to most: Int = 1 << 40) throws -> Int {
    let value = try integer()
    guard least...most ~= value else {
      throw impossible("a number from \(least) to \(most == 1 << 40 ? "2⁴⁰" : "\(most)") is needed")
    }
    return value
  }

  func number() throws -> Double {
    guard let scalar = node.scalar, scalar.style == .plain, let value = node.float ?? node.int.map(Double.init),
      value.isFinite
    else { throw wrongType("a number") }
    return value
  }

  func bool() throws -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain, let value = node.bool else {
      throw wrongType("true or false")
    }
    return value
  }

  /// One of the names of an enumeration.
  func name<Name: RawRepresentable & CaseIterable>(_ type: Name.Type) throws -> Name where Name.RawValue == String {
    let text = try string()
    guard let value = Name(rawValue: text) else {
      let known = Name.allCases.map(\.rawValue)
      throw error(.unknownName(key: key, found: text, nearest: Spelling.nearest(to: text, in: known), known: known))
    }
    return value
  }

  // MARK: Collections

  func list() throws -> [StudyNode] {
    guard let sequence = node.sequence else { throw wrongType("a list [ … ]") }
    return sequence.enumerated().map { StudyNode(node: $1, key: "\(key)[\($0)]", file: file) }
  }

  /// The keys of a mapping, all of which must be among `known`.
  func keys(_ known: [String]) throws -> StudyKeys {
    guard let mapping = node.mapping else { throw wrongType("a mapping of keys (\(known.joined(separator: ", ")))") }
    var values: [String: StudyNode] = [:]
    for (name, value) in mapping {
      let text = name.string ?? found
      let inner = StudyNode(node: value, key: key.isEmpty ? text : "\(key).\(text)", file: file)
      guard known.contains(text) else {
        let nearest = Spelling.nearest(to: text, in: known).map { key.isEmpty ? $0 : "\(key).\($0)" }
        throw StudyError(
          path: file, line: name.mark?.line ?? line,
          reason: .unknownKey(key: inner.key, nearest: nearest, known: known))
      }
      guard !inner.isEmpty else { throw inner.impossible("give it a value, or leave the key out") }
      values[text] = inner
    }
    return StudyKeys(owner: self, values: values)
  }

  /// Nothing after the colon, or YAML's null.
  private var isEmpty: Bool { node.tag == Tag(.null) && node.scalar?.style == .plain }

  /// The value in few words, as the user wrote it.
  var found: String {
    switch node {
    case .scalar(let scalar):
      scalar.string.isEmpty ? "empty" : scalar.style == .plain ? scalar.string : "\"\(scalar.string)\""
    case .sequence(let sequence): "a list of \(sequence.count)"
    case .mapping(let mapping):
      mapping.isEmpty ? "{}" : "keys (\(mapping.keys.compactMap(\.string).joined(separator: ", ")))"
    case .alias: "an alias"
    }
  }
}

/// The values of a mapping by key.
struct StudyKeys {
  fileprivate let owner: StudyNode
  fileprivate let values: [String: StudyNode]

  /// A value that may be left out.
  subscript(name: String) -> StudyNode? { values[name] }

  /// A value that must be there.
  func require(_ name: String, example: String) throws -> StudyNode {
    guard let value = self[name] else {
      let key = owner.key.isEmpty ? name : "\(owner.key).\(name)"
      throw owner.error(.missingKey(key: key, example: example))
    }
    return value
  }
}
