import Codecs
import Digests
import Foundation
import RunFile

/// What the source's own description says: JSON with the keys of a run file's description, few of them required.
struct GivenDescription {
  let root: JSONNode
  let model: String
  let layer: Int
  /// Names, the baseline first.
  let conditions: [String]
  let sources: [String]
  let batchSize: Int

  init(_ run: UnverifiedRun) throws {
    guard let json = run.descriptionJSON else { throw ExchangeError.noDescription(file: run.path) }
    let place = "the attribute description"
    let value: SortedJSON
    do { value = try SortedJSON.parse(Data(json.utf8), file: run.path) } catch {
      throw ExchangeError.badDescription(file: run.path, place: "the text", reason: "is not JSON")
    }
    root = JSONNode(value: value, place: place, file: run.path)
    let model = try root.member("model")
    self.model = try model.member("name").text()
    guard !self.model.isEmpty else { throw model.wrong("a model's name") }
    layer = try model.member("layer").count()
    let entries = try root.member("conditions").elements()
    guard !entries.isEmpty else {
      throw try root.member("conditions").wrong("a list of conditions, the baseline first")
    }
    conditions = try entries.map { try $0.member("name").text() }
    for (index, entry) in entries.enumerated() {
      guard let flag = try entry.optional("isBaseline"), flag.value != .bool(index == 0) else { continue }
      throw flag.wrong(
        index == 0 ? "true: the first condition is the baseline" : "false: only the first is the baseline")
    }
    let corpus = try root.member("corpus")
    sources = try corpus.optional("sources")?.elements().map { try $0.text() } ?? ["text"]
    let size = try corpus.member("batchSize")
    batchSize = try size.count()
    guard batchSize > 0 else { throw size.wrong("chunks in one forward pass, at least 1") }
    guard !sources.isEmpty, sources.count <= 255 else { throw corpus.wrong("sources: 1 to 255 labels") }
  }

  /// D: as stated, or as the model's name tells, or as the vectors have it; they must agree.
  func dModel(of run: UnverifiedRun) throws -> Int {
    let stated = try root.member("model").optional("dModel")?.count()
    let vectors = run.datasets.first { $0.path.hasSuffix("/sae/vector_sum") && $0.shape.count == 3 }?.shape[2]
    let named = Gemma3Shape.named(model)?.dModel
    if let stated, let named, stated != named {
      throw ExchangeError.badDescription(
        file: run.path, place: "model.dModel",
        reason: "is \(stated), but a model named \(model) is \(named) wide: name another model, or correct the width")
    }
    if let found = stated ?? named ?? vectors { return found }
    guard run.datasets.contains(where: { $0.path.hasPrefix("/measurements/") && $0.path.contains("/sae/") }) else {
      return 0
    }
    throw ExchangeError.badDescription(
      file: run.path, place: "model.dModel", reason: "is missing; it is the width of the residual stream")
  }

  func description(
    of run: UnverifiedRun, _ tables: ForeignTables, _ columns: ForeignColumns, dModel: Int, sha256: String,
    program: ImportingProgram
  ) throws -> RunDescription {
    let base = ImportedDescription(model: model, file: run.path)
    let unknown = RunDescription.notRecorded
    let stream = tables.tokens.id.withUnsafeBytes { SHA256.hash(data: Data($0)).hexadecimal }
    if let stated = try root.member("corpus").optional("tokenStreamSHA256")?.text(), stated != unknown, stated != stream
    {
      throw ExchangeError.badDescription(
        file: run.path, place: "corpus.tokenStreamSHA256", reason: "is \(stated), but that of /tokens/id is \(stream)")
    }
    let measured = Set(columns.definitions.map(\.experiment))
    let snapshots = try root.optional("budget")?.optional("snapshots")?.elements().map { try $0.count() } ?? []
    var experiments = columns.definitions.map(\.experiment).reduce(into: [String]()) { list, name in
      if !list.contains(name) { list.append(name) }
    }
    if measured.contains("sae"), !snapshots.isEmpty { experiments.append("stabilization") }
    let strata = try root.member("strata")
    var defaults = RunDescription(
      title: base.title, study: base.study, studyText: base.studyText,
      model: base.modelDescription(layer: layer, dModel: dModel),
      sae: measured.contains("sae")
        ? .init(name: unknown, format: unknown, architecture: unknown, featureCount: 0, sha256: unknown) : nil,
      corpus: .init(
        name: unknown, files: [], sha256: unknown, sources: sources,
        documentCount: Set(tables.tokens.document).count, order: unknown, packing: unknown,
        chunkLength: Int(tables.chunks.tokenCount.max() ?? 0), batchSize: batchSize, tokenStreamSHA256: stream),
      conditions: [], experiments: experiments,
      budget: .init(headline: tables.tokenCount, snapshots: snapshots),
      strata: .init(
        firstPositions: try strata.member("firstPositions").count(),
        massiveMultiple: try strata.member("massiveMultiple").number(),
        medianNorm: median(tables, columns)),
      bootstrap: .init(replicates: 2000, level: 0.95), seed: 0,
      provenance: .init(
        clearboxVersion: program.version, commit: program.commit, cpu: unknown, threads: 0, kernels: unknown,
        libraries: [], operatingSystem: unknown, startTime: unknown))
    defaults.conditions = try root.member("conditions").elements().enumerated().map { index, entry in
      let kind = try entry.member("kind").text()
      let parameters =
        try entry.optional("parameters")?.elements().map {
          RunDescription.Parameter(key: try $0.member("key").text(), value: try $0.member("value").text())
        } ?? []
      var condition = base.condition(
        name: conditions[index], label: try entry.optional("label")?.text() ?? conditions[index], kind: kind,
        isBaseline: index == 0, parameters: parameters)
      if let bits = try entry.optional("bitsPerCompressedParameter") {
        condition.bitsPerCompressedParameter = try bits.number()
      }
      if let bits = try entry.optional("effectiveBitsPerParameter") {
        condition.effectiveBitsPerParameter = try bits.number()
        guard condition.effectiveBitsPerParameter > 0 else { throw bits.wrong("more than zero") }
      } else if condition.effectiveBitsPerParameter == 0 {
        throw ExchangeError.badDescription(
          file: run.path, place: "conditions.\(index).effectiveBitsPerParameter",
          reason:
            "is missing, and cannot be told from the name of this model. It is 8 × the weights' bytes ∕ parameters, "
            + "over the whole model")
      }
      return condition
    }
    var description = try merged(defaults, file: run.path)
    description.experiments = experiments
    description.provenance.clearboxVersion = program.version
    description.provenance.commit = program.commit
    addVolatile(of: run, to: &description.provenance)
    description.origin = .init(file: base.fileName, sha256: sha256, format: .runFile)
    return description
  }

