/// `/vocabulary`: what the ids of a run's tokens say. Call inside `HDF5Library.locked`.
enum VocabularyTable {
  private static let group = "/vocabulary"
  private static let ids = group + "/id"
  private static let texts = group + "/text"

  /// - Parameter text: of an id; of those that `/tokens/id` of the file has.
  static func write(_ text: (Int32) -> String, to file: borrowing HDF5File) throws {
    // What is being written may not have reached the file yet.
    let occurring = Set(try file.readByLibrary("/tokens/id").values.int32s ?? []).sorted()
    try file.createGroup(group)
    try file.setAttribute("long_name", of: group, to: .text("The texts of the token ids that occur in the run"))
    let dataset = try file.createDataset(ids, type: .int32, shape: [occurring.count])
    try occurring.withUnsafeBytes { bytes in
      try file.writeRows(
        of: dataset, ids, type: .int32, shape: [occurring.count], firstRow: 0, rows: occurring.count, bytes: bytes)
    }
    try file.setAttribute("unit", of: ids, to: .text("1"))
    try file.setAttribute("long_name", of: ids, to: .text("Id of the token in the vocabulary, ascending"))
    try file.makeScale(ids, named: "vocabulary_id")
    // Texts are padded with zero bytes, and would end at one.
    let shown = occurring.map { text($0).replacing("\0", with: "<0x00>") }
    try file.writeTexts(shown, isScalar: false, isCompressed: true, to: texts)
    try file.setAttribute(
      "long_name", of: texts, to: .text("Text that the tokenizer makes of the id alone; a byte token as <0x0A>"))
    try file.attachScale(ids, to: texts, axis: 0)
  }

  /// Nil for a file without one.
  static func read(from file: borrowing HDF5File) throws -> [Int32: String]? {
    guard file.exists(ids), file.exists(texts) else { return nil }
    let (values, _) = try file.readValues(ids)
    guard let ids = values.int32s else {
      throw RunFileError.otherType(
        path: file.path, object: ids, type: "\(values.type.rawValue) numbers", expected: "int32")
    }
    guard let texts = try file.readTexts(Self.texts)?.texts else {
      throw RunFileError.otherType(
        path: file.path, object: Self.texts, type: "something else", expected: "text of fixed length")
    }
    guard texts.count == ids.count else {
      throw RunFileError.unequalRows(path: file.path, object: Self.texts, rows: texts.count, expected: ids.count)
    }
    return Dictionary(zip(ids, texts)) { first, _ in first }
  }
}
