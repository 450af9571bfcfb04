import Kernels

/// The layers of a model under one condition, each in its condition's form once it is made: a model and its branches share
/// them.
///
/// Unchecked: the sweep's own thread alone makes and frees layers, while no task runs; tasks read them.
final class LayerWeights<A: Arithmetic>: @unchecked Sendable {
  let configuration: Gemma3Configuration
  let reordering: Reordering?
  private let condition: Int
  private let makeLinear: LinearMaker.Make<A.Element>
  private let globalRotary: RotaryTable
  private let localRotary: RotaryTable
  private var layers: [DecoderLayer<A>?]

  init(
    _ condition: Int, _ configuration: Gemma3Configuration, chunkLength: Int, _ reordering: Reordering?,
    _ makeLinear: @escaping LinearMaker.Make<A.Element>
  ) {
    self.condition = condition
    self.configuration = configuration
    self.makeLinear = makeLinear
    self.reordering = reordering
    func rotary(base: Double, scaling: Double) -> RotaryTable {
      let table = RotaryTable(
        positions: chunkLength, headDim: configuration.headDim, base: base, scaling: scaling,
        rounded: A.self == BF16.self)
      return reordering.map(table.reordered) ?? table
    }
    globalRotary = rotary(base: configuration.ropeBaseGlobal, scaling: configuration.ropeScalingFactorGlobal)
    localRotary = rotary(base: configuration.ropeBaseLocal, scaling: 1)
    layers = Array(repeating: nil, count: configuration.layerCount)
  }

  subscript(layer: Int) -> DecoderLayer<A>? { layers[layer] }
  func release(_ layer: Int) { layers[layer] = nil }

  func prepare(_ layer: Int, _ tensors: LayerTensors, threads: Int, _ workspaces: WorkspacePool) throws {
    if layers[layer] != nil { return }
    let isGlobal = configuration.isGlobal[layer]
    // Largest first: with two threads, gate and up weigh about as much as all the rest.
    let (heads, groups) = (configuration.headCount, configuration.keyValueHeadCount)
    let parts = [
      ([tensors.gate, tensors.up], reordering?.gateUp), ([tensors.down], reordering?.down),
      ([tensors.query, tensors.key, tensors.value], reordering?.queryKeyValue(heads: heads, groups: groups)),
      ([tensors.output], reordering?.output(heads: heads)),
    ]
    let linears = try mapTasks(parts.count, threads: threads) { index in
      try workspaces.with(.weights, condition: condition) { _ in
        // Two layers make up nearly all of the work: each may take half of the threads.
        try makeLinear(parts[index].0, parts[index].1 ?? .own, workspaces.kernels, max(1, threads / 2))
      }
    }
    layers[layer] = DecoderLayer<A>(
      gains: reordering.map(tensors.gains.reordered) ?? tensors.gains, qkv: linears[2], output: linears[3],
      gateUp: linears[0], down: linears[1],
      attention: Attention(
        headCount: heads, keyValueHeadCount: groups, headDim: configuration.headDim,
        scale: Float(1 / configuration.queryPreAttentionScalar.squareRoot()),
        window: isGlobal ? nil : configuration.slidingWindow),
      rotary: isGlobal ? globalRotary : localRotary, epsilon: Float(configuration.rmsNormEpsilon))
  }
}
