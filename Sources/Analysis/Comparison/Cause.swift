import RunFile

/// Something that two runs were given, or made with, that is not the same.
public struct Cause: Sendable, Equatable, Codable {
  public var kind: Kind
  /// A key of the study (`packing.length`), or what it is in words (`SHA-256 of the checkpoint`).
  public var name: String
  /// Nil where A has none.
  public var a: String?
  public var b: String?

  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// What the study file says.
    case study
    /// What was read: weights, SAE, tokenizer, text, and the tokens that came of it.
    case input
    /// Versions, commit, kernels, libraries.
    case software
    case machine
  }

  /// What differs between two runs of a model, in the order of kinds. Empty where only times differ.
  public static func differences(_ a: RunDescription, _ b: RunDescription) -> [Cause] {
    var causes = studyDifferences(a, b)
    func compare(_ kind: Kind, _ name: String, _ value: (RunDescription) -> String?) {
      let (x, y) = (value(a), value(b))
      if x != y { causes.append(Cause(kind: kind, name: name, a: x, b: y)) }
    }
    compare(.study, "conditions, as measured") { run in
      run.conditions.map { condition in
        let parameters = condition.parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return condition.name + (parameters.isEmpty ? "" : " (\(parameters))")
      }.joined(separator: "; ")
    }
    compare(.study, "seed, as measured") { String($0.seed) }
    compare(.input, "SHA-256 of the checkpoint") { $0.model.checkpointSHA256 }
    compare(.input, "storage of the checkpoint") { $0.model.storage }
    compare(.input, "checkpoints of conditions") { run in
      let own = run.conditions.compactMap { condition in
        condition.checkpoint.map { "\(condition.name) (\(condition.origin.rawValue)) \($0.sha256)" }
      }
      return own.isEmpty ? nil : own.joined(separator: "; ")
    }
    compare(.input, "SHA-256 of the tokenizer") { $0.model.tokenizerSHA256 }
    compare(.input, "settings assumed") { $0.model.assumed?.joined(separator: ", ") }
    compare(.input, "layer") { String($0.model.layer) }
    compare(.input, "SAE") { $0.sae?.name }
    compare(.input, "SHA-256 of the SAE") { $0.sae?.sha256 }
    compare(.input, "SHA-256 of the corpus") { $0.corpus.sha256 }
    compare(.input, "order of documents") { $0.corpus.order }
    compare(.input, "SHA-256 of the token ids") { $0.corpus.tokenStreamSHA256 }
    compare(.input, "commits fetched") { run in
      run.fetched?.map { "\($0.role) \($0.reference) at \($0.commit)" }.joined(separator: "; ")
    }
    compare(.input, "measurements rounded for publishing") { run in
      run.rounded.map { "to \($0.significantBits) significant bits" }
    }
    compare(.input, "imported from") { run in run.origin.map { "\($0.file), SHA-256 \($0.sha256)" } }
    compare(.software, "clearbox") { $0.provenance.clearboxVersion }
    compare(.software, "commit") { $0.provenance.commit }
    compare(.software, "kernels") { $0.provenance.kernels }
    compare(.software, "libraries") { $0.provenance.libraries.joined(separator: ", ") }
    compare(.machine, "processor") { $0.provenance.cpu }
    compare(.machine, "threads") { String($0.provenance.threads) }
    compare(.machine, "operating system") { $0.provenance.operatingSystem }
    return causes
  }

  /// Keys of the studies; where one has none, both texts as a whole.
  private static func studyDifferences(_ a: RunDescription, _ b: RunDescription) -> [Cause] {
    guard a.studyText != b.studyText || a.studyKeys != b.studyKeys else { return [] }
    guard let (x, y) = StudyKeys.pair(a, b) else {
      return [Cause(kind: .study, name: "text of the study", a: a.studyText, b: b.studyText)]
    }
    let (valuesA, valuesB) = (
      Dictionary(x.entries.map { ($0.key, $0.value) }) { first, _ in first },
      Dictionary(y.entries.map { ($0.key, $0.value) }) { first, _ in first }
    )
    var keys = x.entries.map(\.key)
    keys += y.entries.map(\.key).filter { valuesA[$0] == nil }
    var seen: Set<String> = []
    return keys.filter { seen.insert($0).inserted && valuesA[$0] != valuesB[$0] }.map {
      Cause(kind: .study, name: $0, a: valuesA[$0], b: valuesB[$0])
    }
  }
}
