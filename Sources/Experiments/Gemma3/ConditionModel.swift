import Kernels
import Synchronization

/// The model under one condition: its weights, and the residual streams of the block that is on its way through.
///
/// The sweep holds one per condition and drives them layer by layer. Rows are tokens of the block, chunk after chunk.
protocol ConditionModel: AnyObject, Sendable {
  /// Its place among the study's conditions.
  var condition: Int { get }
  var compression: Compression { get }
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

final class TypedConditionModel<A: Arithmetic>: ConditionModel, @unchecked Sendable {
  /// Makes one linear layer of matrices that share their input.
  typealias MakeLinear = @Sendable (_ parts: [BF16Weights]) throws -> any Linear<A.Element>

  let condition: Int
  let compression: Compression
  private let configuration: Gemma3Configuration
  private let makeLinear: MakeLinear
  private let globalRotary: RotaryTable
  private let localRotary: RotaryTable
  private var layers: [DecoderLayer<A>?]
  private var stream = AlignedBuffer<A.Element>(count: 0)

  init(
    _ condition: Int, _ compression: Compression, _ configuration: Gemma3Configuration, chunkLength: Int,
    makeLinear: @escaping MakeLinear
  ) {
    self.condition = condition
    self.compression = compression
    self.configuration = configuration
    self.makeLinear = makeLinear
    let rounded = A.self == BF16.self
    globalRotary = RotaryTable(
      positions: chunkLength, headDim: configuration.headDim, base: configuration.ropeBaseGlobal,
      scaling: configuration.ropeScalingFactorGlobal, rounded: rounded)
    localRotary = RotaryTable(
      positions: chunkLength, headDim: configuration.headDim, base: configuration.ropeBaseLocal, scaling: 1,
      rounded: rounded)
    layers = Array(repeating: nil, count: configuration.layerCount)
  }

  func embed(_ rows: [UInt16]) {
    if stream.count < rows.count { stream = AlignedBuffer(count: rows.count) }
    let scale = A.float(A.element(Float(Double(configuration.dModel).squareRoot())))
    for i in rows.indices { stream[i] = A.element(BF16.float(rows[i]) * scale) }
  }

  func holds(layer: Int) -> Bool { layers[layer] != nil }
  func release(layer: Int) { layers[layer] = nil }

  func prepare(layer: Int, _ tensors: LayerTensors, threads: Int, _ workspaces: WorkspacePool) throws {
    if layers[layer] != nil { return }
    let isGlobal = configuration.isGlobal[layer]
    // Largest first: with two threads, gate and up weigh about as much as all the rest.
    let parts = [
      [tensors.gate, tensors.up], [tensors.down], [tensors.query, tensors.key, tensors.value], [tensors.output],
    ]
    let made = Mutex<[Int: any Linear<A.Element>]>([:])
    try forEachTask(parts.count, threads: threads) { index in
      let linear = try workspaces.with(.weights, condition: condition) { _ in try makeLinear(parts[index]) }
      made.withLock { $0[index] = linear }
    }
    let linears = made.withLock { $0 }
    layers[layer] = DecoderLayer<A>(
      gains: tensors.gains, qkv: linears[2]!, output: linears[3]!, gateUp: linears[0]!, down: linears[1]!,
      attention: Attention(
        headCount: configuration.headCount, keyValueHeadCount: configuration.keyValueHeadCount,
        headDim: configuration.headDim, scale: Float(1 / configuration.queryPreAttentionScalar.squareRoot()),
        window: isGlobal ? nil : configuration.slidingWindow),
      rotary: isGlobal ? globalRotary : localRotary, epsilon: Float(configuration.rmsNormEpsilon))
  }

  func run(layer: Int, rows: Range<Int>, chunkLength: Int, _ workspace: Workspace) throws {
    guard let weights = layers[layer] else { preconditionFailure("layer \(layer) runs before it is prepared") }
    try weights.apply(
      stream.pointer + rows.lowerBound * configuration.dModel, rows: rows.count, chunkLength: chunkLength, workspace)
  }

  func residual(_ rows: Range<Int>, into out: UnsafeMutablePointer<Float>) {
    let d = configuration.dModel
    A.floats(stream.pointer + rows.lowerBound * d, count: rows.count * d, into: out)
  }

  func finish(_ rows: Range<Int>, gain: AlignedBuffer<Float>) {
    let x = stream.pointer + rows.lowerBound * configuration.dModel
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

/// The model of a condition, with its way to make linear layers.
///
/// - Parameter condition: its place among the study's conditions.
func conditionModel(
  _ condition: Int, _ compression: Compression, _ configuration: Gemma3Configuration, chunkLength: Int
) -> any ConditionModel {
  switch compression {
  case .none(.f32):
    TypedConditionModel<F32>(condition, compression, configuration, chunkLength: chunkLength) {
      try DenseLinear<F32>($0)
    }
  case .none(.bf16):
    TypedConditionModel<BF16>(condition, compression, configuration, chunkLength: chunkLength) {
      try DenseLinear<BF16>($0)
    }
  case .int8(let threshold, let epilogue):
    TypedConditionModel<BF16>(condition, compression, configuration, chunkLength: chunkLength) { parts in
      try LLMInt8Linear(LLMInt8Weights(quantizing: parts), threshold: threshold, epilogue: epilogue)
    }
  case .nf4(let blockSize, let double, let compute):
    TypedConditionModel<BF16>(condition, compression, configuration, chunkLength: chunkLength) { parts in
      // Double quantization takes its mean over each tensor: quantize one by one, then join.
      let (outputs, inputs) = (parts.reduce(0) { $0 + $1.rows }, parts[0].columns)
      func dequantized<Element>(
        _ write: (NF4, UnsafeMutablePointer<Element>) -> Void
      ) -> AlignedBuffer<Element> {
        let all = AlignedBuffer<Element>(count: outputs * inputs)
        var next = all.pointer
        for part in parts {
          let quantized = withExtendedLifetime(part) {
            NF4(
              quantizing: part.pointer, rows: part.rows, columns: part.columns, blockSize: blockSize,
              doubleQuantization: double)
          }
          write(quantized, next)
          next += part.count
        }
        return all
      }
      switch compute {
      case .bf16:
        let weights: AlignedBuffer<UInt16> = dequantized { $0.dequantize(into: $1) }
        return try DenseLinear<BF16>(weights.pointer, outputs: outputs, inputs: inputs)
      case .f32:
        let weights: AlignedBuffer<Float> = dequantized { $0.dequantize(into: $1) }
        return try WideLinear(weights.pointer, outputs: outputs, inputs: inputs)
      }
    }
  }
}
