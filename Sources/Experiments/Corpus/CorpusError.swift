/// Why a corpus cannot be read or packed: file, line, and what to do.
public enum CorpusError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidJSON(path: String, line: Int, column: Int, reason: String, found: String)
  case missingField(path: String, line: Int, field: String, present: [String])
  case wrongType(path: String, line: Int, field: String, found: String)
  case empty(path: String)
  case tooShort(path: String, tokens: Int, chunkLength: Int)

  public var description: String {
    switch self {
    case .invalidJSON(let path, let line, let column, let reason, let found):
      "\(path), line \(line), column \(column): \(reason), found \(found). A corpus is JSON Lines: one JSON object a line."
    case .missingField(let path, let line, let field, let present):
      "\(path), line \(line): the field \"\(field)\" is missing; the line has \(present.isEmpty ? "none" : present.joined(separator: ", ")). Set corpus.text and corpus.source to the fields' names."
    case .wrongType(let path, let line, let field, let found):
      "\(path), line \(line): the field \"\(field)\" is \(found), not a string. Set corpus.text and corpus.source to string fields."
    case .empty(let path):
      "\(path): holds no document with text. Give a JSON Lines file with at least one."
    case .tooShort(let path, let tokens, let chunkLength):
      "\(path): has \(tokens) tokens, less than one chunk of \(chunkLength). Use a larger corpus or a smaller packing.length."
    }
  }
}
