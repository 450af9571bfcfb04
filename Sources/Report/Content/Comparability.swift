import Words

/// What was not measured alike on all models.
extension ReportSubject {
  /// What was not measured alike on all models, in words.
  var differences: [String] {
    var found: [String] = []
    func add(_ name: String, _ text: (ReportModel) -> String) {
      if distinct(text).count > 1 { found.append(name) }
    }
    add("text") { $0.description.corpus.sha256 }
    add("order or packing of the text") {
      let corpus = $0.description.corpus
      return "\(corpus.order), \(corpus.packing), \(corpus.chunkLength), \(corpus.batchSize)"
    }
    add("token stream") { $0.description.corpus.tokenStreamSHA256 }
    add("number of tokens") { "\($0.findings.measured.tokens)" }
    add("token counts asked for") { "\($0.description.budget)" }
    add("conditions") { model in
      model.description.conditions.map { "\($0.name) \($0.kind) \($0.parameters)" }.joined(separator: ", ")
    }
    add("experiments") { $0.description.experiments.joined(separator: ", ") }
    add("kinds of tokens") { "\($0.description.strata.firstPositions), \($0.description.strata.massiveMultiple)" }
    return found
  }

  var differencesNote: Note? {
    guard !differences.isEmpty else { return nil }
    return Note(
      kind: .remark, title: "Not measured alike",
      text: """
        The models differ in more than themselves: \(differences.listed). Each change is within one model and \
        holds; numbers of one model beside those of another do not show what the model alone changes. The methodology \
        has the details.
        """)
  }
}
