import Foundation
import Kernels
import RunFile

extension ModelRun {
  /// What is known of the run before it is measured.
  func describe(_ inputs: Inputs) throws -> RunDescription {
    let (checkpoint, tokenizer, corpus) = (inputs.checkpoint, inputs.tokenizer, inputs.corpus)
    let configuration = checkpoint.configuration
    let summary = checkpoint.summary
    let linear = Self.linearParameters(configuration)
    let order =
      switch plan.order {
      case .file: "as in the file"
      case .shuffled(let seed, let buffer): "shuffled as numpy does, seed \(seed), buffer \(buffer)"
      }
    let corpusFiles = plan.corpus.map { URL(fileURLWithPath: $0).lastPathComponent }
    var description = RunDescription(
      title: plan.title, study: plan.study, studyText: plan.studyText, studyKeys: plan.studyKeys,
      model: .init(
        name: plan.model, architecture: configuration.architecture, layer: plan.layer,
        layerCount: configuration.layerCount, dModel: configuration.dModel,
        vocabularySize: configuration.vocabularySize, parameterCount: summary.parameterCount,
        compressibleParameterCount: linear, storage: summary.storage, isDequantized: summary.isQuantized,
        checkpointFiles: checkpoint.fileNames, checkpointSHA256: inputs.checkpointSHA256.value,
        tokenizerSHA256: tokenizer.sha256, assumed: configuration.assumed.isEmpty ? nil : configuration.assumed),
      sae: inputs.sae.map {
        .init(
          name: $0.name, format: $0.format.rawValue, architecture: $0.activation.architecture.rawValue,
          featureCount: $0.featureCount, sha256: $0.sha256)
      },
      corpus: .init(
        name: corpusFiles.count == 1 ? corpusFiles[0] : "\(corpusFiles[0]) and \(corpusFiles.count - 1) more",
        files: corpusFiles, sha256: corpus.sha256, sources: corpus.sources,
        documentCount: corpus.documents.count(where: \.hasText), order: order, packing: plan.packing.rawValue,
        chunkLength: plan.chunkLength, batchSize: plan.batchSize, tokenStreamSHA256: inputs.packed.sha256),
      conditions: plan.conditions.enumerated().map { index, condition in
        Self.conditionDescription(
          condition, isBaseline: index == 0, configuration, summary.parameterCount, linear,
          checkpoint: inputs.describeCheckpoint(of: condition))
      },
      experiments: plan.experiments,
      budget: .init(
        headline: plan.headline, snapshots: plan.snapshots,
        counts: plan.counts.sorted { $0.key < $1.key }.map { .init(experiment: $0.key, tokens: $0.value) }),
      strata: .init(firstPositions: plan.firstPositions, massiveMultiple: plan.massiveMultiple),
      bootstrap: plan.bootstrap, seed: plan.seed, fetched: plan.fetched.isEmpty ? nil : plan.fetched,
      provenance: .init(
        clearboxVersion: Surroundings.version, commit: commit, cpu: Surroundings.cpu,
        threads: threads, kernelChoice: inputs.kernels.name, kernels: inputs.kernels.summary,
        libraries: KernelChoice.libraries + [Surroundings.program],
        operatingSystem: Surroundings.operatingSystem, startTime: Surroundings.timestamp()))
    description.missing = .own
    try describeGrids(inputs, in: &description)
    try describeEqualCodes(inputs, in: &description)
    describeReruns(inputs, in: &description)
    let pairs = inputs.experiments.flatMap { $0.featurePairs(of: description.measuredConditions) }
    description.featurePairs = pairs.isEmpty ? nil : pairs
    description.featureGroups = plan.keepsFeatureGroups && !pairs.isEmpty ? FeatureSums.groupCount : nil
    describeBranches(inputs, in: &description)
    return description
  }

  /// Which batches are measured again: a stream's last batch may be short, and counts as one.
  func rerunBatches(_ inputs: Inputs) -> BatchShare {
    let total = (inputs.packed.chunkCount + plan.batchSize - 1) / plan.batchSize
    return plan.reruns.batches(of: total, tokensPerBatch: plan.batchSize * plan.chunkLength)
  }

  /// Which batches branches go on with.
  func branchedBatches(_ inputs: Inputs) -> BatchShare {
    let total = (inputs.packed.chunkCount + plan.batchSize - 1) / plan.batchSize
    let work = PassWork(inputs.checkpoint.configuration)
    return plan.splice.batches(
      of: total, tokensPerBatch: plan.batchSize * plan.chunkLength,
      branches: inputs.experiments.reduce(0) { $0 + $1.branches.count },
      relativeCost: work.relativeCost(afterLayer: plan.layer))
  }

  private func describeBranches(_ inputs: Inputs, in description: inout RunDescription) {
    let batches = branchedBatches(inputs)
    if batches.count == 0 { return }
    let (tokens, documents) = extent(batches, inputs.packed)
    description.branches = .init(batches: batches.count, tokens: tokens, documents: documents)
  }

  /// Tokens and documents of some batches.
  private func extent(_ batches: BatchShare, _ packed: PackedCorpus) -> (tokens: Int, documents: Int) {
    let rows = packed.rows.indices.filter { batches.contains($0 / (plan.batchSize * plan.chunkLength)) }
    return (rows.count, Set(rows.map { packed.rows[$0] }).count)
  }

