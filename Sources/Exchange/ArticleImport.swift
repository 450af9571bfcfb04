import Foundation
import RunFile

/// Results of the article's code (`results/run_<time>.json`) as summary runs, one per model.
///
/// A missing measurement was not made; `{"status": …}`, of a measurement or of a whole condition, was tried and failed.
/// Any other value that is missing or of another type is an error: nothing is guessed.
struct ArticleImport {
  var file: String
  var sha256: String
  var program: ImportingProgram
  private let root: JSONNode

  init(_ bytes: Data, file: String, sha256: String, program: ImportingProgram) throws {
    self.file = file
    self.sha256 = sha256
    self.program = program
    root = JSONNode(value: try SortedJSON.parse(bytes, file: file), place: "", file: file)
  }

  func runs() throws -> [SummaryRun] {
    let metadata = try root.member("metadata")
    let models = Dictionary(uniqueKeysWithValues: try root.member("conditions").members().map { ($0.key, $0.node) })
    // The order in which the source lists its models; those it does not list follow by name.
    let listed = try metadata.optional("models")?.elements().map { try $0.text() } ?? []
    let rest = models.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var seen: Set<String> = []
    return try (listed + rest).compactMap { name in
      guard seen.insert(name).inserted, let node = models[name] else { return nil }
      return try run(of: name, node, metadata)
    }
  }

  // MARK: One model

  private func run(of model: String, _ node: JSONNode, _ metadata: JSONNode) throws -> SummaryRun {
    let known = ArticleLayout.conditions.map(\.bits)
    let entries = try node.members()
    if let unknown = entries.first(where: { !known.contains($0.key) }) {
      throw ExchangeError.unknownBitWidth(file: file, place: unknown.node.place, known: known)
    }
    guard entries.contains(where: { $0.key == known[0] }) else {
      throw ExchangeError.noBaseline(file: file, model: model)
    }
    let headline = try metadata.optional("headline_target")?.count()
    var values = ConditionValues(checkpoints: Set(ArticleLayout.checkpoints + [headline].compactMap { $0 }).sorted())
    for condition in ArticleLayout.conditions {
      guard let entry = entries.first(where: { $0.key == condition.bits })?.node else { continue }
      try values.add(entry, of: condition.name)
    }
    guard !values.values.isEmpty else { throw ExchangeError.nothingMeasured(file: file, model: model) }
    let names = Set(entries.map(\.key))
    return SummaryRun(
      description: try description(
        of: model, ArticleLayout.conditions.filter { names.contains($0.bits) }.map(\.name), values, metadata, headline),
      values: values.values)
  }

  private func description(
    of model: String, _ names: [String], _ values: ConditionValues, _ metadata: JSONNode, _ headline: Int?
  ) throws -> RunDescription {
    let unknown = RunDescription.notRecorded
    let protocolled = ArticleProtocol.named(model)
    let base = ImportedDescription(model: model, file: file)
    let snapshots = Set(values.values.compactMap(\.requestedTokens)).sorted()
    var experiments: [String] = []
    if values.parts.contains("performance") { experiments.append("accuracy") }
    if values.parts.contains("sae") { experiments.append("sae") }
    if !snapshots.isEmpty { experiments.append("stabilization") }
    if values.parts.contains("noise_floor") { experiments.append("noise_floor") }
    var order = unknown
    if let seed = try metadata.optional("shuffle_seed")?.count() {
      order = "shuffled as numpy does, seed \(seed)"
      if let buffer = try metadata.optional("shuffle_buffer")?.count() { order += ", buffer \(buffer)" }
    }
    let gpu = try metadata.optional("gpu")?.text()
    return RunDescription(
      title: base.title, study: base.study, studyText: base.studyText,
      model: base.modelDescription(layer: protocolled?.layer ?? -1, dModel: nil),
      sae: values.parts.contains("sae")
        ? protocolled?.sae
          ?? .init(name: unknown, format: unknown, architecture: unknown, featureCount: 0, sha256: unknown) : nil,
      corpus: .init(
        name: try metadata.optional("dataset")?.text() ?? unknown, files: [], sha256: unknown, sources: [],
        documentCount: 0, order: order, packing: "article", chunkLength: values.chunkLength, batchSize: 4,
        tokenStreamSHA256: unknown),
      conditions: ArticleLayout.conditions.filter { names.contains($0.name) }.map {
        base.condition(
          name: $0.name, label: $0.label, kind: $0.kind, isBaseline: $0.name == ArticleLayout.conditions[0].name,
          parameters: $0.parameters.map { RunDescription.Parameter(key: $0.0, value: $0.1) })
      },
      experiments: experiments,
      budget: .init(headline: headline ?? values.values.compactMap(\.tokens).max() ?? 0, snapshots: snapshots),
      strata: .init(firstPositions: 0, massiveMultiple: 0), bootstrap: .init(replicates: 0, level: 0.95), seed: 0,
      provenance: .init(
        clearboxVersion: program.version, commit: program.commit, cpu: gpu.map { "\($0) (GPU)" } ?? unknown, threads: 0,
        kernels: unknown, libraries: [], operatingSystem: unknown,
        startTime: try metadata.optional("timestamp").map { try Self.time($0.text()) } ?? unknown),
      origin: .init(
        file: base.fileName, sha256: sha256, format: .articleJSON,
        metadata: String(decoding: try metadata.value.data(isIndented: false), as: UTF8.self),
        notMeasured: values.notMeasured))
  }

