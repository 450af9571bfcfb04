/// Documents of a JSON Lines file: one JSON object a line, a text and (if there is one) the name of its source.
public struct Corpus: Sendable {
  public struct Document: Sendable, Equatable {
    /// Number of the document's line, from 0, blank lines not counted: the row number `datasets` gives it.
    public let row: Int
    public let utf8: [UInt8]
    /// Position in `Corpus.sources`.
    public let source: Int
  }

  public let path: String
  /// In file order, empty texts included: they take part in the shuffle and are skipped afterwards.
  public let documents: [Document]
  /// Names of sources, sorted; one name, "all", when the corpus has no source field.
  public let sources: [String]
  /// Of the file.
  public let sha256: String

  /// Reads the whole file.
  /// - Parameters:
  ///   - textField: name of the text field; a dot leads into an inner object ("meta.text") when no field has that name.
  ///   - sourceField: likewise for the source; nil for a corpus without.
  /// - Throws: `FileError`, `CorpusError` with the line number.
  public init(path: String, textField: String = "text", sourceField: String? = nil) throws {
    let file = try MappedFile(path: path)
    var read: [(row: Int, utf8: [UInt8], source: String)] = []
    try file.withBytes { bytes in
      var line = 0
      var start = 0
      while start < bytes.count {
        line += 1
        let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end + 1
        if content.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
        let place = Place(path: path, line: line)
        let object = try place.parse(content)
        let text = try place.string(object, textField)
        let source = try sourceField.map { try place.string(object, $0) } ?? Self.singleSource
        read.append((read.count, Array(text.utf8), source))
      }
    }
    guard read.contains(where: { !$0.utf8.isEmpty }) else { throw CorpusError.empty(path: path) }
    // Sorted by scalar values: an order that no locale changes.
    let sources = Set(read.map(\.source)).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let numbers = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
    self.path = path
    self.sources = sources
    documents = read.map { Document(row: $0.row, utf8: $0.utf8, source: numbers[$0.source] ?? 0) }
    sha256 = SHA256Hex.digest(of: file)
  }

  private static let singleSource = "all"

  /// A line of the file, for errors.
  private struct Place {
    let path: String
    let line: Int

    func parse(_ content: UnsafeRawBufferPointer) throws -> JSONValue {
      do {
        let value = try JSONValue.parse(content)
        guard value.object != nil else {
          throw CorpusError.invalidJSON(
            path: path, line: line, column: 1, reason: "expected an object", found: value.summary)
        }
        return value
      } catch let error as JSONError {
        throw CorpusError.invalidJSON(
          path: path, line: line, column: error.column, reason: error.reason, found: error.found)
      }
    }

    func string(_ object: JSONValue, _ field: String) throws -> String {
      guard let value = object[field] ?? inner(object, field) else {
        throw CorpusError.missingField(
          path: path, line: line, field: field, present: (object.object ?? [:]).keys.sorted())
      }
      guard let text = value.string else {
        throw CorpusError.wrongType(path: path, line: line, field: field, found: value.summary)
      }
      return text
    }

    private func inner(_ object: JSONValue, _ field: String) -> JSONValue? {
      var value = object
      for key in field.split(separator: ".") {
        guard let next = value[String(key)] else { return nil }
        value = next
      }
      return value
    }
  }
}
