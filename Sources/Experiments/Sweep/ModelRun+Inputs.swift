import Kernels
import Measures
import RunFile

extension ModelRun {
  /// What a run reads, opened and checked.
  struct Inputs {
    let kernels: KernelChoice
    let checkpoint: Gemma3Checkpoint
    /// Computed while the text is packed.
    let checkpointSHA256: InBackground<String>
    /// Of conditions with a checkpoint of their own.
    let others: [ConditionCheckpoint]
    let sae: SparseAutoencoderWeights?
    let experiments: [any Experiment]
    let tokenizer: Tokenizer
    let corpus: Corpus
    let packed: PackedCorpus

    /// What the experiments write.
    var columns: [ColumnDefinition] {
      experiments.flatMap(\.measure.columns).map { $0.definition(dModel: checkpoint.configuration.dModel) }
    }

    init(_ plan: Plan, _ catalog: ExperimentCatalog, _ kernels: KernelChoice, _ tell: (Event) -> Void) throws {
      self.kernels = kernels
      let measures = catalog.measures.filter { plan.experiments.contains($0.experiment) }
      let opened = try Opened(plan, measures)
      let checkpoint = opened.checkpoint
      self.checkpoint = checkpoint
      (sae, tokenizer) = (opened.sae, opened.tokenizer)
      checkpointSHA256 = InBackground { checkpoint.sha256() }
      let check = InBackground { Result { () throws(CheckpointError) in try checkpoint.checkNumbers() } }
      tell(.opened(checkpoint: checkpoint.path, parameters: checkpoint.parameterCount))
      let configuration = checkpoint.configuration
      experiments = try catalog.make(plan.experiments, sae: sae, kernels)
      others = try ConditionCheckpoint.all(plan, of: checkpoint, tokenizer)
      for other in others {
        let own = other.checkpoint
        tell(.openedOther(conditions: other.conditions, checkpoint: own.path, storage: own.summary.storage))
      }
      let tokens = plan.tokenCount(stabilizes: measures.contains { !$0.snapshots.isEmpty })
      (corpus, packed) = try Self.text(plan, tokenizer, tokens: tokens)
      for other in others where other.tokenizer.sha256 != tokenizer.sha256 {
        try Self.compare(Self.text(plan, other.tokenizer, tokens: tokens).1, of: other, with: packed, tokenizer)
      }
      if let index = packed.ids.firstIndex(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
        throw StudyRunError.unknownToken(
          packed.ids[index], text: tokenizer.text(of: packed.ids[index]), rows: configuration.vocabularySize,
          place: corpus.place(of: Int(packed.rows[index])))
      }
      try check.value.get()
      for other in others { try other.checkNumbers() }
      tell(
        .packed(
          tokens: packed.tokenCount, chunks: packed.chunkCount, documents: Set(packed.rows).count, sha256: packed.sha256
        ))
    }

    /// The model and what belongs to it.
    private struct Opened {
      let checkpoint: Gemma3Checkpoint
      let sae: SparseAutoencoderWeights?
      let tokenizer: Tokenizer

      init(_ plan: Plan, _ measures: [Measure]) throws {
        checkpoint = try Gemma3Checkpoint(path: plan.checkpoint)
        let configuration = checkpoint.configuration
        guard 0..<configuration.layerCount ~= plan.layer else {
          throw StudyRunError.impossibleLayer(plan.layer, layers: configuration.layerCount, model: plan.model)
        }
        let readsAutoencoder = measures.contains(where: \.readsAutoencoder)
        sae = try readsAutoencoder ? plan.sae.map { try SparseAutoencoderWeights(path: $0) } : nil
        try sae?.check(fits: configuration, layer: plan.layer)
        tokenizer = try Tokenizer(for: checkpoint)
      }
    }

    /// Opens the model, what belongs to it and its conditions' checkpoints, and closes them again.
    static func check(_ plan: Plan, _ catalog: ExperimentCatalog) throws {
      let opened = try Opened(plan, catalog.measures.filter { plan.experiments.contains($0.experiment) })
      try ConditionCheckpoint.check(plan, of: opened.checkpoint, opened.tokenizer)
    }

    /// Both tokenizers must make the same tokens of the corpus.
    private static func compare(
      _ other: PackedCorpus, of condition: ConditionCheckpoint, with packed: PackedCorpus, _ tokenizer: Tokenizer
    ) throws {
      if other.ids == packed.ids { return }
      let place = zip(other.ids, packed.ids).enumerated().first { $1.0 != $1.1 }
      let difference = place.map { place, ids in
        "token \(place) of the corpus is \"\(condition.tokenizer.text(of: ids.0))\" (id \(ids.0)), not \"\(tokenizer.text(of: ids.1))\" (id \(ids.1))"
      }
      throw StudyRunError.otherTokenizer(
        condition: condition.conditions[0], path: condition.checkpoint.path,
        difference: difference ?? "it makes \(other.ids.count) tokens of the corpus, not \(packed.ids.count)")
    }

    /// Bytes of text per token that are surely enough, unless a text is made of long runs of spaces.
    private static let bytesPerToken = 64

    /// The corpus and what is packed of it. Where documents are taken as the files have them, only the texts of the first
    /// are kept in memory.
    private static func text(_ plan: Plan, _ tokenizer: Tokenizer, tokens: Int) throws -> (Corpus, PackedCorpus) {
      func text(room: Int) throws -> (Corpus, PackedCorpus)? {
        let corpus = try Corpus(
          paths: plan.corpus, textField: plan.textField, sourceField: plan.sourceField, room: room)
        guard corpus.sources.count <= RunDescription.mostNames else {
          throw StudyRunError.tooManySources(corpus.sources.count)
        }
        let packed: PackedCorpus
        do {
          packed = try PackedCorpus(
            corpus, tokenizer: tokenizer, order: plan.order, style: plan.packing, chunkLength: plan.chunkLength,
            batchSize: plan.batchSize, target: tokens, limit: plan.tokenLimit)
        } catch CorpusError.tooShort where !corpus.isKeptWhole {
          return nil
        }
        let isEnough = packed.tokenCount >= min(tokens, plan.tokenLimit ?? tokens)
        return corpus.isKeptWhole || isEnough ? (corpus, packed) : nil
      }
      let takesBeginning = plan.order == .file && plan.packing != .llamaCpp
      if takesBeginning, let found = try text(room: Self.bytesPerToken * max(tokens, plan.chunkLength)) { return found }
      guard let found = try text(room: .max) else { preconditionFailure("a corpus that is kept whole is enough") }
      return found
    }
  }
}

extension ModelRun.Plan {
  /// Tokens that the largest of its counts needs.
  fileprivate func tokenCount(stabilizes: Bool) -> Int {
    ([headline] + counts.values + (stabilizes ? snapshots : [])).max() ?? headline
  }
}
