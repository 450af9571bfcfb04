import Foundation
import Kernels
import RunFile

/// One model of a study, measured from its files to its run file.
public struct ModelRun {
  /// Enough chunks for every core, at least this many batches.
  private static let batchesPerBlock = 4

  let plan: Plan
  let threads: Int
  let commit: String
  let catalog: ExperimentCatalog
  let kernels: KernelSelection
  let begun: ContinuousClock.Instant
  /// Seconds that a window of the profile's product timing lasts: see `ProductPeak`.
  public var productWindow = 0.1
  /// Let a run file that holds something else, or cannot be read, be replaced by the new one, once that is whole.
  public var replaces = false
  /// Bytes; nil where the system does not tell.
  var freeMemory = FreeMemory.bytes()
  /// How many times the usual number of batches a block has: results do not depend on it.
  var blockScale = 1

  /// - Parameters:
  ///   - commit: which the program was built from.
  ///   - catalog: the experiments that a study can select.
  ///   - kernels: which to compute with.
  ///   - begun: when the work on this model began, for the profile's time to the first block.
  public init(
    _ plan: Plan, threads: Int, commit: String, catalog: ExperimentCatalog = .all,
    kernels: KernelSelection = KernelSelection(), begun: ContinuousClock.Instant = .now
  ) {
    self.plan = plan
    self.threads = threads
    self.commit = commit
    self.catalog = catalog
    self.kernels = kernels
    self.begun = begun
  }

  /// Opens what the later runs of a study read of their models and closes it again, before the first is measured for hours.
  /// The corpus is read, and numbers are checked, when a run itself begins.
  ///
  /// - Throws: as `measure`.
  public static func checkLater(_ plans: [Plan], catalog: ExperimentCatalog = .all) throws {
    for plan in plans.dropFirst() { try Inputs.check(plan, catalog) }
  }

  /// Measures what is not measured yet and writes the run file.
  ///
  /// Finished blocks live in `<file>.parts` until the run file is complete: an interrupted run resumes there.
  ///
  /// - Parameters:
  ///   - file: path of the run file; replaced only by a complete one.
  ///   - profiles: keep in the run file where the time went, and measure for it how fast products are at best.
  public func measure(to file: String, profiles: Bool = false, _ tell: @escaping (Event) -> Void) throws {
    let memory = MemoryPeak()
    defer { _ = memory.stop() }
    let parts = file + RunInProgress.partsEnding
    let begun = try RunInProgress.description(in: parts)?.provenance
    let (choice, reason) = try kernels.choose(begun: begun?.kernelChoice) { tell(.calibrating) }
    tell(.chose(choice, reason))
    let inputs = try Inputs(plan, catalog, choice, tell)
    var description = try describe(inputs)
    let fingerprint = try Self.fingerprint(description)
    if FileManager.default.fileExists(atPath: file), let stored = try measured(description, in: file) {
      try RunInProgress.clearAway(after: file, in: parts, fingerprint: try Self.fingerprint(stored))
      return tell(.alreadyMeasured(file: file, description: stored))
    }
    if let begun, begun.kernelChoice != nil, begun.kernels != description.provenance.kernels {
      throw StudyRunError.otherKernels(folder: parts, begun: begun.kernels, here: description.provenance.kernels)
    }
    let run = try RunInProgress(
      folder: parts, description: description, columns: inputs.columns,
      fingerprint: fingerprint)
    let before = run.elapsedSeconds
    let budget = weightBudget(inputs)
    tell(.budgeted(budget))
    let sweep = try sweep(over: inputs, keepsWeights: budget.keepsWeights)
    let measured: Measured
    do { measured = try measureBlocks(of: sweep, into: run, tell) } catch var error as NotFiniteError {
      error.kept = run.finishedBlocks > 0 ? run.folder : nil
      throw error
    }

    // A resumed run keeps the time of its first start.
    description.provenance.startTime = run.description.provenance.startTime
    description.strata.medianNorm = run.description.strata.medianNorm
    description.provenance.finishTime = Surroundings.timestamp()
    description.provenance.elapsedSeconds = run.elapsedSeconds
    description.provenance.peakAnonymousBytes = memory.stop()
    if profiles, measured.firstBlock < sweep.blockCount {
      description.provenance.profile = try profile(of: sweep, measured, tell)
      tell(.profiled(description))
    }
    try run.assemble(to: file, description: description, text: inputs.tokenizer.text(of:))
    try run.removeParts()
    tell(
      .finished(
        file: file, seconds: before + measured.seconds,
        peakAnonymousBytes: description.provenance.peakAnonymousBytes))
  }

