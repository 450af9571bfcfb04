import Analysis
import FabricatedRuns
import RunFile

/// A run from vectors written down by hand: a few tokens, few dimensions, every sum checkable on paper.
struct HandRun {
  struct Token {
    var x: [Double]
    var reconstruction: [Double]
    var flags: StratumFlags = []
    /// NaN: not scored.
    var nll: Float = .nan
    var agreement: UInt8 = 255
  }

  /// Tokens by condition, then by chunk; the first condition is the baseline.
  var conditions: [[[Token]]]
  var experiments = ["accuracy", "sae", "noise_floor"]
  var replicates = 200

  private var names: [String] { Array(["bf16", "int8", "nf4"].prefix(conditions.count)) }

  func findings() throws -> Findings {
    let folder = TemporaryFolder()
    try write(to: folder.file("run.h5"))
    return try Findings(of: RunReader(folder.file("run.h5")))
  }

  func write(to path: String) throws {
    let chunks = conditions[0]
    var template = FabricatedRun()
    template.dModel = chunks[0][0].x.count
    template.chunkCount = chunks.count
    template.chunkLength = chunks[0].count
    template.experiments = experiments
    template.replicates = replicates
    template.effects = Array([.int8, .nf4].prefix(conditions.count - 1))
    var block = RunBlock(index: 0, tokens: .init(), segments: .init(), batches: .init(), columns: [:])
    var token: Int32 = 0
    for (chunk, tokens) in chunks.enumerated() {
      block.batches.firstChunk.append(Int32(chunk))
      block.batches.chunkCount.append(1)
      block.segments.chunk.append(Int32(chunk))
      block.segments.document.append(Int32(chunk))
      block.segments.source.append(0)
      block.segments.firstToken.append(token)
      block.segments.tokenCount.append(Int32(tokens.count))
      for (position, one) in tokens.enumerated() {
        block.tokens.id.append(token)
        block.tokens.document.append(Int32(chunk))
        block.tokens.source.append(0)
        block.tokens.position.append(Int32(position))
        block.tokens.chunk.append(Int32(chunk))
        block.tokens.segment.append(Int32(chunk))
        block.tokens.stratum.append(one.flags.rawValue)
        token += 1
      }
    }
    for index in conditions.indices { addColumns(of: index, to: &block) }
    block.columns = block.columns.filter { experiments.contains($0.key.experiment) }
    let run = try RunInProgress(
      folder: path + ".parts", description: template.description, columns: template.columns, fingerprint: "by hand")
    try run.append(block)
    try run.assemble(to: path, description: template.description)
  }

  private func addColumns(of index: Int, to block: inout RunBlock) {
    let tokens = conditions[index].flatMap { $0 }
    let baseline = conditions[0].flatMap { $0 }
    func put(_ experiment: String, _ name: String, _ values: ColumnValues) {
      block.columns[ColumnKey(condition: names[index], experiment: experiment, name: name)] = values
    }
    func squared(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    let width = tokens[0].x.count
    put("accuracy", "nll", .float32(tokens.map(\.nll)))
    if index == 0 { put("accuracy", "entropy", .float32(tokens.map { $0.nll.isNaN ? .nan : 1 })) }
    put("sae", "squared_error", .float64(tokens.map { squared($0.x, $0.reconstruction) }))
    put("sae", "squared_norm", .float64(tokens.map { squared($0.x, [Double](repeating: 0, count: width)) }))
    put("sae", "sum", .float64(tokens.map { $0.x.reduce(0, +) }))
    put("sae", "dot", .float64(tokens.map { zip($0.x, $0.reconstruction).reduce(0) { $0 + $1.0 * $1.1 } }))
    put("sae", "l0", .int32(tokens.map { Int32($0.reconstruction.count { $0 != 0 }) }))
    var vectors: [Double] = []
    for chunk in conditions[index] {
      for cell in 0..<StratumFlags.cellCount {
        for dimension in 0..<width {
          vectors.append(chunk.filter { $0.flags.cell == cell }.reduce(0) { $0 + $1.x[dimension] })
        }
      }
    }
    put("sae", "vector_sum", .float64(vectors))
    // No token is massive under one condition alone: pairs have the baseline's cells.
    put("sae", "massive", .uint8(baseline.map { $0.flags.contains(.massive) ? 1 : 0 }))
    if index == 0 { return }
    for name in ["pair_shift", "pair_shift_reference"] {
      put("sae", name, .float64([Double](repeating: 0, count: vectors.count)))
    }
    put("accuracy", "kl", .float32(tokens.map { $0.nll.isNaN ? .nan : 0.5 }))
    put("accuracy", "top1_agreement", .uint8(tokens.map(\.agreement)))
    put(
      "noise_floor", "squared_perturbation",
      .float64(zip(tokens, baseline).map { squared($0.x, $1.x) }))
  }
}
