import RunFile

/// What a run's study says, key by key, in the study's order: `packing.length` → `512`,
/// `models.gemma-3-270m.layer` → `9`, `conditions.nf4.double_quantization` → `true`.
package struct StudyKeys {
  package var entries: [RunDescription.Parameter]

  /// As the run stores them, defaults filled in; of an older run, as far as its study's text goes.
  ///
  /// - Returns: nil for an older run whose study is no YAML mapping.
  package init?(of run: RunDescription) {
    guard let entries = run.studyKeys ?? StudyText.keys(run.studyText) else { return nil }
    self.entries = entries
  }

  /// Of two runs. Where one is older, both as far as their texts go: what the older one left out is no difference.
  static func pair(_ a: RunDescription, _ b: RunDescription) -> (StudyKeys, StudyKeys)? {
    if let x = a.studyKeys, let y = b.studyKeys { return (StudyKeys(entries: x), StudyKeys(entries: y)) }
    guard let x = StudyText.keys(a.studyText), let y = StudyText.keys(b.studyText) else { return nil }
    return (StudyKeys(entries: x), StudyKeys(entries: y))
  }

  private init(entries: [RunDescription.Parameter]) { self.entries = entries }

  package subscript(key: String) -> String? { entries.first { $0.key == key }?.value }
}
