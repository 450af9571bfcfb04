extension [String] {
  /// As in a sentence: "a, b and c".
  package var listed: String { Prose.list(map { Prose($0) }).plain }
}
