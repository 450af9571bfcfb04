import Measures
import RunFile

/// What tokens weigh, how large conditions are, and how much was measured.
extension Derivation {
  // MARK: What tokens weigh

  init(
    _ group: CellGroup, _ whole: CellShare.Whole, _ reported: Estimate, _ reader: RunReader, _ findings: Findings
  ) throws {
    let baseline = findings.baseline?.name ?? ""
    let tokenCount = findings.measured(by: "sae").tokens
    var own = try RawSums(reader: reader, tokenCount: tokenCount, cells: group.cells)
    var all = try RawSums(reader: reader, tokenCount: tokenCount, cells: CellShare.Cell.allCases)
    let (part, total): (Double, Double)
    switch whole {
    case .tokens: (part, total) = (own.count(), all.count())
    case .energy:
      part = try own.value(of: .squaredNorm, baseline)
      total = try all.value(of: .squaredNorm, baseline)
    case .numerator:
      part = try own.value(of: .squaredError, baseline)
      total = try all.value(of: .squaredError, baseline)
    case .denominator:
      let energy = try own.value(of: .squaredNorm, baseline)
      let (sum, allSum) = (try own.vectorSum(.vectorSum, baseline), try all.vectorSum(.vectorSum, baseline))
      let (count, allCount) = (own.count(), all.count())
      let dot = zip(sum, allSum).reduce(0) { $0 + $1.0 * $1.1 } / allCount
      own.note("x̄·Σx, x̄ the mean vector of all tokens: \(try own.vectorSums(.vectorSum, baseline))", dot)
      let squaredMean = allSum.reduce(0) { $0 + $1 * $1 } / (allCount * allCount)
      all.note("‖x̄‖²: \(try all.vectorSums(.vectorSum, baseline))", squaredMean)
      part = energy - 2 * dot + count * squaredMean
      own.note("Σ‖x − x̄‖² = Σ‖x‖² − 2 x̄·Σx + N‖x̄‖²", part)
      let allEnergy = try all.value(of: .squaredNorm, baseline)
      total = allEnergy - allCount * squaredMean
      all.note("Σ‖x − x̄‖² of all tokens = Σ‖x‖² − N‖x̄‖²", total)
    }
    own.note("share", part / total)
    self.init(
      address: .share(group, whole), definition: "Share of \(whole.title), \(group.title) tokens",
      explanation: "Of the baseline, \(baseline). Cells of tokens are disjoint; each column of shares sums to 1.",
      steps: all.steps + own.steps, value: part / total, reported: reported, scale: 1)
  }

  // MARK: Sizes and counts

  /// From what the run file's attributes say of its conditions.
  init(_ size: SizeAddress, _ reported: Estimate, _ findings: Findings) {
    let model = findings.description.model
    let (all, linear) = (Double(model.parameterCount), Double(model.compressibleParameterCount))
    var steps: [Step] = []
    func bits(_ name: String) -> Double {
      guard let condition = findings.description.conditions.first(where: { $0.name == name }) else { return .nan }
      if condition.origin == .shipped {
        let value = condition.effectiveBitsPerParameter
        steps.append(
          Step("what the condition's own files take, scales counted, over the parameters in all, \(name)", value))
        return value
      }
      let rest = findings.baseline?.bitsPerCompressedParameter ?? .nan
      steps += [
        Step(
          "bits per compressed parameter, scales counted: /conditions/\(name), bits_per_compressed_parameter",
          condition.bitsPerCompressedParameter),
        Step("parameters in compressed layers", linear), Step("parameters in all", all),
        Step("bits per parameter of the rest, which stays as in the baseline", rest),
      ]
      let value = (condition.bitsPerCompressedParameter * linear + rest * (all - linear)) / all
      steps.append(Step("bits per parameter, whole model, \(name): the mean over all parameters", value))
      return value
    }
    let (value, definition, explanation): (Double, String, String)
    switch size {
    case .linear(let name):
      value = findings.description.conditions.first { $0.name == name }?.bitsPerCompressedParameter ?? .nan
      steps = [Step("/conditions/\(name), attribute bits_per_compressed_parameter", value)]
      definition = "Bits per parameter of the compressed layers, scales counted  [bits]"
      explanation =
        "Computed from the layers’ shapes and the method’s format when the run was made; the file has the result."
    case .model(let name):
      value = bits(name)
      definition = "Bits per parameter of the whole model, scales and uncompressed tensors counted  [bits]"
      explanation =
        "Embeddings and norms are not compressed, so a model is larger than its compressed layers’ bits say."
    case .saved(let name):
      let (own, base) = (bits(name), bits(findings.baseline?.name ?? ""))
      value = 100 * (1 - own / base)
      steps.append(Step("100 × (1 − \(name) ÷ baseline)", value))
      definition = "Share of the baseline’s size that a condition saves  [%]"
      explanation = "Of the whole model’s weights; negative where a condition takes more room."
    case .compressedShare:
      value = 100 * linear / all
      steps = [
        Step("parameters in compressed layers", linear), Step("parameters in all", all),
        Step("100 × their ratio", value),
      ]
      definition = "Share of the parameters that lie in layers which are compressed  [%]"
      explanation = "The rest, mostly the embedding, stays as it is."
    }
    self.init(
      address: .size(size), definition: definition, explanation: explanation, steps: steps, value: value,
      reported: reported, scale: 1)
  }

  /// From the run file's tables.
  init(_ count: SampleCount, _ reported: Estimate, _ reader: RunReader) throws {
    let rows = reported.tokenCount
    let tokens = try reader.tokens()
    let baseline = reader.description.conditions.first { $0.isBaseline }?.name ?? ""
    let (text, value): (String, Int)
    switch count {
    case .tokens:
      (text, value) = (
        "rows of /tokens up to the first batch boundary at or after the headline", min(rows, tokens.chunk.count)
      )
    case .chunks: (text, value) = ("different values of /tokens/chunk", Set(tokens.chunk.prefix(rows)).count)
    case .documents: (text, value) = ("different values of /tokens/document", Set(tokens.document.prefix(rows)).count)
    case .batches:
      let batches = try reader.chunks().batch
      (text, value) = (
        "different values of /chunks/batch", Set(Set(tokens.chunk.prefix(rows)).map { batches[Int($0)] }).count
      )
    case .predictions:
      let losses = try reader.values(Column.nll.key(baseline)).float32s ?? []
      (text, value) = (
        "rows of /measurements/\(baseline)/accuracy/nll that are scored", losses.prefix(rows).count { !$0.isNaN }
      )
    }
    self.init(
      address: .count(count), definition: "Number of \(count.rawValue) that the headline’s numbers stand on",
      explanation: "A run measures whole batches; the headline ends with the first batch that reaches its count.",
      steps: [Step("\(text), among rows 0 to \(rows - 1)", Double(value))], value: Double(value), reported: reported,
      scale: 1)
  }
}
