import Foundation
import RunFile

/// A number of the report, derived from what a run file holds step by step, and set beside what the report has.
public struct Derivation: Sendable, Equatable {
  public var address: NumberAddress
  /// Its name and formula.
  public var definition: String
  /// One or two sentences for a reader who is not a specialist.
  public var explanation: String
  public var steps: [Step]
  /// As derived here.
  public var value: Double
  /// What the report prints: value, interval and sample.
  public var reported: Estimate

  /// One sum, count or formula with its value.
  public struct Step: Sendable, Equatable {
    public var text: String
    public var value: Double

    init(_ text: String, _ value: Double) {
      self.text = text
      self.value = value
    }
  }

  /// The rows that enter.
  struct Rows: Sendable, Equatable {
    /// Values of `/tokens/stratum`.
    var cells: [Int]
    var text: String
  }

  /// Condition against baseline, resampled together.
  public var isDifference: Bool {
    if case .measure(let measure) = address { measure.quantity != .value } else { false }
  }

  /// Derivation and report add the same numbers in another order: what is left is rounding.
  public static let tolerance = 1e-9
  public var agrees: Bool {
    (value - reported.value).magnitude <= Self.tolerance * max(reported.value.magnitude, scale)
  }
  /// Size of what a difference was taken of.
  private var scale: Double

