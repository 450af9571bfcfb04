import Measures
import RunFile

/// Why numbers of two runs of one model may not be set against each other: nil where they may.
struct Comparability {
  let a: RunReader
  let b: RunReader

  /// What forbids comparing anything.
  var ofRuns: String? {
    let (a, b) = (a.description, b.description)
    func differ(_ what: String, _ x: String, _ y: String) -> String? {
      x == y ? nil : "another \(what): \(Self.short(x)) in A, \(Self.short(y)) in B"
    }
    return differ("model (SHA-256 of the checkpoint)", a.model.checkpointSHA256, b.model.checkpointSHA256)
      ?? differ("tokenizer (SHA-256)", a.model.tokenizerSHA256, b.model.tokenizerSHA256)
  }

  /// What forbids comparing one metric of one pair of conditions.
  func of(_ metric: Metric, _ stratum: Stratum, conditionA: String, conditionB: String) -> String? {
    let (x, y) = (a.description, b.description)
    let (own, reference) = (metric.columns(.own), metric.columns(.reference))
    let subjects = Set((own + reference).map(\.subject))
    if subjects != [.predictions], x.model.layer != y.model.layer {
      return "another layer: \(x.model.layer) in A, \(y.model.layer) in B"
    }
    if subjects.contains(.reconstruction), let own = x.sae, let other = y.sae, own.sha256 != other.sha256 {
      return "another SAE (SHA-256): \(Self.short(own.sha256)) in A, \(Self.short(other.sha256)) in B"
    }
    if stratum != .all {
      if x.strata.firstPositions != y.strata.firstPositions {
        return "other strata: first positions are \(x.strata.firstPositions) in A, \(y.strata.firstPositions) in B"
      }
      if x.strata.massiveMultiple != y.strata.massiveMultiple {
        return
          "other strata: a massive token has \(x.strata.massiveMultiple) median norms in A, \(y.strata.massiveMultiple) in B"
      }
    }
    func baseline(_ description: RunDescription) -> String {
      description.conditions.first(where: \.isBaseline)?.name ?? ""
    }
    return otherVersion(own, conditionA, conditionB) ?? otherVersion(reference, baseline(x), baseline(y))
  }

  private func otherVersion(_ columns: [Column], _ conditionA: String, _ conditionB: String) -> String? {
    for column in columns {
      guard let own = a.definition(of: column.key(conditionA)), let other = b.definition(of: column.key(conditionB)),
        own.definition != other.definition
      else { continue }
      return
        "another version of \(column.experiment)/\(column.name): \(own.definition) in A, \(other.definition) in B"
    }
    return nil
  }

  private static func short(_ hash: String) -> String { hash.count == 64 ? String(hash.prefix(12)) + "…" : hash }
}
