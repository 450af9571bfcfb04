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
  func of(_ rule: MetricRule, _ stratum: Stratum, conditionA: String, conditionB: String) -> String? {
    let (x, y) = (a.description, b.description)
    let columns = Self.columns(of: rule.metric)
    if columns.contains(where: { $0.experiment != "accuracy" }) {
      if x.model.layer != y.model.layer { return "another layer: \(x.model.layer) in A, \(y.model.layer) in B" }
      if rule.metric.id != Metric.perturbation.id, let own = x.sae, let other = y.sae, own.sha256 != other.sha256 {
        return "another SAE (SHA-256): \(Self.short(own.sha256)) in A, \(Self.short(other.sha256)) in B"
      }
    }
    if stratum != .all {
      if x.strata.firstPositions != y.strata.firstPositions {
        return "other strata: first positions are \(x.strata.firstPositions) in A, \(y.strata.firstPositions) in B"
      }
      if x.strata.massiveMultiple != y.strata.massiveMultiple {
        return "other strata: a massive token has \(x.strata.massiveMultiple) median norms in A, \(y.strata.massiveMultiple) in B"
      }
    }
    for column in columns {
      let own = a.definition(of: ColumnKey(condition: conditionA, experiment: column.experiment, name: column.name))
      let other = b.definition(of: ColumnKey(condition: conditionB, experiment: column.experiment, name: column.name))
      if let own, let other, own.definition != other.definition {
        return "another version of \(column.experiment)/\(column.name): \(own.definition) in A, \(other.definition) in B"
      }
    }
    return nil
  }

  private static func short(_ hash: String) -> String { hash.count == 64 ? String(hash.prefix(12)) + "…" : hash }

  /// The measured columns of the condition that a metric is made of.
  static func columns(of metric: Metric) -> [(experiment: String, name: String)] {
    switch metric.id {
    case Metric.crossEntropy.id, Metric.perplexity.id: [("accuracy", "nll")]
    case Metric.kl.id: [("accuracy", "kl")]
    case Metric.top1Agreement.id: [("accuracy", "top1_agreement")]
    case Metric.fvuArticle.id: [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "sum")]
    case Metric.fvu.id: [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "vector_sum")]
    case Metric.l0.id: [("sae", "l0")]
    case Metric.mse.id: [("sae", "squared_error")]
    case Metric.cosine.id: [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "dot")]
    case Metric.perturbation.id: [("noise_floor", "squared_perturbation")]
    case Metric.noiseFloor.id, Metric.noiseFloorArticle.id, Metric.movedFarther.id:
      [("noise_floor", "squared_perturbation"), ("sae", "squared_error")]
    default: [("sae", "squared_error"), ("sae", "squared_norm")]
    }
  }
}