  /// - Throws: `DerivationError` for an id that names nothing in this run, errors of the run file.
  public init(of id: String, in reader: RunReader, _ findings: Findings) throws {
    guard let address = NumberAddress(id) else { throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings)) }
    guard reader.summary == nil else { throw DerivationError.onlyValues(id) }
    guard let reported = Self.reported(address, findings) else {
      throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings))
    }
    switch address {
    case .measure(let measure): try self.init(measure, reported, reader, findings)
    case .share(let group, let whole): try self.init(group, whole, reported, reader, findings)
    case .size(let size): self.init(size, reported, findings)
    case .count(let count): try self.init(count, reported, reader)
    }
  }

  private init(
    _ measure: MeasureAddress, _ reported: Estimate, _ reader: RunReader, _ findings: Findings
  ) throws {
    guard let metric = Metric.all.first(where: { $0.id == measure.metric }) else {
      throw DerivationError.noSuchNumber(measure.id, similar: [])
    }
    let experiment = MetricRule.groups.first { $0.rules.contains { $0.metric.id == metric.id } }?.experiment ?? ""
    let baseline = findings.baseline?.name ?? ""
    func sums(_ tokenCount: Int) throws -> RawSums {
      try RawSums(reader: reader, tokenCount: tokenCount, tokens: measure.tokens)
    }
    let unit = metric.unit == "1" ? "" : "  [\(metric.unit)]"
    let definition = "\(metric.name): \(metric.formula)\(unit)"
    if case .between(let first, let last, _) = measure.tokens {
      var (before, after) = (try sums(first), try sums(last))
      let early = try Self.evaluate(metric, measure.condition, baseline, &before)
      let late = try Self.evaluate(metric, measure.condition, baseline, &after)
      after.note("difference: on the first \(last) tokens − on the first \(first)", late - early)
      self.init(
        address: .measure(measure), definition: definition, explanation: metric.explanation,
        steps: before.steps + after.steps, value: late - early, reported: reported,
        scale: max(early.magnitude, late.magnitude))
      return
    }
    let tokenCount =
      if case .first(let count, _) = measure.tokens { count } else { findings.measured(by: experiment).tokens }
    var raw = try sums(tokenCount)
    let own = try Self.evaluate(metric, measure.condition, baseline, &raw)
    var (value, scale) = (own, own.magnitude)
    if measure.quantity != .value {
      let base = try Self.evaluate(metric, baseline, baseline, &raw)
      scale = max(own.magnitude, base.magnitude)
      value = measure.quantity == .change ? own - base : 100 * (own - base) / base
      if measure.quantity == .percent { scale = 100 * scale / base.magnitude }
      raw.note(
        measure.quantity == .change
          ? "change: \(measure.condition) − \(baseline)"
          : "change in percent: 100 × (\(measure.condition) − \(baseline)) ÷ \(baseline)",
        value)
    }
    self.init(
      address: .measure(measure), definition: definition, explanation: metric.explanation, steps: raw.steps,
      value: value, reported: reported, scale: scale)
  }

  // MARK: What tokens weigh

  private init(
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
      part = try own.sum("Σ‖x‖²", baseline, "sae", "squared_norm")
      total = try all.sum("Σ‖x‖²", baseline, "sae", "squared_norm")
    case .numerator:
      part = try own.sum("Σ‖x − x̂‖²", baseline, "sae", "squared_error")
      total = try all.sum("Σ‖x − x̂‖²", baseline, "sae", "squared_error")
    case .denominator:
      let energy = try own.sum("Σ‖x‖²", baseline, "sae", "squared_norm")
      let (sum, allSum) = (try own.vectorSum(baseline), try all.vectorSum(baseline))
      let (count, allCount) = (own.count(), all.count())
      let dot = zip(sum, allSum).reduce(0) { $0 + $1.0 * $1.1 } / allCount
      own.note("x̄·Σx, x̄ the mean vector of all tokens: \(try own.vectorSums(baseline))", dot)
      let squaredMean = allSum.reduce(0) { $0 + $1 * $1 } / (allCount * allCount)
      all.note("‖x̄‖²: \(try all.vectorSums(baseline))", squaredMean)
      part = energy - 2 * dot + count * squaredMean
      own.note("Σ‖x − x̄‖² = Σ‖x‖² − 2 x̄·Σx + N‖x̄‖²", part)
      let allEnergy = try all.sum("Σ‖x‖²", baseline, "sae", "squared_norm")
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
  private init(_ size: SizeAddress, _ reported: Estimate, _ findings: Findings) {
    let model = findings.description.model
    let (all, linear) = (Double(model.parameterCount), Double(model.compressibleParameterCount))
    var steps: [Step] = []
    func bits(_ name: String) -> Double {
      guard let condition = findings.description.conditions.first(where: { $0.name == name }) else { return .nan }
      let rest = findings.baseline?.bitsPerCompressedParameter ?? .nan
      steps += [
        Step("bits per compressed parameter, scales counted: /conditions/\(name), bits_per_compressed_parameter", condition.bitsPerCompressedParameter),
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
      explanation = "Computed from the layers’ shapes and the method’s format when the run was made; the file has the result."
    case .model(let name):
      value = bits(name)
      definition = "Bits per parameter of the whole model, scales and uncompressed tensors counted  [bits]"
      explanation = "Embeddings and norms are not compressed, so a model is larger than its compressed layers’ bits say."
    case .saved(let name):
      let (own, base) = (bits(name), bits(findings.baseline?.name ?? ""))
      value = 100 * (1 - own / base)
      steps.append(Step("100 × (1 − \(name) ÷ baseline)", value))
      definition = "Share of the baseline’s size that a condition saves  [%]"
      explanation = "Of the whole model’s weights; negative where a condition takes more room."
    case .compressedShare:
      value = 100 * linear / all
      steps = [Step("parameters in compressed layers", linear), Step("parameters in all", all), Step("100 × their ratio", value)]
      definition = "Share of the parameters that lie in layers which are compressed  [%]"
      explanation = "The rest, mostly the embedding, stays as it is."
    }
    self.init(
      address: .size(size), definition: definition, explanation: explanation, steps: steps, value: value,
      reported: reported, scale: 1)
  }

  /// From the run file's tables.
  private init(_ count: SampleCount, _ reported: Estimate, _ reader: RunReader) throws {
    let rows = reported.tokenCount
    let tokens = try reader.tokens()
    let baseline = reader.description.conditions.first { $0.isBaseline }?.name ?? ""
    let (text, value): (String, Int)
    switch count {
    case .tokens: (text, value) = ("rows of /tokens up to the first batch boundary at or after the headline", min(rows, tokens.chunk.count))
    case .chunks: (text, value) = ("different values of /tokens/chunk", Set(tokens.chunk.prefix(rows)).count)
    case .documents: (text, value) = ("different values of /tokens/document", Set(tokens.document.prefix(rows)).count)
    case .batches:
      let batches = try reader.chunks().batch
      (text, value) = ("different values of /chunks/batch", Set(Set(tokens.chunk.prefix(rows)).map { batches[Int($0)] }).count)
    case .predictions:
      let losses = try reader.values(ColumnKey(condition: baseline, experiment: "accuracy", name: "nll")).float32s ?? []
      (text, value) = ("rows of /measurements/\(baseline)/accuracy/nll that are scored", losses.prefix(rows).count { !$0.isNaN })
    }
    self.init(
      address: .count(count), definition: "Number of \(count.rawValue) that the headline’s numbers stand on",
      explanation: "A run measures whole batches; the headline ends with the first batch that reaches its count.",
      steps: [Step("\(text), among rows 0 to \(rows - 1)", Double(value))], value: Double(value), reported: reported,
      scale: 1)
  }

  private init(
    address: NumberAddress, definition: String, explanation: String, steps: [Step], value: Double, reported: Estimate,
    scale: Double
  ) {
    (self.address, self.definition, self.explanation, self.steps) = (address, definition, explanation, steps)
    (self.value, self.reported, self.scale) = (value, reported, scale)
  }

  // MARK: Formulas

  /// The metric's formula over plain sums; adds each as a step, and the result as the last.
  private static func evaluate(_ metric: Metric, _ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let value: Double
    switch metric.id {
    case Metric.crossEntropy.id, Metric.perplexity.id:
      let (sum, count) = try raw.scored("Σ nll", c, "nll")
      value = metric.id == Metric.perplexity.id ? exp(sum / count) : sum / count
    case Metric.kl.id:
      let (sum, count) = try raw.scored("Σ KL", c, "kl")
      value = sum / count
    case Metric.top1Agreement.id:
      let (sum, count) = try raw.scored("positions that agree", c, "top1_agreement")
      value = sum / count
    case Metric.fvuArticle.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let sum = try raw.sum("ΣΣx", c, "sae", "sum")
      let numbers = raw.count() * Double(raw.reader.description.model.dModel)
      raw.note("N·D, numbers that the mean is taken over", numbers)
      value = error / (energy - sum * sum / numbers)
    case Metric.fvu.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let squared = try raw.squaredVectorSum(c)
      value = error / (energy - squared / raw.count())
    case Metric.relativeErrorMedian.id:
      value = try raw.medianRatio("median of ‖x − x̂‖² ÷ ‖x‖²", c, "squared_error", "squared_norm")
    case Metric.l0.id: value = try raw.sum("Σ active features", c, "sae", "l0") / raw.count()
    case Metric.mse.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      value = error / (raw.count() * Double(raw.reader.description.model.dModel))
    case Metric.cosine.id:
      let columns = [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "dot")]
      let sum = try raw.sum("Σ x·x̂ ÷ (‖x‖·‖x̂‖), ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂", c, columns) { row in
        let product = row[1] * (row[0] - row[1] + 2 * row[2])
        return product > 0 ? row[2] / product.squareRoot() : 0
      }
      value = sum / raw.count()
    case Metric.relativeResidual.id: value = try residual(c, &raw)
    case Metric.perturbation.id: value = try perturbation(c, b, &raw)
    case Metric.noiseFloorArticle.id: value = try perturbation(c, b, &raw) / residual(c, &raw)
    case Metric.noiseFloor.id: value = try perturbation(c, b, &raw) / residual(b, &raw)
    case Metric.movedFarther.id:
      let columns = [("noise_floor", "squared_perturbation"), ("sae", "squared_error")]
      value = try raw.sum("tokens moved farther than missed", c, columns) { $0[0] > $0[1] ? 1 : 0 } / raw.count()
    default: throw DerivationError.noSuchNumber(metric.id, similar: [])
    }
    raw.note("\(metric.name), \(c): \(metric.formula)", value)
    return value
  }

  private static func perturbation(_ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let moved = try raw.sum("Σ‖x_c − x_b‖²", c, "noise_floor", "squared_perturbation")
    let energy = try raw.sum("Σ‖x_b‖²", b, "sae", "squared_norm")
    let value = (moved / energy).squareRoot()
    raw.note("perturbation: √ of their ratio", value)
    return value
  }

  private static func residual(_ c: String, _ raw: inout RawSums) throws -> Double {
    let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
    let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
    let value = (error / energy).squareRoot()
    raw.note("relative residual, \(c): √ of their ratio", value)
    return value
  }

  // MARK: What the report has

  /// What the findings say of an address; nil where they say nothing.
  public static func reported(_ address: NumberAddress, _ findings: Findings) -> Estimate? {
    let measured = findings.measured
    switch address {
    case .measure(let measure): return reported(measure, findings)
    case .share(let group, let whole):
      let own = findings.cells.filter { group.cells.contains($0.cell) }
      guard !own.isEmpty else { return nil }
      let sample = findings.measured(by: "sae")
      return Estimate(
        value: own.map { $0.share(of: whole) }.reduce(0, +), tokenCount: sample.tokens, clusterCount: sample.chunks)
    case .size(let size):
      func estimate(_ value: Double) -> Estimate { Estimate(value: value, tokenCount: 0, clusterCount: 0) }
      func condition(_ name: String) -> RunDescription.Condition? {
        findings.description.conditions.first { $0.name == name && $0.effectiveBitsPerParameter > 0 }
      }
      switch size {
      case .linear(let name):
        return condition(name).flatMap { $0.bitsPerCompressedParameter > 0 ? estimate($0.bitsPerCompressedParameter) : nil }
      case .model(let name): return condition(name).map { estimate($0.effectiveBitsPerParameter) }
      case .saved(let name):
        guard let own = condition(name), let base = findings.baseline, base.effectiveBitsPerParameter > 0 else { return nil }
        return estimate(100 * (1 - own.effectiveBitsPerParameter / base.effectiveBitsPerParameter))
      case .compressedShare:
        let model = findings.description.model
        guard model.parameterCount > 0 else { return nil }
        return estimate(100 * Double(model.compressibleParameterCount) / Double(model.parameterCount))
      }
    case .count(let count):
      let value =
        switch count {
        case .tokens: measured.tokens
        case .predictions: measured.predictions
        case .chunks: measured.chunks
        case .batches: measured.batches
        case .documents: measured.documents
        }
      return value > 0 ? Estimate(value: Double(value), tokenCount: measured.tokens, clusterCount: measured.chunks) : nil
    }
  }

  private static func reported(_ address: MeasureAddress, _ findings: Findings) -> Estimate? {
    func snapshot(_ count: Int, _ stratum: Stratum) -> Estimate? {
      findings.snapshots.first {
        $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum && $0.tokens == count
      }?.estimate
    }
    switch address.tokens {
    case .stratum(let stratum):
      guard
        let finding = findings.findings.first(where: {
          $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum
        })
      else { return nil }
      switch address.quantity {
      case .value: return finding.estimate
      case .change: return finding.change
      case .percent: return finding.percentChange
      }
    case .source(let name):
      guard address.metric == Metric.crossEntropy.id,
        let source = findings.sources.first(where: { $0.source == name && $0.condition == address.condition })
      else { return nil }
      switch address.quantity {
      case .value: return source.crossEntropy
      case .change: return nil
      case .percent: return source.percentChange
      }
    case .first(let count, let stratum):
      return address.quantity == .value ? snapshot(count, stratum) : nil
    case .between(let first, let last, let stratum):
      guard address.quantity == .value, let before = snapshot(first, stratum), let after = snapshot(last, stratum) else { return nil }
      return Estimate(
        value: after.value - before.value, tokenCount: after.tokenCount, clusterCount: after.clusterCount)
    }
  }

  /// Every id that can be derived in these findings, in the report's order; of differences between snapshots those of
  /// neighbours.
  public static func ids(in findings: Findings) -> [String] {
    var ids: [String] = []
    for finding in findings.findings {
      let tokens = MeasureAddress.Tokens.stratum(finding.stratum)
      func id(_ quantity: MeasureAddress.Quantity) -> String {
        MeasureAddress(metric: finding.metric.id, condition: finding.condition, tokens: tokens, quantity: quantity).id
      }
      ids.append(id(.value))
      if finding.change != nil { ids.append(id(.change)) }
      if finding.percentChange != nil { ids.append(id(.percent)) }
    }
    for source in findings.sources {
      let value = MeasureAddress(
        metric: Metric.crossEntropy.id, condition: source.condition, tokens: .source(source.source))
      ids.append(value.id)
      if source.percentChange != nil { ids.append(value.id + "/percent") }
    }
    for snapshot in findings.snapshots {
      let own = findings.snapshots.filter {
        $0.metric.id == snapshot.metric.id && $0.condition == snapshot.condition && $0.stratum == snapshot.stratum
      }
      let before = own.filter { $0.tokens < snapshot.tokens }.map(\.tokens).max()
      for tokens in [
        .first(snapshot.tokens, snapshot.stratum), before.map { .between($0, snapshot.tokens, snapshot.stratum) },
      ].compactMap({ $0 as MeasureAddress.Tokens? }) {
        let id = MeasureAddress(metric: snapshot.metric.id, condition: snapshot.condition, tokens: tokens).id
        if !ids.contains(id) { ids.append(id) }
      }
    }
    let shares = CellGroup.allCases.flatMap { group in CellShare.Whole.allCases.map { NumberAddress.share(group, $0) } }
    let names = findings.description.conditions.map(\.name)
    let sizes: [SizeAddress] =
      names.flatMap { [.linear($0), .model($0)] } + findings.compressed.map { .saved($0.name) } + [.compressedShare]
    let others = shares + sizes.map(NumberAddress.size) + SampleCount.allCases.map(NumberAddress.count)
    return ids + others.filter { reported($0, findings) != nil }.map(\.id)
  }

  /// Ids with the most parts in common.
  private static func similar(_ id: String, _ findings: Findings) -> [String] {
    let parts = Set(id.split(separator: "/"))
    let ranked = ids(in: findings).enumerated().map { ($0.offset, $0.element, parts.intersection($0.element.split(separator: "/")).count) }
    let most = ranked.map(\.2).max() ?? 0
    return ranked.filter { $0.2 == most }.prefix(5).map(\.1)
  }
}

