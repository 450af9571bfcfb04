/// Why a tokenizer cannot be built.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidJSON(path: String, JSONError)
  case missing(path: String, what: String)
  case unsupported(path: String, what: String, supported: String)
  case damaged(path: String, reason: String)

  public var description: String {
    switch self {
    case .invalidJSON(let path, let error):
      "\(path): is not valid JSON: \(error). Correct it at that place if it was edited, or get the file again."
    case .missing(let path, let what):
      "\(path): \(what) is missing. Use the tokenizer the model was published with."
    case .unsupported(let path, let what, let supported):
      "\(path): \(what) is not supported; \(supported) is. Use the tokenizer.json that Gemma was published with: it needs nothing else."
    case .damaged(let path, let reason):
      "\(path): \(reason). The file is damaged; get it again."
    }
  }
}
