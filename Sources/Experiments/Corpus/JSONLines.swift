/// Reads documents of JSON Lines, one JSON object a line, from pieces of a file.
struct JSONLines {
  let path: String
  let textField: String
  let sourceField: String?
  /// Bytes of text that may still be kept.
  private(set) var room: Int
  private var rows: [CorpusRow] = []
  private var line = 0
  /// The beginning of a line whose end has not come.
  private var begun: [UInt8] = []

  /// Bytes that a line may have: the longest text, every byte of it escaped, and some fields.
  private static let longestLine = 8 * CorpusRow.longestText

  init(path: String, textField: String, sourceField: String?, room: Int) {
    (self.path, self.textField, self.sourceField, self.room) = (path, textField, sourceField, room)
  }

  mutating func add(_ piece: UnsafeRawBufferPointer) throws {
    var rest = piece
    while let end = rest.firstIndex(of: 0x0a) {
      let part = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
      if begun.isEmpty {
        try addLine(part)
      } else {
        begun += part
        let whole = begun
        begun.removeAll(keepingCapacity: true)
        try whole.withUnsafeBytes { try addLine($0) }
      }
    }
    guard begun.count + rest.count <= Self.longestLine else {
      throw CorpusError.longLine(path: path, line: line + 1, most: Self.longestLine)
    }
    begun += rest
  }

  /// All documents, once no piece follows.
  mutating func finish() throws -> [CorpusRow] {
    let last = begun
    begun = []
    if !last.isEmpty { try last.withUnsafeBytes { try addLine($0) } }
    return rows
  }

  private mutating func addLine(_ content: UnsafeRawBufferPointer) throws {
    line += 1
    if content.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return }
    let object = try parse(content, line)
    var text = try string(object, textField, line) ?? ""
    let source = try sourceField.map { try string(object, $0, line) ?? CorpusRow.nullSource }
    var room = room
    let row = try text.withUTF8 { utf8 in
      try CorpusRow(
        UnsafeRawBufferPointer(utf8), source: source ?? CorpusRow.singleSource, room: &room, path: path,
        document: rows.count)
    }
    self.room = room
    rows.append(row)
  }

  private func parse(_ content: UnsafeRawBufferPointer, _ line: Int) throws -> JSONValue {
    do {
      let value = try JSONValue.parse(content, allowsRepeatedKeys: true)
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

  /// The field's text, or nil for a null.
  private func string(_ object: JSONValue, _ field: String, _ line: Int) throws -> String? {
    guard let value = object.object?[field] ?? inner(object, field) else {
      throw CorpusError.missingField(
        path: path, line: line, field: field, present: (object.object ?? [:]).keys.sorted())
    }
    if value == .null { return nil }
    guard let text = value.string else {
      throw CorpusError.wrongType(path: path, line: line, field: field, found: value.summary)
    }
    return text
  }

  private func inner(_ object: JSONValue, _ field: String) -> JSONValue? {
    var value = object
    for key in field.split(separator: ".") {
      guard let next = value.object?[String(key)] else { return nil }
      value = next
    }
    return value
  }
}
