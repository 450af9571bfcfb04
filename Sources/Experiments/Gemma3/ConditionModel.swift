import Kernels

/// The model under one condition: its weights, and the residual streams of the block that is on its way through.
///
/// The sweep holds one per condition and drives them layer by layer. Rows are tokens of the block, chunk after chunk.
protocol ConditionModel: AnyObject, Sendable {
  /// Its place among the study's conditions, reruns and branches after them: where its time is counted.
  var condition: Int { get }
  var method: any CompressionMethod { get }
  /// Starts a block from embedding rows E[id], [rows, D] in bf16: x0 = E[id] · √D, the scale rounded as the
  /// arithmetic has it.
  func embed(_ rows: [UInt16])
  /// A model with the same weights and a stream of its own, which starts from values that it is given.
  func branch(_ condition: Int) -> any ConditionModel
  /// Makes room for a block of so many rows, which `start` fills.
  func reserve(rows: Int)
  /// Starts some rows from float32 values in the model's own order, [rows, D], rounded as the arithmetic has them.
  func start(_ rows: Range<Int>, from x: UnsafePointer<Float>)
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

/// Unchecked: the sweep's own thread alone starts blocks, while no task runs; tasks write rows of the stream of their own.
final class TypedConditionModel<A: Arithmetic>: ConditionModel, @unchecked Sendable {
  let condition: Int
  let method: any CompressionMethod
  private let weights: LayerWeights<A>
  private var stream = AlignedBuffer<A.Element>(count: 0)

  private var configuration: Gemma3Configuration { weights.configuration }
  private var reordering: Reordering? { weights.reordering }

  init(_ condition: Int, _ method: any CompressionMethod, _ weights: LayerWeights<A>) {
    self.condition = condition
    self.method = method
    self.weights = weights
  }

  func branch(_ condition: Int) -> any ConditionModel { TypedConditionModel(condition, method, weights) }

  func reserve(rows: Int) {
    if stream.count < rows * configuration.dModel { stream = AlignedBuffer(count: rows * configuration.dModel) }
  }

  func start(_ rows: Range<Int>, from x: UnsafePointer<Float>) {
    let (d, out) = (configuration.dModel, stream.pointer + rows.lowerBound * configuration.dModel)
    for i in 0..<rows.count * d { out[i] = A.element(x[i]) }
    reordering?.reorder(out, rows: rows.count)
  }

  func embed(_ rows: [UInt16]) {
    reserve(rows: rows.count / configuration.dModel)
    let scale = A.float(A.element(Float(Double(configuration.dModel).squareRoot())))
    for i in rows.indices { stream[i] = A.element(BF16.float(rows[i]) * scale) }
    reordering?.reorder(stream.pointer, rows: rows.count / configuration.dModel)
  }

  func holds(layer: Int) -> Bool { weights[layer] != nil }
  func release(layer: Int) { weights.release(layer) }

  func prepare(layer: Int, _ tensors: LayerTensors, threads: Int, _ workspaces: WorkspacePool) throws {
    try weights.prepare(layer, tensors, threads: threads, workspaces)
  }

  func run(layer: Int, rows: Range<Int>, chunkLength: Int, _ workspace: Workspace) throws {
    guard let weights = weights[layer] else { preconditionFailure("layer \(layer) runs before it is prepared") }
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
    TypedConditionModel<BF16>(
      condition, method, LayerWeights(condition, configuration, chunkLength: chunkLength, reordering, make))
  case .f32(let make):
    TypedConditionModel<F32>(
      condition, method, LayerWeights(condition, configuration, chunkLength: chunkLength, reordering, make))
  }
}
