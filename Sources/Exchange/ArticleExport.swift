import Foundation
import RunFile

/// Runs as one JSON file in the article's layout, which the article's own notebook reads.
public enum ArticleExport {
  /// - Parameter runs: one per model.
  /// - Throws: `ExchangeError.sameName` for two runs of one model; `RunFileError`, `AnalysisError`.
  public static func data(_ runs: [RunReader]) throws -> Data {
    var conditions: [String: SortedJSON] = [:]
    for (index, run) in runs.enumerated() {
      let model = run.description.model.name
      if let first = runs.prefix(index).first(where: { $0.description.model.name == model }) {
        throw ExchangeError.sameName(model: run.description.model.name, first: first.path, second: run.path)
      }
      conditions[model] = .object(try entries(of: run))
    }
    return try SortedJSON.object(["metadata": try metadata(of: runs), "conditions": .object(conditions)]).data()
  }

  // MARK: Conditions

  private static func entries(of run: RunReader) throws -> [String: SortedJSON] {
    let values = try ArticleValues.of(run)
    let names = bitWidths(of: run.description)
    var entries: [String: SortedJSON] = [:]
    for (condition, bits) in zip(run.description.conditions, names) {
      let missing = run.description.origin?.notMeasured.filter { $0.condition == condition.name } ?? []
      if let whole = missing.first(where: { $0.part == nil }) {
        entries[bits] = .object(["status": .text(whole.status)])
        continue
      }
      var parts: [String: SortedJSON] = [:]
      let own = values.filter { $0.condition == condition.name && $0.stratum == "all" }
      parts["sae"] = reconstruction(own)
      parts["noise_floor"] = part(own, ArticleLayout.noiseFloor)
      parts["performance"] = performance(own)
      for entry in missing { if let name = entry.part { parts[name] = .object(["status": .text(entry.status)]) } }
      // A condition of which nothing was measured has no place in the article's layout.
      if !parts.isEmpty { entries[bits] = .object(parts) }
    }
    return entries
  }

  /// What the article calls a run's conditions: `bf16`, `8bit`, `4bit`; other conditions keep their names, and so does
  /// the second of two that would share one.
  static func bitWidths(of description: RunDescription) -> [String] {
    var taken: Set<String> = []
    return description.conditions.map { condition in
      let isDouble = condition.parameters.contains { $0.key == "double_quantization" && $0.value == "true" }
      let name: String? =
        switch condition.kind {
        case "bf16": "bf16"
        case "f32" where condition.isBaseline: "bf16"
        case "int8": "8bit"
        case "nf4" where isDouble: "4bit"
        default: nil
        }
      let chosen = name.flatMap { taken.contains($0) ? nil : $0 } ?? condition.name
      taken.insert(chosen)
      return chosen
    }
  }

  private static func part(
    _ values: [SummaryValue], _ keys: [(key: String, metric: String)], requested: Int? = nil, tokens: Int? = nil
  ) -> SortedJSON? {
    var members: [String: SortedJSON] = [:]
    var count: Int?
    for (key, metric) in keys {
      guard
        let value = values.first(where: {
          $0.metric == metric && $0.requestedTokens == requested && (tokens == nil || $0.tokens == tokens)
        })
      else { continue }
      members[key] = .real(value.value)
      count = count ?? value.tokens
    }
    if members.isEmpty { return nil }
    members["tokens"] = count.map { .integer($0) }
    return .object(members)
  }

  private static func reconstruction(_ values: [SummaryValue]) -> SortedJSON? {
    guard case .object(var members) = part(values, ArticleLayout.sae) else { return nil }
    let snapshots = values.filter { $0.requestedTokens != nil && $0.metric == ArticleLayout.snapshot[0].metric }
    members["stability"] = .list(
      snapshots.compactMap {
        part(values, ArticleLayout.snapshot, requested: $0.requestedTokens, tokens: $0.tokens)
      })
    return .object(members)
  }

  private static func performance(_ values: [SummaryValue]) -> SortedJSON? {
    guard case .object(var members) = part(values, ArticleLayout.performance) else { return nil }
    // The article's code writes null where there is no baseline to compare with.
    for (key, _) in ArticleLayout.performance where key.hasPrefix("delta") && members[key] == nil {
      members[key] = .null
    }
    return .object(members)
  }

  // MARK: Metadata

  /// The source's own metadata where all runs come from one; otherwise what the runs agree on.
  private static func metadata(of runs: [RunReader]) throws -> SortedJSON {
    let models = SortedJSON.list(runs.map { .text($0.description.model.name) })
    let origins = runs.map(\.description.origin)
    if let origin = origins.first ?? nil, let metadata = origin.metadata,
      origins.allSatisfy({ $0?.sha256 == origin.sha256 })
    {
      guard case .object(var members) = try SortedJSON.parse(Data(metadata.utf8), file: runs[0].path) else {
        throw RunFileError.damagedDescription(path: runs[0].path, reason: "origin.metadata is no JSON object")
      }
      // One model of several may be handed out alone; all of them keep the source's own list.
      if case .list(let listed)? = members["models"], listed.count != runs.count { members["models"] = models }
      return .object(members)
    }
    let descriptions = runs.map(\.description)
    func agreed(_ value: (RunDescription) -> SortedJSON?) -> SortedJSON? {
      let values = descriptions.map(value)
      return values.allSatisfy { $0 == values.first } ? values.first ?? nil : nil
    }
    func has(_ experiment: String) -> SortedJSON {
      .bool(descriptions.contains { $0.experiments.contains(experiment) })
    }
    var members: [String: SortedJSON] = [
      "models": models, "gpu": .null,
      "bit_widths": .list(bitWidths(of: descriptions).map { .text($0) }),
      "measurements": .object([
        "sae": has("sae"), "noise_floor": has("noise_floor"), "model_performance": has("accuracy"),
      ]),
    ]
    members["timestamp"] = descriptions.first.flatMap { stamp($0.provenance.startTime) }.map { .text($0) }
    members["n_tokens"] = agreed { .integer($0.budget.headline) }
    members["headline_target"] = agreed { .integer($0.budget.headline) }
    members["max_tokens"] = agreed { .integer(max($0.budget.headline, $0.budget.snapshots.max() ?? 0)) }
    members["dataset"] = agreed { $0.corpus.name == RunDescription.notRecorded ? nil : .text($0.corpus.name) }
    members["shuffle_seed"] = agreed { number(after: "seed ", in: $0.corpus.order).map { .integer($0) } }
    members["shuffle_buffer"] = agreed { number(after: "buffer ", in: $0.corpus.order).map { .integer($0) } }
    return .object(members)
  }

  /// All runs' bit widths, in the order of their first use.
  private static func bitWidths(of descriptions: [RunDescription]) -> [String] {
    descriptions.flatMap { bitWidths(of: $0) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// "2026-01-02T03:04:05Z" as the article's "20260102_030405"; nil for a time that is not recorded.
  static func stamp(_ time: String) -> String? {
    let digits = time.prefix(19).filter { $0.isASCII && $0.isNumber }
    guard digits.count == 14, time.count >= 19 else { return nil }
    return digits.prefix(8) + "_" + digits.suffix(6)
  }

  /// The number behind a word of the corpus's order, "shuffled as numpy does, seed 0, buffer 10000".
  private static func number(after word: String, in order: String) -> Int? {
    guard let found = order.range(of: word) else { return nil }
    return Int(order[found.upperBound...].prefix { $0.isASCII && $0.isNumber })
  }
}
