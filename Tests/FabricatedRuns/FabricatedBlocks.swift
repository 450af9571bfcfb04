import RunFile

extension FabricatedRun {
  /// All blocks of the run, in order.
  public func blocks() -> [RunBlock] {
    var stream = FabricatedStream(run: self)
    let blockCount = (batchCount + batchesPerBlock - 1) / batchesPerBlock
    return (0..<blockCount).map { stream.nextBlock(index: $0) }
  }
}

/// Makes up tokens and measurements chunk after chunk.
private struct FabricatedStream {
  let run: FabricatedRun
  private var text: FabricatedNumbers
  private var numbers: FabricatedNumbers
  /// The same direction for all tokens: what separates the textbook's FVU from the article's.
  private let meanVector: [Double]
  private var document = 0
  private var tokensLeftInDocument = 0
  private var nextToken = 0
  private var nextChunk = 0
  private var nextSegment = 0

  init(run: FabricatedRun) {
    self.run = run
    text = FabricatedNumbers(seed: run.seed &+ 1000)
    numbers = FabricatedNumbers(seed: (run.measurementSeed ?? run.seed) &+ 2000)
    var directions = FabricatedNumbers(seed: run.seed &+ 3000)
    meanVector = (0..<run.dModel).map { _ in 0.8 * directions.normal() }
  }

  private var conditionNames: [String] { ["bf16"] + run.effects.map(\.name) }

  mutating func nextBlock(index: Int) -> RunBlock {
    var block = RunBlock(index: index, tokens: .init(), segments: .init(), batches: .init(), columns: [:])
    var columns = BlockColumns(run: run)
    let firstBatch = index * run.batchesPerBlock
    for _ in firstBatch..<min(firstBatch + run.batchesPerBlock, run.batchCount) {
      let chunks = min(run.batchSize, run.chunkCount - nextChunk)
      block.batches.firstChunk.append(Int32(nextChunk))
      block.batches.chunkCount.append(Int32(chunks))
      for _ in 0..<chunks { addChunk(to: &block, &columns) }
    }
    block.columns = columns.finished()
    return block
  }

  private mutating func addChunk(to block: inout RunBlock, _ columns: inout BlockColumns) {
    // A chunk-wide offset makes tokens of one chunk alike, so that clustering matters.
    let chunkLoss = 0.25 * numbers.normal()
    for position in 0..<run.chunkLength {
      let startsDocument = tokensLeftInDocument == 0
      if startsDocument {
        if nextToken > 0 { document += 1 }
        tokensLeftInDocument =
          10 + text.integer(below: run.documentLength.map { max(1, 2 * $0 - 20) } ?? 3 * run.chunkLength)
      }
      tokensLeftInDocument -= 1
      let source = UInt8(document % run.sources.count)
      if startsDocument || position == 0 {
        block.segments.chunk.append(Int32(nextChunk))
        block.segments.document.append(Int32(document))
        block.segments.source.append(source)
        block.segments.firstToken.append(Int32(nextToken))
        block.segments.tokenCount.append(0)
        nextSegment += 1
        columns.startSegment()
      }
      block.segments.tokenCount[block.segments.tokenCount.count - 1] += 1
      var flags: StratumFlags = []
      if startsDocument || position < FabricatedRun.firstPositions { flags.insert(.first) }
      if let every = run.massiveEvery, text.integer(below: every) == 0 { flags.insert(.massive) }
      block.tokens.id.append(startsDocument ? 2 : Int32(3 + text.integer(below: 5000)))
      block.tokens.document.append(Int32(document))
      block.tokens.source.append(source)
      block.tokens.position.append(Int32(position))
      block.tokens.chunk.append(Int32(nextChunk))
      block.tokens.segment.append(Int32(nextSegment - 1))
      block.tokens.stratum.append(flags.rawValue)
      measure(flags, source: source, isScored: position < run.chunkLength - 1, chunkLoss: chunkLoss, &columns)
      nextToken += 1
    }
    nextChunk += 1
  }