  /// "20260624_120000", the local time of a machine that is not named, as ISO 8601; another spelling as it is.
  static func time(_ stamp: String) -> String {
    let digits = Array(stamp)
    guard digits.count == 15, digits[8] == "_", digits.allSatisfy({ $0 == "_" || $0.isASCII && $0.isNumber }) else {
      return stamp
    }
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))"
  }
}

/// The values of a model's conditions as they are found in the article's layout.
private struct ConditionValues {
  /// Ascending.
  let checkpoints: [Int]
  private(set) var values: [SummaryValue] = []
  private(set) var notMeasured: [RunDescription.Origin.Missing] = []
  /// Parts that have a value in some condition.
  private(set) var parts: Set<String> = []
  private var inputTokens: Set<Int> = []
  private var predictions: Set<Int> = []

  init(checkpoints: [Int]) { self.checkpoints = checkpoints }

  mutating func add(_ entry: JSONNode, of condition: String) throws {
    if let status = try entry.optional("status") {
      notMeasured.append(.init(condition: condition, part: nil, status: try status.text()))
      return
    }
    for (part, node) in try entry.members() {
      guard ArticleLayout.parts.contains(part) else {
        throw ExchangeError.unknownPart(file: node.file, place: node.place, known: ArticleLayout.parts)
      }
      if let status = try node.optional("status") {
        notMeasured.append(.init(condition: condition, part: part, status: try status.text()))
        continue
      }
      let tokens = try node.member("tokens").count()
      parts.insert(part)
      switch part {
      case "sae":
        try add(node, ArticleLayout.sae, of: condition, tokens: tokens)
        inputTokens.insert(tokens)
        for snapshot in try node.optional("stability")?.elements() ?? [] {
          let tokens = try snapshot.member("tokens").count()
          try add(
            snapshot, ArticleLayout.snapshot, of: condition, tokens: tokens,
            requested: checkpoints.last { $0 <= tokens } ?? tokens)
        }
      case "noise_floor": try add(node, ArticleLayout.noiseFloor, of: condition, tokens: tokens)
      default:
        try add(node, ArticleLayout.performance, of: condition, tokens: tokens)
        predictions.insert(tokens)
      }
    }
  }

  private mutating func add(
    _ node: JSONNode, _ keys: [(key: String, metric: String)], of condition: String, tokens: Int, requested: Int? = nil
  ) throws {
    for (key, metric) in keys {
      // Only the differences may be missing or null: the source has none without its baseline.
      guard let value = key.hasPrefix("delta") ? try node.optional(key) : try node.member(key) else { continue }
      values.append(
        SummaryValue(
          metric: metric, condition: condition, requestedTokens: requested, tokens: tokens, value: try value.number()))
    }
  }

  /// Each chunk's last token has no prediction, so both counts together tell the chunks' number; 0 where they do not.
  var chunkLength: Int {
    guard inputTokens.count == 1, predictions.count == 1, let tokens = inputTokens.first,
      let predictions = predictions.first, tokens > predictions, tokens % (tokens - predictions) == 0
    else { return 0 }
    return tokens / (tokens - predictions)
  }
}

/// What the article's code measured, model by model, and its results do not say.
struct ArticleProtocol {
  var layer: Int
  var sae: RunDescription.SAE

  static func named(_ model: String) -> ArticleProtocol? {
    let layers = ["google/gemma-3-4b-pt": (17, "4b"), "google/gemma-3-12b-pt": (24, "12b")]
    guard let (layer, size) = layers[model] else { return nil }
    return ArticleProtocol(
      layer: layer,
      sae: .init(
        name: "gemma-scope-2-\(size)-pt-res, layer_\(layer)_width_16k_l0_medium", format: "Gemma Scope 2",
        architecture: "jumprelu", featureCount: 16_384, sha256: RunDescription.notRecorded))
  }
}
