import Kernels

/// A linear layer's weights in a format of several tensors: codes, scales, zero points.
protocol PackedWeight: Sendable {
  /// Of the weights that the tensors stand for: "model.layers.0.mlp.up_proj.weight".
  var name: String { get }
  var rows: Int { get }
  var columns: Int { get }
  /// For tables: "bitsandbytes nf4".
  var format: String { get }
  /// Everything that it lies in.
  var tensors: [RawTensor] { get }
  /// How the library that wrote it computes with it.
  var arithmetic: ShippedArithmetic { get }
  /// Decodes a row, every product rounded as that library rounds it; what is left is to round to bf16.
  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>)
}

extension PackedWeight {
  var arithmetic: ShippedArithmetic { .weightsAlone }
  /// Bytes in the file, scales counted.
  var storedBytes: Int { tensors.reduce(0) { $0 + $1.bytes.count } }
}

/// What a format says of activations.
enum ShippedArithmetic: Sendable {
  /// They stay as they are: dequantized weights are multiplied in bf16.
  case weightsAlone
  /// LLM.int8 with the file's codes [rows, columns] and the largest magnitude per row.
  case int8(codes: RawTensor, absmax: RawTensor, threshold: Double)
  /// Rounded by token to FP8 E4M3 before each product.
  case fp8PerToken
  /// Something that is not computed here, in words.
  case other(String)
}

/// A tensor of the model as its files keep it.
enum StoredWeight: Sendable {
  /// Numbers or blocks in one place.
  case plain(StoredTensor)
  case packed(any PackedWeight)

  var name: String {
    switch self {
    case .plain(let tensor): tensor.name
    case .packed(let weight): weight.name
    }
  }

  var shape: [Int] {
    switch self {
    case .plain(let tensor): tensor.shape
    case .packed(let weight): [weight.rows, weight.columns]
    }
  }

  var count: Int { shape.reduce(1, *) }
  /// Length of the last dimension.
  var columns: Int { shape.last ?? 1 }
  /// Product of the other dimensions; a vector is one row.
  var rows: Int { shape.dropLast().reduce(1, *) }

  /// Bytes in the files, scales counted.
  var storedBytes: Int {
    switch self {
    case .plain(let tensor): tensor.storedBytes
    case .packed(let weight): weight.storedBytes
    }
  }

  /// Nil for a format of several tensors.
  var element: TensorElement? {
    if case .plain(let tensor) = self { tensor.element } else { nil }
  }

  /// "Q4_0", "bitsandbytes nf4".
  var format: String {
    switch self {
    case .plain(let tensor): tensor.element.rawValue
    case .packed(let weight): weight.format
    }
  }

  /// True where it is stored in a format that loses something.
  var isLossy: Bool { element.map { $0.blockLength > 1 } ?? true }

  var arithmetic: ShippedArithmetic {
    if case .packed(let weight) = self { weight.arithmetic } else { .weightsAlone }
  }

  /// The file, and where in it the tensor begins.
  var place: (file: MappedFile, byte: Int) {
    switch self {
    case .plain(let tensor): (tensor.file, tensor.bytes.lowerBound)
    case .packed(let weight): (weight.tensors[0].file, weight.tensors[0].bytes.lowerBound)
    }
  }

  /// Asks the system to bring the tensor's pages in, while something else is computed.
  func prefetch() {
    switch self {
    case .plain(let tensor): tensor.file.prefetch(tensor.bytes)
    case .packed(let weight): for tensor in weight.tensors { tensor.file.prefetch(tensor.bytes) }
    }
  }

  /// Decodes `rows` to bf16 (nearest, ties to even) into `out`, [rows.count, columns].
  func readBFloat16(_ rows: Range<Int>, offset: TensorReader.Offset, into out: UnsafeMutableBufferPointer<UInt16>) {
    switch self {
    case .plain(let tensor): TensorReader.readBFloat16(tensor, rows: rows, offset: offset, into: out)
    case .packed(let weight): TensorReader.readBFloat16(weight, rows: rows, into: out)
    }
  }

  /// The first number that is NaN or infinite, as stored or in bf16, with its indices; nil where there is none.
  func firstNotFinite() -> (index: [Int], value: Float)? {
    switch self {
    case .plain(let tensor):
      tensor.firstNotFinite(asBF16: true).map { (tensor.index(of: $0), tensor.number(at: $0)) }
    case .packed(let weight): weight.firstNotFinite()
    }
  }
}

extension PackedWeight {
  fileprivate func firstNotFinite() -> (index: [Int], value: Float)? {
    let rowsTogether = max(1, (1 << 18) / max(columns, 1))
    let found = mapTasks((rows + rowsTogether - 1) / rowsTogether) { piece -> (index: [Int], value: Float)? in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { numbers in
        guard let first = numbers.baseAddress else { return nil }
        for row in piece * rowsTogether..<min((piece + 1) * rowsTogether, rows) {
          decode(row, into: first)
          for column in 0..<columns where !BF16.float(BF16.element(first[column])).isFinite {
            return ([row, column], first[column])
          }
        }
        return nil
      }
    }
    return found.lazy.compactMap(\.self).first
  }
}