  /// What a run file says of itself, where it holds what this run would measure; kernels that nobody named may be others.
  /// Nil where it may be replaced.
  /// - Throws: `StudyRunError.otherRun`: measurements that may have cost hours are not replaced without a word.
  private func measured(_ description: RunDescription, in file: String) throws -> RunDescription? {
    let stored: RunReader
    do { stored = try RunReader(file) } catch {
      if replaces { return nil }
      throw StudyRunError.otherRun(file: file, difference: "it cannot be read: \(error)")
    }
    var wanted = description
    if kernels.named == nil {
      wanted.provenance.kernelChoice = stored.description.provenance.kernelChoice
      wanted.provenance.kernels = stored.description.provenance.kernels
    }
    let differences = try DecisiveDifferences.list(stored.description, wanted)
    if differences.isEmpty, !stored.isPartial { return stored.description }
    if replaces { return nil }
    throw StudyRunError.otherRun(
      file: file,
      difference: differences.isEmpty ? "it is partial" : "it differs in " + DecisiveDifferences.sentence(differences))
  }

  // MARK: Steps

  func sweep(over inputs: Inputs, keepsWeights: Bool) throws -> Sweep {
    let (batches, branched) = (rerunBatches(inputs), branchedBatches(inputs))
    return try Sweep(
      [inputs.checkpoint] + inputs.others.map(\.checkpoint), corpus: inputs.packed, bos: inputs.tokenizer.bos,
      specials: inputs.tokenizer.specials,
      conditions: plan.conditions.map(inputs.sweepCondition),
      experiments: inputs.experiments,
      plan: .init(
        layer: plan.layer, firstPositions: plan.firstPositions, massiveMultiple: plan.massiveMultiple,
        batchesPerBlock: blockScale * ReductionUnit.batches(ofChunks: plan.batchSize, atLeast: Self.batchesPerBlock),
        threads: threads, kernels: inputs.kernels,
        keepsWeights: keepsWeights,
        reruns: batches.count == 0
          ? nil
          : .init(
            batches: batches, reordering: Reordering(inputs.checkpoint.configuration, seed: plan.reruns.seed)),
        branches: branched.count == 0 ? nil : branched))
  }

  /// What became of the blocks that were left.
  struct Measured {
    var firstBlock: Int
    var start: ContinuousClock.Instant
    var seconds: Double
    var times: Sweep.Times
  }

  func measureBlocks(
    of sweep: Sweep, into run: RunInProgress, _ tell: @escaping (Event) -> Void
  ) throws -> Measured {
    let firstBlock = run.firstBlock + run.finishedBlocks
    if run.isResumed {
      tell(.resumed(block: run.finishedBlocks, of: sweep.blocks.count, discarded: run.discarded))
    }
    tell(.estimated(try sweep.estimate(from: firstBlock)))
    let clock = ContinuousClock()
    let start = clock.now
    var blockStart = start
    let times = try sweep.run(from: firstBlock, medianNorm: run.description.strata.medianNorm) { progress in
      tell(.progress(progress, elapsedSeconds: (clock.now - start) / .seconds(1)))
    } finished: { block, medianNorm in
      // Before the block that it was found in: whatever holds a block holds the scale of its massive tokens.
      if run.description.strata.medianNorm != medianNorm {
        var known = run.description
        known.strata.medianNorm = medianNorm
        try run.update(known)
      }
      try run.append(block, elapsedSeconds: (clock.now - blockStart) / .seconds(1))
      blockStart = clock.now
    }
    return Measured(firstBlock: firstBlock, start: start, seconds: (clock.now - start) / .seconds(1), times: times)
  }

  private func profile(of sweep: Sweep, _ measured: Measured, _ tell: (Event) -> Void) throws -> RunProfile {
    let times = sweep.workspaces.times
    tell(.timingProducts(shapes: times.shapesToTime.count))
    return times.profile(
      conditions: sweep.lanes.map(\.name), tokens: sweep.tokens(from: measured.firstBlock), threads: threads,
      wallSeconds: measured.times.wallSeconds, processorSeconds: measured.times.processorSeconds,
      startSeconds: (measured.start - begun) / .seconds(1),
      best: try times.timedShapes(sweep.plan.kernels, threads: threads, window: productWindow))
  }

  func weightBudget(_ inputs: Inputs) -> WeightBudget {
    let configuration = inputs.checkpoint.configuration
    let linear = Self.linearParameters(configuration)
    let bytes = plan.conditions.reduce(0) { $0 + $1.weights.residentBytes(parameters: linear) }
    let head = configuration.vocabularySize * configuration.dModel * 2
    return WeightBudget(
      bytes: (rerunBatches(inputs).count > 0 ? 2 : 1) * bytes + (1 + inputs.others.count) * head,
      freeBytes: freeMemory)
  }
}
