/// Refuses a description with numbers that no run has: what counts, indexes or is drawn by them would crash, or not end.
struct DescriptionCheck {
  let path: String
  let description: RunDescription

  /// Resamples that a run may ask for.
  static let replicates = 0...100_000

  func check() throws {
    try checkConditions()
    let (model, corpus, budget) = (description.model, description.corpus, description.budget)
    try range(
      [
        "model.layerCount": model.layerCount,
        "model.vocabularySize": model.vocabularySize, "model.parameterCount": model.parameterCount,
        "model.compressibleParameterCount": model.compressibleParameterCount,
        "sae.featureCount": description.sae?.featureCount ?? 0, "corpus.documentCount": corpus.documentCount,
        "corpus.chunkLength": corpus.chunkLength, "corpus.batchSize": corpus.batchSize,
        "budget.headline": budget.headline,
        "strata.firstPositions": description.strata.firstPositions, "reruns.batches": description.reruns?.batches ?? 0,
        "reruns.tokens": description.reruns?.tokens ?? 0, "reruns.documents": description.reruns?.documents ?? 0,
        "branches.batches": description.branches?.batches ?? 0, "branches.tokens": description.branches?.tokens ?? 0,
        "branches.documents": description.branches?.documents ?? 0,
        "provenance.threads": description.provenance.threads,
        "provenance.peakAnonymousBytes": description.provenance.peakAnonymousBytes ?? 0,
      ], 0...(1 << 53))
    // Vectors of this width are summed.
    try range(["model.dModel": model.dModel], 0...(1 << 20))
    try range(["model.layer": model.layer], -1...max(-1, model.layerCount == 0 ? 1 << 20 : model.layerCount - 1))
    try range(
      ["corpus.sources": corpus.sources.count, "budget.snapshots": budget.snapshots.count], 0...RunDescription.mostNames
    )
    for tokens in budget.snapshots + budget.counts.map(\.tokens) { try range(["budget": tokens], 0...(1 << 53)) }
    try range(["bootstrap.replicates": description.bootstrap.replicates], Self.replicates)
    try range(["bootstrap.level": description.bootstrap.level], 0...1)
    try range(
      [
        "strata.massiveMultiple": description.strata.massiveMultiple,
        "strata.medianNorm": description.strata.medianNorm ?? 0,
      ], 0...Double.greatestFiniteMagnitude)
    try range(["provenance.elapsedSeconds": description.provenance.elapsedSeconds ?? 0], 0...1e10)
  }

  private func checkConditions() throws {
    var earlier: Set<String> = []
    for condition in description.measuredConditions {
      guard RunSchema.isUsableName(condition.name) else {
        throw impossible("a condition is called “\(condition.name)”")
      }
      if let reference = condition.reference, !earlier.contains(reference) {
        throw impossible("\(condition.name) is compared with \(reference), which is no condition before it")
      }
      if let original = condition.rerunOf, !earlier.contains(original) {
        throw impossible("\(condition.name) repeats \(original), which is no condition before it")
      }
      guard earlier.insert(condition.name).inserted else {
        throw impossible("two conditions are called \(condition.name)")
      }
      try range(
        [
          "effectiveBitsPerParameter of \(condition.name)": condition.effectiveBitsPerParameter,
          "bitsPerCompressedParameter of \(condition.name)": condition.bitsPerCompressedParameter,
          "checkpoint.linearBits of \(condition.name)": condition.checkpoint?.linearBits ?? 0,
          "checkpoint.modelBits of \(condition.name)": condition.checkpoint?.modelBits ?? 0,
        ], 0...1024)
      try range(
        [
          "onGridShare of \(condition.name)": condition.onGridShare ?? 0,
          "storedAlikeShare of \(condition.name)": condition.storedAlikeShare ?? 0,
        ], 0...1)
    }
  }

  private func range<Number>(_ values: KeyValuePairs<String, Number>, _ allowed: ClosedRange<Number>) throws {
    for (name, value) in values where !allowed.contains(value) {
      throw impossible("\(name) is \(value), outside of \(allowed.lowerBound) to \(allowed.upperBound)")
    }
  }

  private func impossible(_ reason: String) -> RunFileError {
    .impossible(path: path, object: "description", reason: reason)
  }
}
