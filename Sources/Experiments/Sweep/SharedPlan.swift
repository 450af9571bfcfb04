import Foundation
import Kernels
import RunFile

/// What the shards of a run must agree on before they are measured on different machines: made once, a small file.
public struct SharedPlan: Codable, Sendable, Equatable {
  public struct Model: Codable, Sendable, Equatable {
    /// Of everything that decides the numbers.
    public var fingerprint: String
    public var kernelChoice: String
    /// As the run file will describe them, with the vector instructions.
    public var kernels: String
    /// Of the residual norms of the first batch in the baseline: tokens are massive against it. Nil where nothing reads
    /// the residual stream.
    public var medianNorm: Double?
    /// What shards are cut into.
    public var blocks: Int
    public var tokens: Int
    /// What the run is, to tell what differs where something does.
    public var description: RunDescription
  }

  public static let form = "clearbox-plan"
  public var plan = Self.form
  public var version = 1
  /// Headline token count instead of the study's; nil for that.
  public var tokens: Int?
  /// By the models' names.
  public var models: [String: Model]

  public init(tokens: Int?, models: [String: Model]) { (self.tokens, self.models) = (tokens, models) }

  /// - Throws: `FileError`, `StudyRunError.badPlan`.
  public init(path: String) throws {
    let data = try MappedFile(path: path).withBytes { Data($0) }
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw StudyRunError.badPlan(path: path, reason: "\(error)")
    }
    guard plan == Self.form, version == 1 else {
      throw StudyRunError.badPlan(path: path, reason: "it is \(plan), version \(version)")
    }
  }

  /// JSON with sorted keys.
  public func data() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension ModelRun {
  /// Finds out what shards must agree on. Of the model, the baseline's layers up to the study's run over one batch.
  public func sharedPlan(_ tell: @escaping (Event) -> Void) throws -> SharedPlan.Model {
    let (choice, reason) = try kernels.choose(begun: nil) { tell(.calibrating) }
    tell(.chose(choice, reason))
    let inputs = try Inputs(plan, catalog, choice, tell)
    let description = try describe(inputs)
    let sweep = try sweep(over: inputs, keepsWeights: false)
    return SharedPlan.Model(
      fingerprint: try Self.fingerprint(description), kernelChoice: choice.name,
      kernels: description.provenance.kernels,
      medianNorm: sweep.points.contains(.residual) ? try sweep.firstMedianNorm() : nil, blocks: sweep.blockCount,
      tokens: sweep.tokenCount, description: description)
  }

  /// Measures a shard.
  ///
  /// - Parameters:
  ///   - shared: what all shards agreed on.
  ///   - folder: where its blocks are kept; an interrupted shard goes on there.
  /// - Returns: the shard.
  /// - Throws: `StudyRunError` where this machine, study or program is not the plan's.
  @discardableResult
  public func measure(
    shard number: Int, of count: Int, by shared: SharedPlan.Model, in folder: String, _ tell: @escaping (Event) -> Void
  ) throws -> RunShard {
    let memory = MemoryPeak()
    defer { _ = memory.stop() }
    let shard = try RunShard(number, of: count, blockCount: shared.blocks)
    let choice: KernelChoice
    do {
      choice = try KernelChoice(named: shared.kernelChoice)
      try choice.check()
    } catch { throw StudyRunError.plannedElsewhere("\(error)") }
    tell(.chose(choice, .planned))
    let inputs = try Inputs(plan, catalog, choice, tell)
    var description = try describe(inputs)
    let fingerprint = try Self.fingerprint(description)
    guard fingerprint == shared.fingerprint else {
      let differences = try DecisiveDifferences.list(shared.description, description)
      throw StudyRunError.otherPlan(DecisiveDifferences.sentence(differences))
    }
    description.strata.medianNorm = shared.medianNorm
    let budget = weightBudget(inputs)
    tell(.budgeted(budget))
    var sweep = try sweep(over: inputs, keepsWeights: budget.keepsWeights)
    sweep.share = shard.blocks
    let run = try RunInProgress(
      folder: folder, description: description, columns: inputs.columns, fingerprint: fingerprint, shard: shard,
      before: sweep.rows(before: shard.blocks.lowerBound))
    let before = run.elapsedSeconds
    let measured: Measured
    do { measured = try measureBlocks(of: sweep, into: run, tell) } catch var error as NotFiniteError {
      error.kept = run.finishedBlocks > 0 ? run.folder : nil
      throw error
    }
    description.provenance.startTime = run.description.provenance.startTime
    description.provenance.finishTime = Surroundings.timestamp()
    description.provenance.elapsedSeconds = run.elapsedSeconds
    description.provenance.peakAnonymousBytes = memory.stop()
    try run.update(description)
    try run.saveVocabulary(sweep.texts(inputs.tokenizer))
    tell(
      .finished(
        file: folder, seconds: before + measured.seconds,
        peakAnonymousBytes: description.provenance.peakAnonymousBytes))
    return shard
  }
}

extension Sweep {
  /// The median residual norm of the first batch in the baseline, as the first block finds it.
  func firstMedianNorm() throws -> Double {
    let chunks = stream.chunks(ofBatches: 0..<1)
    try runFirst(chunks, [lanes[0]])
    return try medianNorm(chunks)
  }

  /// Rows of the run before a block.
  func rows(before block: Int) -> RowCounts {
    let batches = block * plan.batchesPerBlock
    let chunks = stream.chunks(ofBatches: 0..<batches).count
    return RowCounts(
      tokens: chunks * stream.chunkLength, segments: stream.segmentStarts[chunks], chunks: chunks, batches: batches)
  }

  /// What the ids in its blocks say.
  func texts(_ tokenizer: Tokenizer) -> [Int32: String] {
    let chunks = stream.chunks(
      ofBatches: batches(inBlock: blocks.lowerBound).lowerBound..<batches(inBlock: blocks.upperBound - 1).upperBound)
    let ids = Set(stream.ids[chunks.lowerBound * stream.chunkLength..<chunks.upperBound * stream.chunkLength])
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, tokenizer.text(of: $0)) })
  }
}