public enum DerivationError: Error, Equatable, CustomStringConvertible {
  case noSuchNumber(String, similar: [String])
  case notMeasured(String)
  case unknownSource(String, known: [String])
  /// An imported run that has values without raw measurements.
  case onlyValues(String)

  public var description: String {
    switch self {
    case .noSuchNumber(let id, let similar):
      """
      \(id): no number of this run has this id\(similar.isEmpty ? "" : "; near it are \(similar.joined(separator: ", "))"). \
      `clearbox explain RUN` lists all.
      """
    case .notMeasured(let path): "\(path): the run did not measure it."
    case .unknownSource(let name, let known): "\(name): no text source of this run; it has \(known.joined(separator: ", "))."
    case .onlyValues(let id): "\(id): this run was imported as values; it has no raw measurements to derive them from."
    }
  }
}

extension CellShare.Whole {
  /// In words.
  public var title: String {
    switch self {
    case .tokens: "tokens"
    case .energy: "Σ‖x‖²"
    case .denominator: "the textbook FVU’s denominator"
    case .numerator: "FVU’s numerator"
    }
  }
}

extension CellGroup {
  /// In words.
  public var title: String {
    switch self {
    case .ordinary: "ordinary"
    case .first: "first positions and BOS"
    case .massive: "massive"
    case .firstAndMassive: "first and massive"
    case .allMassive: "all massive"
    }
  }
}
