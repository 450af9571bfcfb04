/// Reads documents of JSON Lines: one JSON object a line.
struct JSONLines {
  let path: String
  let textField: String
  let sourceField: String?

  func read(_ bytes: UnsafeRawBufferPointer) throws -> [CorpusRow] {
    var rows: [CorpusRow] = []
    var line = 0
    var start = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      let content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      start = end + 1
      if content.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      let object = try parse(content, line)
      let text = try string(object, textField, line) ?? ""
      let source = try sourceField.map { try string(object, $0, line) ?? CorpusRow.nullSource }
      rows.append(CorpusRow(utf8: Array(text.utf8), source: source ?? CorpusRow.singleSource))
    }
    return rows
  }

  private func parse(_ content: UnsafeRawBufferPointer, _ line: Int) throws -> JSONValue {
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
