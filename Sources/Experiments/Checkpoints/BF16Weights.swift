import Kernels

/// A weight matrix in bf16, row-major: in the mapped file itself where it is stored so, else decoded.
///
/// Mapped weights are page cache and no memory of the process, so a model larger than memory can be read through them.
///
/// Unchecked: the memory behind the pointer is written before anyone else has it, and lives as long as its owner.
final class BF16Weights: @unchecked Sendable {
  let pointer: UnsafePointer<UInt16>
  let rows: Int
  let columns: Int
  /// The name that Hugging Face checkpoints have for it; empty for weights that were made.
  let identity: String
  /// What the checkpoint's format does with activations.
  let arithmetic: ShippedArithmetic
  /// Keeps the memory behind `pointer`.
  private let owner: AnyObject

  var count: Int { rows * columns }

  init(_ checkpoint: Gemma3Checkpoint, _ tensor: Gemma3Tensor) throws {
    let stored = try checkpoint.storedTensor(tensor)
    (rows, columns) = (stored.rows, stored.columns)
    identity = tensor.huggingFaceName
    arithmetic = stored.arithmetic
    if case .plain(let plain) = stored, plain.element == .bf16, let mapped = plain.mapped(as: UInt16.self) {
      (pointer, owner) = (mapped, plain.file)
    } else {
      let decoded = AlignedBuffer<UInt16>(count: stored.count)
      try checkpoint.readRows(
        0..<stored.rows, of: tensor, into: UnsafeMutableBufferPointer(start: decoded.pointer, count: decoded.count))
      (pointer, owner) = (UnsafePointer(decoded.pointer), decoded)
    }
  }

  /// - Parameter values: [rows, columns].
  init(_ values: AlignedBuffer<UInt16>, rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "a matrix has as many numbers as its shape says")
    (pointer, owner) = (UnsafePointer(values.pointer), values)
    (self.rows, self.columns) = (rows, columns)
    identity = ""
    arithmetic = .weightsAlone
  }

  /// Matrices of equal width under one another; a single one as it is.
  static func stacked(_ parts: [BF16Weights]) -> BF16Weights {
    if parts.count == 1 { return parts[0] }
    let all = AlignedBuffer<UInt16>(count: parts.reduce(0) { $0 + $1.count })
    var next = all.pointer
    for part in parts {
      next.update(from: part.pointer, count: part.count)
      next += part.count
    }
    return BF16Weights(all, rows: parts.reduce(0) { $0 + $1.rows }, columns: parts[0].columns)
  }
}

extension StoredTensor {
  /// The numbers where they lie in the mapped file, or nil when they lie off their alignment. Valid while the file is.
  func mapped<Element: BitwiseCopyable>(as type: Element.Type) -> UnsafePointer<Element>? {
    file.withBytes(in: bytes) { raw in
      guard let base = raw.baseAddress, Int(bitPattern: base) % MemoryLayout<Element>.alignment == 0 else { return nil }
      return base.assumingMemoryBound(to: Element.self)
    }
  }
}
