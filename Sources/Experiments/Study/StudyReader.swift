import Measures
import RunFile

/// Reads a `Study` out of YAML nodes: every key known, every value checked, defaults filled in.
///
/// docs/study-file.md documents the keys; the two change together.
enum StudyReader {
  static func read(_ root: StudyNode) throws -> Study {
    let keys = try root.keys([
      "title", "models", "corpus", "packing", "experiments", "conditions", "tokens", "strata", "reruns",
      "splice", "features", "bootstrap", "seed",
    ])
    let seed = UInt64(try keys["seed"]?.integer(from: 0, to: .max) ?? 0)
    let title = try keys.require("title", example: "title: Gemma 3 under compression").string()
    let models = try models(keys.require("models", example: "models: [{ name: …, checkpoint: …, layer: … }]"))
    var study = Study(
      title: title, models: models,
      corpus: try corpus(keys.require("corpus", example: "corpus: { path: texts.jsonl }"), seed: seed),
      packing: try packing(keys["packing"]),
      experiments: try experiments(keys.require("experiments", example: "experiments: [accuracy, sae]")),
      conditions: try conditions(
        keys.require("conditions", example: "conditions: [bf16, int8, nf4]"), models: models.map(\.name)),
      tokens: try tokens(keys.require("tokens", example: "tokens: { headline: 50000 }")),
      strata: try strata(keys["strata"]),
      reruns: try reruns(keys["reruns"], seed: seed),
      bootstrap: try bootstrap(keys["bootstrap"]),
      seed: seed)
    if let entry = keys["splice"] {
      guard study.experiments.contains("splice") else {
        throw entry.impossible("the study does not select the experiment 'splice'")
      }
      study.splice.tokens = try entry.keys(["tokens"])["tokens"]?.integer(from: 1) ?? study.splice.tokens
    }
    if let entry = keys["features"] {
      guard study.experiments.contains("features") else {
        throw entry.impossible("the study does not select the experiment 'features'")
      }
      study.keepsFeatureGroups = try entry.keys(["group_sums"])["group_sums"]?.bool() ?? false
    }
    return study
  }

  private static func models(_ node: StudyNode) throws -> [Study.Model] {
    var models: [Study.Model] = []
    for entry in try node.list() {
      let keys = try entry.keys(["name", "checkpoint", "layer", "sae"])
      let nameNode = try keys.require("name", example: "name: gemma-3-270m")
      let name = try nameNode.string()
      // Names become file names.
      guard isName(name) else { throw nameNode.impossible("letters, digits, '-', '_' and '.' make a name") }
      guard !models.contains(where: { $0.name == name }) else {
        throw nameNode.impossible("another model has that name already")
      }
      models.append(
        Study.Model(
          name: name,
          checkpoint: try keys.require("checkpoint", example: "checkpoint: model.gguf").string(),
          layer: try keys.require("layer", example: "layer: 9").integer(from: 0, to: 1 << 20),
          sae: try keys["sae"]?.string()))
    }
    guard !models.isEmpty else { throw node.impossible("a study needs at least one model") }
    return models
  }

  private static func corpus(_ node: StudyNode, seed: UInt64) throws -> Study.Text {
    let keys = try node.keys(["path", "text", "source", "order"])
    let path = try keys.require("path", example: "path: texts.jsonl")
    let paths = try path.node.sequence == nil ? [path.string()] : path.list().map { try $0.string() }
    guard !paths.isEmpty else { throw path.impossible("at least one file is needed") }
    return Study.Text(
      paths: paths,
      text: try keys["text"]?.string() ?? "text",
      source: try keys["source"]?.string(),
      order: try order(keys["order"], seed: seed))
  }

  private enum Shuffle: String, CaseIterable { case numpy }
  private enum FileOrder: String, CaseIterable { case file }

  private static func order(_ node: StudyNode?, seed: UInt64) throws -> CorpusOrder {
    guard let node else { return .file }
    if node.node.scalar != nil {
      _ = try node.name(FileOrder.self)
      return .file
    }
    let keys = try node.keys(["shuffle", "seed", "buffer"])
    _ = try keys.require("shuffle", example: "shuffle: numpy").name(Shuffle.self)
    return .shuffled(
      seed: try keys["seed"].map { UInt64(try $0.integer(from: 0, to: .max)) } ?? seed,
      buffer: try keys["buffer"]?.integer(from: 1) ?? 10_000)
  }

