/// What is wrong in a study file: where, what, and what to write instead.
public struct StudyError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  /// Counted from 1; nil where the whole file is meant.
  public let line: Int?
  public let reason: Reason

  public enum Reason: Equatable, Sendable {
    case invalidYAML(String)
    /// `key` is the path to it: models[0].layr.
    case unknownKey(key: String, nearest: String?, known: [String])
    case missingKey(key: String, example: String)
    case wrongType(key: String, found: String, needed: String)
    case unknownName(key: String, found: String, nearest: String?, known: [String])
    case impossible(key: String, found: String, needed: String)
    case unresolved(key: String, found: String, advice: String)
  }

  public var description: String {
    let place = line.map { "\(path), line \($0): " } ?? "\(path): "
    return place + explanation
  }

  private var explanation: String {
    switch reason {
    case .invalidYAML(let problem):
      "is not valid YAML: \(problem)."
    case .unknownKey(let key, let nearest?, _):
      "there is no key \(key). Did you mean \(nearest)?"
    case .unknownKey(let key, nil, let known):
      "there is no key \(key). Keys here: \(known.joined(separator: ", "))."
    case .missingKey(let key, let example):
      "the key \(key) is missing. Add it, for example: \(example)"
    case .wrongType(let key, let found, let needed):
      "\(key) is \(found); \(needed) is needed."
    case .unknownName(let key, let found, let nearest?, _):
      "\(key) is \"\(found)\", which does not exist. Did you mean \(nearest)?"
    case .unknownName(let key, let found, nil, let known):
      "\(key) is \"\(found)\", which does not exist. Choose from: \(known.joined(separator: ", "))."
    case .impossible(let key, let found, let needed):
      "\(key) is \(found); \(needed)."
    case .unresolved(let key, let found, let advice):
      "\(key) is \(found). \(advice)"
    }
  }
}