  private mutating func measure(
    _ flags: StratumFlags, source: UInt8, isScored: Bool, chunkLoss: Double, _ columns: inout BlockColumns
  ) {
    let loss = 2.5 + 0.4 * Double(source) + chunkLoss + 0.6 * numbers.normal()
    var residual = meanVector
    for dimension in residual.indices { residual[dimension] += numbers.normal() }
    if flags.contains(.massive) { residual[0] += 60 } else if flags.contains(.first) { residual[1] += 6 }
    let direction = (0..<run.dModel).map { _ in numbers.normal() }
    let progress = Double(nextToken) / Double(max(1, run.tokenCount))
    // Massive tokens lie along one direction, and are the easier ones to reconstruct.
    let amplitude = run.reconstructionError * (flags.contains(.massive) ? 0.3 : 1) * (1 + run.errorDrift * progress)
    let l0 = 40 + numbers.integer(below: 21)
    columns.add(
      condition: 0, x: residual, baseline: residual, error: direction, amplitude: amplitude, l0: l0, loss: loss,
      kl: 0, agrees: true, cell: flags.cell, isScored: isScored)
    for (index, effect) in run.effects.enumerated() {
      if effect.isIdentical {
        columns.add(
          condition: index + 1, x: residual, baseline: residual, error: direction, amplitude: amplitude, l0: l0,
          loss: loss, kl: 0, agrees: true, cell: flags.cell, isScored: isScored)
        continue
      }
      let lossChange = effect.lossChange * loss + effect.lossNoise * numbers.normal()
      let norm = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let step = effect.perturbation * norm / Double(run.dModel).squareRoot()
      let moved = residual.map { $0 + step * numbers.normal() }
      columns.add(
        condition: index + 1, x: moved, baseline: residual, error: direction,
        amplitude: amplitude * (1 + effect.errorChange + effect.errorNoise * numbers.normal()),
        l0: l0 + numbers.integer(below: 5) - 2, loss: loss + lossChange,
        kl: 0.5 * lossChange * lossChange + 0.01, agrees: numbers.uniform() > abs(effect.lossChange) + 0.03,
        cell: flags.cell, isScored: isScored)
    }
  }
}

/// Collects one block's columns for all conditions.
private struct BlockColumns {
  private let run: FabricatedRun
  private var conditions: [Condition]

  struct Condition {
    var nll: [Float] = []
    var kl: [Float] = []
    var agreement: [UInt8] = []
    var squaredError: [Double] = []
    var squaredNorm: [Double] = []
    var sum: [Double] = []
    var dot: [Double] = []
    var l0: [Int32] = []
    var vectorSum: [Double] = []
    var squaredPerturbation: [Double] = []
  }

  init(run: FabricatedRun) {
    self.run = run
    conditions = [Condition](repeating: Condition(), count: run.effects.count + 1)
  }

  mutating func startSegment() {
    for index in conditions.indices {
      conditions[index].vectorSum += [Double](repeating: 0, count: StratumFlags.cellCount * run.dModel)
    }
  }

  /// - Parameters:
  ///   - error: direction of the reconstruction's error, unit variance per dimension.
  ///   - amplitude: ‖x̂ − x‖ ∕ ‖x‖, about.
  mutating func add(
    condition: Int, x: [Double], baseline: [Double], error: [Double], amplitude: Double, l0: Int, loss: Double,
    kl: Double, agrees: Bool, cell: Int, isScored: Bool
  ) {
    var squaredNorm = 0.0
    for value in x { squaredNorm += value * value }
    let step = amplitude * (squaredNorm / Double(run.dModel)).squareRoot()
    var (squaredError, sum, dot, squaredPerturbation) = (0.0, 0.0, 0.0, 0.0)
    let firstSum = conditions[condition].vectorSum.count - (StratumFlags.cellCount - cell) * run.dModel
    for dimension in x.indices {
      let reconstructed = x[dimension] + step * error[dimension]
      let miss = x[dimension] - reconstructed
      squaredError += miss * miss
      sum += x[dimension]
      dot += x[dimension] * reconstructed
      let moved = x[dimension] - baseline[dimension]
      squaredPerturbation += moved * moved
      conditions[condition].vectorSum[firstSum + dimension] += x[dimension]
    }
    conditions[condition].nll.append(isScored ? Float(max(loss, 0)) : .nan)
    conditions[condition].kl.append(isScored ? Float(kl) : .nan)
    conditions[condition].agreement.append(isScored ? (agrees ? 1 : 0) : 255)
    conditions[condition].squaredError.append(squaredError)
    conditions[condition].squaredNorm.append(squaredNorm)
    conditions[condition].sum.append(sum)
    conditions[condition].dot.append(dot)
    conditions[condition].l0.append(Int32(l0))
    conditions[condition].squaredPerturbation.append(squaredPerturbation)
  }

  func finished() -> [ColumnKey: ColumnValues] {
    var columns: [ColumnKey: ColumnValues] = [:]
    for (index, name) in (["bf16"] + run.effects.map(\.name)).enumerated() {
      func put(_ experiment: String, _ column: String, _ values: ColumnValues) {
        guard run.experiments.contains(experiment) else { return }
        columns[ColumnKey(condition: name, experiment: experiment, name: column)] = values
      }
      let condition = conditions[index]
      put("accuracy", "nll", .float32(condition.nll))
      if index == 0 { put("accuracy", "entropy", .float32(condition.nll.map { 0.25 + 0.75 * $0 })) }
      put("sae", "squared_error", .float64(condition.squaredError))
      put("sae", "squared_norm", .float64(condition.squaredNorm))
      put("sae", "sum", .float64(condition.sum))
      put("sae", "dot", .float64(condition.dot))
      put("sae", "l0", .int32(condition.l0))
      put("sae", "vector_sum", .float64(condition.vectorSum))
      if index == 0 { continue }
      put("accuracy", "kl", .float32(condition.kl))
      put("accuracy", "top1_agreement", .uint8(condition.agreement))
      put("noise_floor", "squared_perturbation", .float64(condition.squaredPerturbation))
    }
    return columns
  }
}
