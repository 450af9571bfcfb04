import Kernels

/// Decodes rows of stored tensors, on all cores.
///
/// Work is cut by the tensor's shape, not by the number of threads, and each piece writes its own rows:
/// the result does not depend on the machine.
enum TensorReader {
  /// Numbers per piece of work: large enough to pay for a thread's start, small enough to share out evenly.
  private static let pieceCount = 1 << 18

  /// What is done to a decoded float32 before it is stored.
  enum Offset: Float {
    case none = 0
    /// GGUF keeps 1 + w of an RMSNorm; Hugging Face keeps w. The difference is formed in float32.
    case minusOne = 1
  }

  /// Decodes `rows` to bf16 (nearest, ties to even) into `out`, [rows.count, columns].
  static func readBFloat16(
    _ tensor: StoredTensor, rows: Range<Int>, offset: Offset, into out: UnsafeMutableBufferPointer<UInt16>
  ) {
    read(tensor.rows, tensor.columns, rows, into: out) { decodeBFloat16(tensor, rows: $0, offset: offset, into: $1) }
  }

  /// The same of a format of several tensors.
  static func readBFloat16(
    _ weight: any PackedWeight, rows: Range<Int>, into out: UnsafeMutableBufferPointer<UInt16>
  ) {
    let columns = weight.columns
    read(weight.rows, columns, rows, into: out) { piece, out in
      guard let target = out.baseAddress, columns > 0 else { return }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { row in
        guard let numbers = row.baseAddress else { return }
        for index in 0..<piece.count {
          weight.decode(piece.lowerBound + index, into: numbers)
          BF16.elements(numbers, count: columns, into: target + index * columns)
        }
      }
    }
  }

  /// Decodes `rows` to float32 into `out`, [rows.count, columns], without rounding to bf16.
  static func readFloat32(
    _ tensor: StoredTensor, rows: Range<Int>, offset: Offset, into out: UnsafeMutableBufferPointer<Float>
  ) {
    read(tensor.rows, tensor.columns, rows, into: out) { piece, out in
      guard !out.isEmpty, let base = out.baseAddress else { return }
      withRowBytes(tensor, piece) { source in
        Dequantization.dequantize(tensor.element, from: source, count: out.count, into: base)
      }
      if offset != .none { for i in out.indices { out[i] -= offset.rawValue } }
    }
  }

  /// Lets `decode` fill the part of `out` that belongs to a piece of the rows.
  private static func read<Number>(
    _ allRows: Int, _ columns: Int, _ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Number>,
    _ decode: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Number>) -> Void
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= allRows, "\(rows) of \(allRows) rows")
    precondition(out.count == rows.count * columns, "out must be [rows, columns]")
    nonisolated(unsafe) let target = out  // safe: each piece owns its rows
    forEachPiece(rows, columns: columns) { piece in
      let start = (piece.lowerBound - rows.lowerBound) * columns
      decode(piece, UnsafeMutableBufferPointer(rebasing: target[start..<start + piece.count * columns]))
    }
  }

  /// Decodes one row per id into `out`, [ids.count, columns]; an id may occur many times.
  /// - Precondition: ids lie in 0 ..< rows.
  static func gatherBFloat16(
    _ tensor: StoredTensor, ids: [Int32], into out: UnsafeMutableBufferPointer<UInt16>
  ) {
    let columns = tensor.columns
    precondition(out.count == ids.count * columns, "out must be [ids, columns]")
    nonisolated(unsafe) let target = out  // safe: each piece owns its rows
    forEachPiece(0..<ids.count, columns: columns) { piece in
      for index in piece {
        let row = Int(ids[index])
        let slice = UnsafeMutableBufferPointer(rebasing: target[index * columns..<(index + 1) * columns])
        decodeBFloat16(tensor, rows: row..<row + 1, offset: .none, into: slice)
      }
    }
  }

  private static func forEachPiece(_ rows: Range<Int>, columns: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let rowsPerPiece = max(1, pieceCount / max(columns, 1))
    let pieces = (rows.count + rowsPerPiece - 1) / rowsPerPiece
    guard pieces > 1 else { return body(rows) }
    forEachTask(pieces) { index in
      let start = rows.lowerBound + index * rowsPerPiece
      body(start..<min(start + rowsPerPiece, rows.upperBound))
    }
  }

  private static func withRowBytes(
    _ tensor: StoredTensor, _ rows: Range<Int>, _ body: (UnsafeRawPointer) -> Void
  ) {
    let start = tensor.bytes.lowerBound + rows.lowerBound * tensor.rowBytes
    tensor.file.withBytes(in: start..<start + rows.count * tensor.rowBytes) { bytes in
      if let base = bytes.baseAddress { body(base) }
    }
  }

  private static func decodeBFloat16(
    _ tensor: StoredTensor, rows: Range<Int>, offset: Offset, into out: UnsafeMutableBufferPointer<UInt16>
  ) {
    let columns = tensor.columns
    guard let target = out.baseAddress, columns > 0 else { return }
    withRowBytes(tensor, rows) { source in
      if tensor.element == .bf16, offset == .none {
        return UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 2 * out.count)
      }
      // One row at a time through a buffer that stays in the first-level cache.
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { row in
        guard let numbers = row.baseAddress else { return }
        for index in 0..<rows.count {
          Dequantization.dequantize(
            tensor.element, from: source + index * tensor.rowBytes, count: columns, into: numbers)
          if offset != .none { for i in 0..<columns { numbers[i] -= offset.rawValue } }
          BF16.elements(numbers, count: columns, into: target + index * columns)
        }
      }
    }
  }
}
