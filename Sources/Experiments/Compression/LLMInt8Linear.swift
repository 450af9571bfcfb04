import Kernels

/// Weights of LLM.int8: row-wise absmax codes of W rounded to fp16.
struct LLMInt8Weights: Sendable {
  let rows: Int
  let columns: Int
  /// CB, [rows, columns].
  let codes: AlignedBuffer<Int8>
  /// SCB, [rows].
  let absmax: AlignedBuffer<Float>

  /// - Parameter parts: matrices of equal width; codes and scales are per row, so they become one matrix.
  init(quantizing parts: [BF16Weights], order: LinearOrder = .own) {
    let (rows, columns) = (parts.reduce(0) { $0 + $1.rows }, parts[0].columns)
    let codes = AlignedBuffer<Int8>(count: rows * columns)
    let absmax = AlignedBuffer<Float>(count: rows)
    var row = 0
    for part in parts {
      withExtendedLifetime(part) {
        LLMInt8.quantizeWeights(
          part.pointer, rows: part.rows, width: columns, codes: codes.pointer + row * columns,
          absmax: absmax.pointer + row)
      }
      row += part.rows
    }
    (self.rows, self.columns) = (rows, columns)
    self.codes = order.applied(to: codes)
    self.absmax = order.applied(toOutputs: absmax)
  }

  /// Codes and scales of a file.
  ///
  /// - Parameters:
  ///   - codes: [rows, columns] of Int8.
  ///   - absmax: [rows] of float32.
  init(codes stored: RawTensor, absmax scales: RawTensor, order: LinearOrder) {
    (rows, columns) = (stored.shape[0], stored.shape[1])
    let codes = AlignedBuffer<Int8>(count: stored.count)
    codes.pointer.update(from: stored.int8s, count: stored.count)
    self.codes = order.applied(to: codes)
    absmax = order.applied(toOutputs: AlignedBuffer((0..<rows).map(scales.float)))
  }
}

/// A linear layer under LLM.int8: an exact integer product of quantized activations and weights, plus a bf16 product
/// over the columns in which any activation of the batch reaches the threshold.
///
/// Source: bitsandbytes, MatMul8bitLt.forward and its default and CUDA backends.
struct LLMInt8Linear: Linear {
  let weights: LLMInt8Weights
  let packed: PackedMatrix
  let threshold: Float
  let epilogue: LLMInt8.Epilogue

  var outputs: Int { weights.rows }
  var inputs: Int { weights.columns }

  /// Rows whose integer product stays in cache until it has become numbers again.
  private static let rowTile = 128
  /// Outlier columns are padded with zeros to a multiple of this, so that few product shapes occur.
  private static let columnStep = 16

  init(
    _ weights: LLMInt8Weights, threshold: Float, epilogue: LLMInt8.Epilogue, _ kernels: KernelChoice
  ) throws {
    self.weights = weights
    self.threshold = threshold
    self.epilogue = epilogue
    packed = try PackedMatrix(int8: weights.codes.pointer, rows: weights.rows, columns: weights.columns, kernels)
  }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let (n, k) = (outputs, inputs)
    let maxima = workspace.scratch(.int8Maxima, Float.self, count: rows)
    let hot = workspace.scratch(.int8Hot, UInt8.self, count: k)
    hot.update(repeating: 0, count: k)
    workspace.timed(part: .quantization) {
      LLMInt8.scan(x, rows: rows, width: k, threshold: threshold, rowMaximum: maxima, outlierColumns: hot)
    }
    let outliers = (0..<k).filter { hot[$0] != 0 }.map(Int32.init)
    let step = Self.columnStep
    let padded = (outliers.count + step - 1) / step * step

    // The batch's rows share the outlier columns' weights.
    let right = workspace.timed(part: .outliers) {
      let gathered = workspace.scratch(.int8Right, UInt16.self, count: n * padded)
      LLMInt8.gatherWeights(
        weights.codes.pointer, absmax: weights.absmax.pointer, rows: n, width: k, columns: outliers, padded: padded,
        into: gathered)
      return workspace.multiplier.share(
        Strided(UnsafePointer(gathered), stride: padded), rows: n, columns: padded, isTransposed: false
      ) { workspace.scratch(.int8Outliers, count: $0) }
    }
    let tile = min(Self.rowTile, rows)
    let codes = workspace.scratch(.int8Codes, Int8.self, count: tile * k)
    let product = workspace.scratch(.int8Product, Int32.self, count: tile * n)
    let left = workspace.scratch(.int8Left, UInt16.self, count: tile * padded)
    let addend = workspace.scratch(.int8Addend, Float.self, count: tile * n)
    for start in stride(from: 0, to: rows, by: tile) {
      let count = min(tile, rows - start)
      let (input, output) = (x + start * k, out + start * n)
      workspace.timed(part: .quantization) {
        LLMInt8.quantizeActivations(
          input, rows: count, width: k, threshold: threshold, rowMaximum: maxima + start, outlierColumns: hot,
          codes: codes)
      }
      try workspace.product(of: Int8.self, rows: count, n: n, k: k) {
        try workspace.multiplier.multiply(
          Strided(UnsafePointer(codes), stride: k), rows: count, by: packed, into: product, stride: n)
      }
      workspace.timed(part: .epilogue) {
        LLMInt8.dequantize(
          product, rowScale: maxima + start, columnScale: weights.absmax.pointer, rows: count, width: n,
          epilogue: epilogue, into: output)
      }
      if outliers.isEmpty { continue }
      try workspace.product(of: UInt16.self, rows: count, n: n, k: padded, part: .outliers) {
        LLMInt8.gather(input, rows: count, width: k, columns: outliers, padded: padded, into: left)
        try workspace.multiplier.multiply(
          Strided(UnsafePointer(left), stride: padded), rows: count, by: right, rows: 0..<n, columns: 0..<padded,
          into: addend, stride: n)
        LLMInt8.add(addend, to: output, count: count * n)
      }
    }
  }
}