  private static func packing(_ node: StudyNode?) throws -> Study.Packing {
    let keys = try node?.keys(["style", "length", "batch"])
    let style = try keys?["style"]?.name(PackingStyle.self) ?? .article
    let length = try keys?["length"]?.integer(from: 2, to: 1 << 20) ?? 512
    if style == .llamaCpp, length < 4, let entry = keys?["length"] {
      throw entry.impossible("llama_cpp scores the second half of a chunk, which takes at least 4 tokens")
    }
    return Study.Packing(
      style: style, length: length,
      batch: try keys?["batch"]?.integer(from: 1, to: 1 << 20) ?? 4)
  }

  private static func experiments(_ node: StudyNode) throws -> [String] {
    var names: [String] = []
    for entry in try node.list() {
      let name = try entry.string()
      guard !names.contains(name) else { throw entry.impossible("it is listed twice; once is enough") }
      names.append(name)
    }
    guard !names.isEmpty else { throw node.impossible("a study needs at least one experiment") }
    return names
  }

  private static func tokens(_ node: StudyNode) throws -> Study.TokenBudget {
    let keys = try node.keys(["headline", "snapshots", "counts", "limit"])
    let headline = try keys.require("headline", example: "headline: 50000").integer(from: 1)
    var snapshots: [Int] = []
    let entries = try keys["snapshots"]?.list() ?? []
    if entries.count > RunDescription.mostNames, let entry = keys["snapshots"] {
      throw entry.impossible("a run keeps at most \(RunDescription.mostNames)")
    }
    for entry in entries {
      let count = try entry.integer(from: 1)
      guard count > snapshots.last ?? 0 else { throw entry.impossible("snapshots must rise from one to the next") }
      snapshots.append(count)
    }
    let counts = try counts(keys["counts"])
    let limit = try keys["limit"]?.integer(from: 1)
    if let limit, let entry = keys["limit"] {
      if limit < headline { throw entry.impossible("the headline needs at least \(headline) tokens") }
      if let last = snapshots.last, limit < last {
        throw entry.impossible("the last snapshot needs at least \(last) tokens")
      }
      if let most = counts.values.max(), limit < most {
        throw entry.impossible("the counts need at least \(most) tokens")
      }
    }
    return Study.TokenBudget(
      headline: headline, snapshots: snapshots.isEmpty ? [headline] : snapshots, counts: counts,
      limit: limit)
  }

  /// Experiments with columns of their own; the others work on theirs.
  private static let counted = [Measure].all.filter { !$0.columns.isEmpty }.map(\.experiment).sorted()

  private static func counts(_ node: StudyNode?) throws -> [String: Int] {
    let keys = try node?.keys(counted)
    return try counted.reduce(into: [:]) { counts, name in
      counts[name] = try keys?[name]?.integer(from: 1)
    }
  }

  private static func strata(_ node: StudyNode?) throws -> Study.Strata {
    let keys = try node?.keys(["massive", "first_positions"])
    let massive = try keys?["massive"]?.number() ?? 5
    if massive <= 1, let entry = keys?["massive"] {
      throw entry.impossible("a multiple of the median above 1 is needed")
    }
    return Study.Strata(
      massive: massive, firstPositions: try keys?["first_positions"]?.integer(from: 0, to: 1 << 20) ?? 4)
  }

  private enum RerunWords: String, CaseIterable { case all, none }

  private static func reruns(_ node: StudyNode?, seed: UInt64) throws -> Study.Reruns {
    guard let node else { return Study.Reruns(tokens: nil, isCapped: true, seed: seed) }
    if node.node.int != nil { throw node.impossible("write { tokens: \(node.found) }, all or none") }
    if node.node.scalar != nil {
      let isAll = try node.name(RerunWords.self) == .all
      return Study.Reruns(tokens: isAll ? nil : 0, isCapped: false, seed: seed)
    }
    let keys = try node.keys(["tokens", "seed"])
    let tokens = try keys["tokens"].flatMap { entry in
      guard entry.node.scalar?.string != RerunWords.all.rawValue else { return nil as Int? }
      guard entry.node.int != nil else { throw entry.wrongType("a whole number, or all,") }
      return try entry.integer(from: 1)
    }
    return Study.Reruns(
      tokens: tokens, isCapped: keys["tokens"] == nil,
      seed: try keys["seed"].map { UInt64(try $0.integer(from: 0, to: .max)) } ?? seed)
  }

  private static func bootstrap(_ node: StudyNode?) throws -> Study.Bootstrap {
    let keys = try node?.keys(["replicates", "level"])
    let level = try keys?["level"]?.number() ?? 0.95
    if !(0.5...0.9999 ~= level), let entry = keys?["level"] {
      throw entry.impossible("a share from 0.5 to 0.9999 is needed, such as 0.95")
    }
    return Study.Bootstrap(
      replicates: try keys?["replicates"]?.integer(from: 100, to: 100_000) ?? 2000, level: level)
  }
}