  /// The default description with the source's own members in place of the defaults.
  private func merged(_ defaults: RunDescription, file: String) throws -> RunDescription {
    let value = try SortedJSON.parse(try JSONEncoder().encode(defaults), file: file)
    var given = root.value
    if case .object(var members) = given {
      // Taken over already, entry by entry.
      members["conditions"] = nil
      given = .object(members)
    }
    var description: RunDescription
    do { description = try JSONDecoder().decode(RunDescription.self, from: value.overridden(by: given).data()) } catch {
      throw ExchangeError.badDescription(file: file, place: Self.place(error), reason: Self.reason(error))
    }
    // What is measured again is none of the conditions, and no column of it is taken over.
    description.rerunConditions = nil
    description.reruns = nil
    let budget = description.budget
    for (place, isPossible, needed) in [
      ("bootstrap.replicates", 100...10_000_000 ~= description.bootstrap.replicates, "from 100 to 10,000,000"),
      ("bootstrap.level", 0.5...0.9999 ~= description.bootstrap.level, "from 0.5 to 0.9999"),
      ("budget.headline", budget.headline > 0, "at least 1"),
      (
        "budget.snapshots",
        (budget.snapshots.first ?? 1) > 0 && zip(budget.snapshots, budget.snapshots.dropFirst()).allSatisfy(<),
        "rising from 1"
      ),
      ("budget.counts", budget.counts.allSatisfy { $0.tokens > 0 }, "at least 1 each"),
      ("model.layerCount", description.model.layerCount >= 0, "no less than 0"),
      ("model.parameterCount", description.model.parameterCount >= 0, "no less than 0"),
    ] where !isPossible {
      throw ExchangeError.badDescription(file: file, place: place, reason: "must be \(needed)")
    }
    return description
  }

  private static func place(_ error: any Error) -> String {
    let path: [any CodingKey] =
      switch error {
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context):
        context.codingPath
      default: []
      }
    return path.isEmpty
      ? "the text" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(let type, _): "is not of the type \(type)"
    case DecodingError.valueNotFound(let type, _): "is null, where \(type) is expected"
    case DecodingError.keyNotFound(let key, _): "lacks '\(key.stringValue)'"
    case DecodingError.dataCorrupted(let context): context.debugDescription
    default: "\(error)"
    }
  }

  /// Median of ‖x‖ over the baseline's first batch, the mean of both middle ones where their number is even.
  private func median(_ tables: ForeignTables, _ columns: ForeignColumns) -> Double? {
    let key = ColumnKey(condition: conditions[0], experiment: "sae", name: "squared_norm")
    guard let norms = columns.values[key]?.float64s else { return nil }
    let end = tables.chunks.batch.firstIndex { $0 > 0 }.map { Int(tables.chunks.firstToken[$0]) } ?? norms.count
    let sorted = norms.prefix(end).map { $0.squareRoot() }.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  private func addVolatile(of run: UnverifiedRun, to provenance: inout RunDescription.Provenance) {
    if let text = run.volatileTexts["cpu"] { provenance.cpu = text }
    if let text = run.volatileTexts["operating_system"] { provenance.operatingSystem = text }
    if let text = run.volatileTexts["start_time"] { provenance.startTime = text }
    if let text = run.volatileTexts["finish_time"] { provenance.finishTime = text }
    if let number = run.volatileNumbers["threads"].flatMap({ Int(exactly: $0) }) { provenance.threads = number }
    if let number = run.volatileNumbers["elapsed_seconds"] { provenance.elapsedSeconds = number }
    if let number = run.volatileNumbers["peak_anonymous_bytes"].flatMap({ Int(exactly: $0) }) {
      provenance.peakAnonymousBytes = number
    }
  }
}

extension SortedJSON {
  /// Objects member by member, everything else as a whole; a null overrides nothing.
  func overridden(by other: SortedJSON) -> SortedJSON {
    if other == .null { return self }
    guard case .object(var members) = self, case .object(let others) = other else { return other }
    for (key, value) in others { members[key] = members[key].map { $0.overridden(by: value) } ?? value }
    return .object(members)
  }
}
