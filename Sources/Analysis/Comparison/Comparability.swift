import Measures
import RunFile

/// Why numbers of two runs of one model may not be set against each other: nil where they may.
struct Comparability {
  let a: ComparedRun
  let b: ComparedRun

  /// What forbids comparing anything.
  static func ofRuns(_ a: RunDescription, _ b: RunDescription) -> String? {
    func differ(_ what: String, _ x: String, _ y: String) -> String? {
      x == y ? nil : "another \(what): \(short(x)) in A, \(short(y)) in B"
    }
    return differ("model (SHA-256 of the checkpoint)", a.model.checkpointSHA256, b.model.checkpointSHA256)
      ?? differ("tokenizer (SHA-256)", a.model.tokenizerSHA256, b.model.tokenizerSHA256)
  }

  /// What forbids comparing one metric of one pair of conditions.
  func of(_ metric: Metric, _ stratum: Stratum, conditionA: String, conditionB: String) -> String? {
    let (x, y) = (a.description, b.description)
    let (own, theirs) = (metric.columns(.own), metric.columns(.reference))
    let subjects = Set((own + theirs).map(\.subject))
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
    let isBaseline = [(a, conditionA), (b, conditionB)].allSatisfy { $0.conditions.baseline == $0.place($1) }
    if stratum.dividesMassive, !isBaseline, a.conditions.hasPairs != b.conditions.hasPairs {
      let (first, second) = a.conditions.hasPairs ? (2, 1) : (1, 2)
      return "other strata: by version \(first) of the protocol in A, \(second) in B"
    }
    func reference(_ description: RunDescription, _ name: String) -> String {
      description.conditions.first { $0.name == name }.flatMap { description.reference(of: $0)?.name } ?? name
    }
    return otherVersion(own, conditionA, conditionB)
      ?? otherVersion(theirs, reference(x, conditionA), reference(y, conditionB))
  }

  private func otherVersion(_ columns: [Column], _ conditionA: String, _ conditionB: String) -> String? {
    for column in columns {
      guard let own = a.reader.definition(of: column.key(conditionA)),
        let other = b.reader.definition(of: column.key(conditionB)),
        own.definition != other.definition
      else { continue }
      return
        "another version of \(column.experiment)/\(column.name): \(own.definition) in A, \(other.definition) in B"
    }
    return nil
  }

  private static func short(_ hash: String) -> String { hash.count == 64 ? String(hash.prefix(12)) + "…" : hash }
}
