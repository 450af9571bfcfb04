import Kernels

/// The model under one condition: its weights, and the residual streams of the block that is on its way through.
///
/// The sweep holds one per condition and drives them layer by layer. Rows are tokens of the block, chunk after chunk.
protocol ConditionModel: AnyObject, Sendable {
  /// Its place among the study's conditions, reruns after them.
  var condition: Int { get }
  var method: any CompressionMethod { get }
  /// True for the same condition in another order of summation.
  var isRerun: Bool { get }
  /// Starts a block from embedding rows E[id], [rows, D] in bf16: x0 = E[id] · √D, the scale rounded as the
  /// arithmetic has it.
  func embed(_ rows: [UInt16])
  /// Builds the layer's weights, if they are not kept already, on `threads` threads.
  func prepare(layer: Int, _ tensors: LayerTensors, threads: Int, _ workspaces: WorkspacePool) throws
  /// Frees the layer's weights.
  func release(layer: Int)
  func holds(layer: Int) -> Bool
  /// Runs rows through a prepared layer, in place.
  func run(layer: Int, rows: Range<Int>, chunkLength: Int, _ workspace: Workspace) throws
  /// The first of some rows whose residual stream holds NaN or an infinity; nil where all is finite.
  func firstNotFinite(_ rows: Range<Int>) -> Int?
  /// The residual stream of some rows as float32, [rows, D].
  func residual(_ rows: Range<Int>, into out: UnsafeMutablePointer<Float>)
  /// Normalises rows for the head, in place: the block's stream ends here.
  func finish(_ rows: Range<Int>, gain: AlignedBuffer<Float>)
  /// Logits of finished rows over one tile of the vocabulary, rounded as the arithmetic has it.
  /// - Parameter memory: room for [rows, tile width] numbers of at most four bytes.
  func logits(
    _ rows: Range<Int>, tile: HeadTile, into memory: UnsafeMutableRawPointer, _ workspace: Workspace
  ) throws -> LogitTile
}

/// Logits [rows, tile width] in the precision of their condition.
enum LogitTile {
  case bf16(UnsafePointer<UInt16>)
  case f32(UnsafePointer<Float>)
}

/// Rows of the embedding matrix that make a tile of the vocabulary, packed as far as some condition needs.
struct HeadTile: Sendable {
  var firstID: Int
  var width: Int
  var bf16: PackedMatrix?
  var f32: PackedMatrix?
}

/// Unchecked: the sweep's own thread alone makes and frees layers and starts blocks, while no task runs; tasks read them,
/// and write rows of the stream of their own.
final class TypedConditionModel<A: Arithmetic>: ConditionModel, @unchecked Sendable {
  let condition: Int
  let method: any CompressionMethod
  private let configuration: Gemma3Configuration
  private let makeLinear: LinearMaker.Make<A.Element>
  private let reordering: Reordering?
  private let globalRotary: RotaryTable
  private let localRotary: RotaryTable
  private var layers: [DecoderLayer<A>?]
  private var stream = AlignedBuffer<A.Element>(count: 0)

  var isRerun: Bool { reordering != nil }

  init(
    _ condition: Int, _ method: any CompressionMethod, _ configuration: Gemma3Configuration, chunkLength: Int,
    _ reordering: Reordering?, _ makeLinear: @escaping LinearMaker.Make<A.Element>
  ) {
    self.condition = condition
    self.method = method
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

  func embed(_ rows: [UInt16]) {
    if stream.count < rows.count { stream = AlignedBuffer(count: rows.count) }
    let scale = A.float(A.element(Float(Double(configuration.dModel).squareRoot())))
    for i in rows.indices { stream[i] = A.element(BF16.float(rows[i]) * scale) }
    reordering?.reorder(stream.pointer, rows: rows.count / configuration.dModel)
  }

  func holds(layer: Int) -> Bool { layers[layer] != nil }
  func release(layer: Int) { layers[layer] = nil }

  func prepare(layer: Int, _ tensors: LayerTensors, threads: Int, _ workspaces: WorkspacePool) throws {
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
        try makeLinear(parts[index].0, parts[index].1 ?? .own, workspaces.kernels)
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

  func run(layer: Int, rows: Range<Int>, chunkLength: Int, _ workspace: Workspace) throws {
    guard let weights = layers[layer] else { preconditionFailure("layer \(layer) runs before it is prepared") }
    try weights.apply(
      stream.pointer + rows.lowerBound * configuration.dModel, rows: rows.count, chunkLength: chunkLength, workspace)
  }

  func firstNotFinite(_ rows: Range<Int>) -> Int? {
    let (d, x) = (configuration.dModel, UnsafeRawPointer(stream.pointer + rows.lowerBound * configuration.dModel))
    let place =
      A.self == BF16.self
      ? FiniteNumbers.firstOther(inBF16: x, count: rows.count * d)
      : FiniteNumbers.firstOther(inFloat32: x, count: rows.count * d)
    return place.map { rows.lowerBound + $0 / d }
  }

  func residual(_ rows: Range<Int>, into out: UnsafeMutablePointer<Float>) {
    let d = configuration.dModel
    A.floats(stream.pointer + rows.lowerBound * d, count: rows.count * d, into: out)
    reordering?.restore(out, rows: rows.count)
  }

  func finish(_ rows: Range<Int>, gain: AlignedBuffer<Float>) {
    let x = stream.pointer + rows.lowerBound * configuration.dModel
    reordering?.restore(x, rows: rows.count)
    A.rmsNorm(
      x, gain: gain.pointer, epsilon: Float(configuration.rmsNormEpsilon), rows: rows.count,
      width: configuration.dModel, into: x)
  }

  func logits(
    _ rows: Range<Int>, tile: HeadTile, into memory: UnsafeMutableRawPointer, _ workspace: Workspace
  ) throws -> LogitTile {
    let out = memory.bindMemory(to: A.Element.self, capacity: rows.count * tile.width)
    guard let weights = A.self == BF16.self ? tile.bf16 : tile.f32 else {
      preconditionFailure("the head's tile is packed for every condition's arithmetic")
    }
    let d = configuration.dModel
    try workspace.product(of: A.Element.self, rows: rows.count, n: tile.width, k: d) {
      try workspace.multiplier.multiply(
        Strided(UnsafePointer(stream.pointer + rows.lowerBound * d), stride: d), rows: rows.count, by: weights,
        into: out, stride: tile.width)
    }
    return A.self == BF16.self
      ? .bf16(UnsafePointer(memory.assumingMemoryBound(to: UInt16.self)))
      : .f32(UnsafePointer(memory.assumingMemoryBound(to: Float.self)))
  }
}

/// The model of a condition, in the arithmetic of its method.
///
/// - Parameters:
///   - condition: its place among the study's conditions, reruns after them.
///   - reordering: of a rerun; nil for the model's own order.
func conditionModel(
  _ condition: Int, _ method: any CompressionMethod, _ configuration: Gemma3Configuration, chunkLength: Int,
  _ reordering: Reordering? = nil
) -> any ConditionModel {
  switch method.linears {
  case .bf16(let make):
    TypedConditionModel<BF16>(condition, method, configuration, chunkLength: chunkLength, reordering, make)
  case .f32(let make):
    TypedConditionModel<F32>(condition, method, configuration, chunkLength: chunkLength, reordering, make)
  }
}
