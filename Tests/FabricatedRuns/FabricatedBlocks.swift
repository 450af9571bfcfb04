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
      let again = run.isMeasuredAgain(batch: block.batches.firstChunk.count - 1 + firstBatch)
      for _ in 0..<chunks {
        if run.rerunBatches > 0 { block.rerun.append(again ? 1 : 0) }
        columns.isBranched = run.isBranched(batch: block.batches.firstChunk.count - 1 + firstBatch)
        addChunk(to: &block, &columns, isMeasuredAgain: again)
      }
    }
    block.columns = columns.finished()
    return block
  }

  private mutating func addChunk(to block: inout RunBlock, _ columns: inout BlockColumns, isMeasuredAgain: Bool) {
    columns.isMeasuredAgain = isMeasuredAgain
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
    let base = FabricatedToken(
      x: residual, error: direction, amplitude: amplitude, l0: l0, loss: loss, kl: 0, agrees: true,
      isMassive: flags.contains(.massive), flags: flags, isScored: isScored)
    columns.add(base, condition: 0, against: nil)
    addRerun(of: base, condition: 0, &columns)
    for (index, effect) in run.effects.enumerated() {
      if effect.isIdentical {
        columns.add(base, condition: index + 1, against: base)
        addRerun(of: base, condition: index + 1, &columns)
        continue
      }
      let lossChange = effect.lossChange * loss + effect.lossNoise * numbers.normal()
      let norm = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let step = effect.perturbation * norm / Double(run.dModel).squareRoot()
      var token = base
      token.x = residual.map { $0 + step * numbers.normal() }
      if let every = run.flippedEvery, numbers.integer(below: every) == 0 {
        token.isMassive.toggle()
        token.x[0] += token.isMassive ? 60 : -60
      }
      token.amplitude *= 1 + effect.errorChange + effect.errorNoise * numbers.normal()
      token.l0 += numbers.integer(below: 5) - 2
      token.loss += lossChange
      token.kl = 0.5 * lossChange * lossChange + 0.01
      token.agrees = numbers.uniform() > abs(effect.lossChange) + 0.03
      columns.add(token, condition: index + 1, against: base)
      addRerun(of: token, condition: index + 1, &columns)
    }
  }

  /// The same condition in another order of summation, where it is measured again.
  private mutating func addRerun(of token: FabricatedToken, condition: Int, _ columns: inout BlockColumns) {
    guard run.rerunBatches > 0 else { return }
    var again = token
    let norm = token.x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let step = run.rounding * norm / Double(run.dModel).squareRoot()
    again.x = token.x.map { $0 + step * numbers.normal() }
    if numbers.integer(below: 800) == 0 { again.isMassive.toggle() }
    again.loss += run.rounding * numbers.normal()
    again.kl = run.rounding * run.rounding * numbers.uniform()
    again.agrees = numbers.uniform() > run.rounding / 2
    columns.add(again, condition: run.effects.count + 1 + condition, against: token)
  }
}