  private func describeReruns(_ inputs: Inputs, in description: inout RunDescription) {
    let batches = rerunBatches(inputs)
    if batches.count == 0 { return }
    let (tokens, documents) = extent(batches, inputs.packed)
    description.reruns = .init(
      batches: batches.count, seed: plan.reruns.seed, tokens: tokens, documents: documents)
    description.rerunConditions = description.conditions.map(\.rerun)
  }

  private static func conditionDescription(
    _ condition: Study.Condition, isBaseline: Bool, _ configuration: Gemma3Configuration, _ parameters: Int,
    _ linear: Int, checkpoint: RunDescription.Checkpoint?
  ) -> RunDescription.Condition {
    if let checkpoint, checkpoint.isAsStored {
      return RunDescription.Condition(
        name: condition.name, label: condition.label, kind: condition.weights.kind, isBaseline: isBaseline,
        parameters: [], effectiveBitsPerParameter: checkpoint.modelBits,
        bitsPerCompressedParameter: checkpoint.linearBits, reference: condition.reference, checkpoint: checkpoint)
    }
    let shapes = Gemma3Tensor.all(layerCount: configuration.layerCount).filter(\.isLinear).map {
      $0.shape(configuration)
    }
    let method = condition.weights
    let bits = shapes.reduce(0.0) { $0 + method.bits(rows: $1[0], columns: $1[1]) }
    let rest = Double(parameters - linear) * method.plainBits
    let mix = method.mix(shapes)
    return RunDescription.Condition(
      name: condition.name, label: condition.label + (mix.map { " (\($0))" } ?? ""), kind: method.kind,
      isBaseline: isBaseline, parameters: method.parameters + (mix.map { [.init(key: "types", value: $0)] } ?? []),
      effectiveBitsPerParameter: (bits + rest) / Double(parameters),
      bitsPerCompressedParameter: bits / Double(linear), reference: condition.reference, citation: method.citation,
      checkpoint: checkpoint)
  }

  static func linearParameters(_ c: Gemma3Configuration) -> Int {
    Gemma3Tensor.all(layerCount: c.layerCount).filter(\.isLinear).reduce(0) { $0 + $1.shape(c).reduce(1, *) }
  }

  /// SHA-256 of what decides the measured numbers and what the run file says of them; the machine, the study's comments
  /// and what it says of other models are left out.
  static func fingerprint(_ description: RunDescription) throws -> String {
    SHA256Hex.digest(of: String(decoding: try DecisiveDifferences.json(description), as: UTF8.self))
  }
}

/// What two descriptions say that decides the measured numbers, and is not the same.
enum DecisiveDifferences {
  /// JSON with sorted keys.
  static func json(_ description: RunDescription) throws -> Data {
    var decisive = description
    decisive.studyText = ""
    decisive.studyKeys = nil
    decisive.strata.medianNorm = nil
    decisive.provenance.startTime = ""
    decisive.provenance.finishTime = nil
    decisive.provenance.elapsedSeconds = nil
    decisive.provenance.peakAnonymousBytes = nil
    decisive.provenance.profile = nil
    decisive.provenance.threads = 0
    // The program's own digest is among the libraries: a commit that does not change it changes no number.
    decisive.provenance.commit = ""
    decisive.provenance.cpu = ""
    decisive.provenance.operatingSystem = ""
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(decisive)
  }
}

extension DecisiveDifferences {
  /// Keys, joined by dots, in order, with both values; nil for what one has not.
  static func list(_ stored: RunDescription, _ wanted: RunDescription) throws -> [(key: String, String?, String?)] {
    let (a, b) = (try flat(stored), try flat(wanted))
    return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted().map { ($0, a[$0], b[$0]) }
  }

  /// "budget.headline (4784, now 512), corpus.tokenStreamSHA256 and 2 more"
  static func sentence(_ differences: [(key: String, String?, String?)]) -> String {
    let longest = 24
    let shown = differences.prefix(4).map { key, stored, wanted in
      let (stored, wanted) = (stored ?? "nothing", wanted ?? "nothing")
      return max(stored.count, wanted.count) > longest ? key : "\(key) (\(stored), now \(wanted))"
    }
    return shown.joined(separator: ", ") + (differences.count > 4 ? " and \(differences.count - 4) more" : "")
  }

  private static func flat(_ description: RunDescription) throws -> [String: String] {
    var values: [String: String] = [:]
    func add(_ value: Any, _ key: String) {
      switch value {
      case let members as [String: Any]:
        for (name, member) in members { add(member, key.isEmpty ? name : "\(key).\(name)") }
      case let members as [Any]: for (index, member) in members.enumerated() { add(member, "\(key).\(index)") }
      default: values[key] = "\(value)"
      }
    }
    add(try JSONSerialization.jsonObject(with: json(description)), "")
    return values
  }
}

extension CheckpointSummary {
  /// True when some weights are stored in a lossy block format.
  var isQuantized: Bool { types.contains { $0.element.map { $0.blockLength > 1 } ?? true } }

  /// "GGUF: Q5_0 ×90, Q8_0 ×19, F32 ×109", by number of tensors.
  var storage: String {
    format.rawValue + ": "
      + types.map { "\($0.format) ×\($0.share.tensors)" }.joined(separator: ", ")
  }
}
