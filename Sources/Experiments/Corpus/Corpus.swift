/// Documents of one file or several: a text each and (if there is one) the name of its source.
public struct Corpus: Sendable {
  public struct Document: Sendable, Equatable {
    /// Number of the document from 0, file after file, blank lines not counted: the row number `datasets` gives it.
    public let row: Int
    /// Empty where the text was not kept.
    public let utf8: [UInt8]
    /// False for an empty text.
    public let hasText: Bool
    /// Position in `Corpus.sources`.
    public let source: Int
  }

  public let paths: [String]
  /// In file order, empty texts included: they take part in the shuffle and are skipped afterwards.
  public let documents: [Document]
  /// Documents of each file.
  public let shards: [Int]
  /// Names of sources, sorted; one name, "all", when the corpus has no source field.
  public let sources: [String]
  /// Of the file as it lies on disk, compressed or not; of several files, of what `sha256sum` prints for them.
  public let sha256: String

  /// Documents at the beginning whose texts are there.
  var kept: ArraySlice<Document> { documents.prefix { $0.hasText == !$0.utf8.isEmpty } }
  var isKeptWhole: Bool { kept.count == documents.count }

  /// The file of a document and its place in it, for messages.
  func place(of row: Int) -> String {
    var first = 0
    for (path, count) in zip(paths, shards) {
      if row < first + count { return "document \(row - first) of \(path) (counted from 0)" }
      first += count
    }
    return "document \(row)"
  }

  /// The file, or the first of several and how many more: for messages.
  public var path: String { Self.name(paths) }

  private static func name(_ paths: [String]) -> String {
    paths.count == 1 ? paths[0] : "\(paths[0]) and \(paths.count - 1) more"
  }

  /// Reads one file whole.
  public init(path: String, textField: String = "text", sourceField: String? = nil) throws {
    try self.init(paths: [path], textField: textField, sourceField: sourceField)
  }

  /// Reads files, each by its content: JSON Lines, plain or compressed with gzip or Zstandard, or Parquet.
  /// - Parameters:
  ///   - paths: at least one; their documents follow one another.
  ///   - textField: name of the text's field or column; a dot leads into an inner object ("meta.text").
  ///   - sourceField: likewise for the source; nil for a corpus without.
  ///   - room: bytes of text to keep in memory; later documents are read, checked and counted.
  /// - Throws: `FileError`, `CorpusError` with the line or row number, `ParquetError`.
  public init(paths: [String], textField: String = "text", sourceField: String? = nil, room: Int = .max) throws {
    precondition(!paths.isEmpty, "a corpus has a file")
    let files = try paths.map { try MappedFile(path: $0) }
    var rows: [CorpusRow] = []
    var shards: [Int] = []
    var room = room
    for file in files {
      let new = try CorpusRow.read(file, textField: textField, sourceField: sourceField, room: &room)
      shards.append(new.count)
      rows += new
    }
    guard rows.contains(where: \.hasText) else { throw CorpusError.empty(path: Self.name(paths)) }
    // Sorted by scalar values: an order that no locale changes.
    let sources = Set(rows.map(\.source)).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let numbers = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
    self.paths = paths
    self.shards = shards
    self.sources = sources
    documents = rows.enumerated().map {
      Document(row: $0, utf8: $1.utf8, hasText: $1.hasText, source: numbers[$1.source] ?? 0)
    }
    sha256 = SHA256Hex.digest(of: files)
  }
}
