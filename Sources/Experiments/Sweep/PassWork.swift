/// Multiply-adds per token of the matrix products of a pass.
struct PassWork {
  let layer: Int
  let layers: Int
  /// Of one row of the vocabulary.
  let vocabularyRow: Int
  let vocabulary: Int

  /// - Parameters:
  ///   - layers: those that run; nil for all.
  ///   - head: whether the head runs.
  init(_ c: Gemma3Configuration, layers: Int? = nil, head: Bool = true) {
    let attention = (2 * c.headCount + 2 * c.keyValueHeadCount) * c.headDim
    layer = c.dModel * (attention + 3 * c.intermediateSize)
    self.layers = layers ?? c.layerCount
    vocabularyRow = c.dModel
    vocabulary = head ? c.vocabularySize : 0
  }

  var total: Int { layer * layers + vocabularyRow * vocabulary }

  /// What is left of a pass after a layer, against all of it.
  func relativeCost(afterLayer done: Int) -> Double { Double(total - layer * (done + 1)) / Double(total) }
}
