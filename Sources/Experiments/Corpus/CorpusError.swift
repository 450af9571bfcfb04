/// Why a corpus cannot be read or packed: file, line, and what to do.
public enum CorpusError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidJSON(path: String, line: Int, column: Int, reason: String, found: String)
  case missingField(path: String, line: Int, field: String, present: [String])
  case wrongType(path: String, line: Int, field: String, found: String)
  /// Row (from 0) of a Parquet file whose text is not UTF-8.
  case invalidText(path: String, row: Int, field: String)
  /// A file that is compressed and cannot be decompressed.
  case damagedCompression(path: String, reason: String)
  case unknownCompression(path: String, name: String)
  case empty(path: String)
  case tooShort(path: String, tokens: Int, chunkLength: Int)
  case noEndToken(path: String)
  /// A token of a text that was tokenized whole could not be found in the text.
  case strayToken(path: String, id: Int32, byte: Int)

  public var description: String {
    switch self {
    case .invalidJSON(let path, let line, let column, let reason, let found):
      "\(path), line \(line), column \(column): \(reason), found \(found). A corpus is JSON Lines: one JSON object a line."
    case .missingField(let path, let line, let field, let present):
      "\(path), line \(line): the field \"\(field)\" is missing; the line has \(present.isEmpty ? "none" : present.joined(separator: ", ")). Set corpus.text and corpus.source to the fields' names."
    case .wrongType(let path, let line, let field, let found):
      "\(path), line \(line): the field \"\(field)\" is \(found), not a string. Set corpus.text and corpus.source to string fields."
    case .invalidText(let path, let row, let field):
      "\(path), row \(row) (from 0): the text in \"\(field)\" is not valid UTF-8. Write the file again with texts as strings."
    case .damagedCompression(let path, let reason):
      "\(path): cannot be decompressed (\(reason)). The file is damaged or was cut off: get it again."
    case .unknownCompression(let path, let name):
      "\(path): is compressed with \(name). Decompress it, or compress it with gzip or zstd."
    case .empty(let path):
      "\(path): holds no document with text. Give a JSON Lines or Parquet file with at least one."
    case .tooShort(let path, let tokens, let chunkLength):
      "\(path): has \(tokens) tokens, less than one chunk of \(chunkLength). Use a larger corpus or a smaller packing.length."
    case .noEndToken(let path):
      "\(path): packing.style transformer_lens puts <eos> between documents, and the tokenizer has no such token. Choose another style."
    case .strayToken(let path, let id, let byte):
      "\(path): token \(id) is not in the text at byte \(byte) of the joined documents, so it belongs to no document. Choose a packing.style other than llama_cpp."
    }
  }
}
