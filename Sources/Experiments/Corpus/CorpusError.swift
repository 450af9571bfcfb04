import Codecs

/// Why a corpus cannot be read or packed: file, line, and what to do.
public enum CorpusError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidJSON(path: String, line: Int, column: Int, reason: String, found: String)
  case missingField(path: String, line: Int, field: String, present: [String])
  case wrongType(path: String, line: Int, field: String, found: String)
  /// Row (from 0) of a Parquet file whose text is not UTF-8.
  case invalidText(path: String, row: Int, field: String)
  /// Documents are counted from 0.
  case tooLong(path: String, document: Int, bytes: Int)
  case longLine(path: String, line: Int, most: Int)
  /// A file that is compressed and cannot be decompressed.
  case compression(path: String, CodecError)
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
    case .tooLong(let path, let document, let bytes):
      "\(path): document \(document) (counted from 0) has \(bytes) bytes of text; at most \(CorpusRow.longestText) are read as one. Cut it into several documents."
    case .longLine(let path, let line, let most):
      "\(path), line \(line): has more than \(most) bytes. A corpus is JSON Lines: one JSON object a line."
    case .compression(let path, let error):
      switch error.cause {
      case .data: "\(path): cannot be decompressed (\(error)). The file is damaged or was cut off: get it again."
      case .memory:
        "\(path): cannot be decompressed here (\(error)). Decompress it first, with 'zstd -d --long=31', and give the plain file."
      case .expansion:
        "\(path): is not read (\(error)). If it is what you mean to measure, decompress it first and give the plain file."
      }
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
