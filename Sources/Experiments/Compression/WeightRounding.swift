import Kernels

/// A method that changes weights alone: its layers multiply bf16 activations with what it has made of them.
protocol WeightRounding: CompressionMethod {
  /// What the matrices of one layer are after the method, each [rows, columns] in bf16.
  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>]
}

extension WeightRounding {
  var linears: LinearMaker {
    .bf16 { parts, order, kernels, threads in
      let made = zip(parts, rounded(parts, threads: threads)).map { part, values in
        BF16Weights(values, rows: part.rows, columns: part.columns)
      }
      return try DenseLinear<BF16>(made, order: order, kernels)
    }
  }

  /// Rounded weights are what is kept.
  func residentBytes(parameters: Int) -> Int { 2 * parameters }
}

extension BF16Weights {
  /// A matrix of the same shape, row by row.
  func mapRows(
    threads: Int, _ make: @Sendable (_ row: UnsafePointer<UInt16>, _ out: UnsafeMutablePointer<UInt16>) -> Void
  ) -> AlignedBuffer<UInt16> {
    let out = AlignedBuffer<UInt16>(count: count)
    // Long enough to pay for a task's start.
    let rowsPerTask = max(1, (1 << 16) / max(columns, 1))
    forEachTask((rows + rowsPerTask - 1) / rowsPerTask, threads: threads) { task in
      for row in task * rowsPerTask..<min((task + 1) * rowsPerTask, rows) {
        make(pointer + row * columns, out.pointer + row * columns)
      }
    }
    return out
  }

  /// The same, with the weights of each row in groups; the last of a row may be shorter.
  func mapGroups(
    of size: Int, threads: Int,
    _ make: @Sendable (_ group: UnsafePointer<UInt16>, _ count: Int, _ out: UnsafeMutablePointer<UInt16>) -> Void
  ) -> AlignedBuffer<UInt16> {
    mapRows(threads: threads) { row, out in
      for start in stride(from: 0, to: columns, by: size) {
        make(row + start, min(size, columns - start), out + start)
      }
    }
  }

  /// Largest magnitude of all weights.
  var largest: Float { Self.largest(pointer, count) }

  static func largest(_ weights: UnsafePointer<UInt16>, _ count: Int) -> Float {
    var bits: UInt16 = 0
    for i in 0..<count { bits = max(bits, weights[i] & 0x7FFF) }
    return BF16.float(bits)
  }
}

/// Nearest whole number, ties to even, for |x| < 2²²; zero keeps the sign of x.
@inline(__always)
func nearestWhole(_ x: Float) -> Float {
  let whole = (x + 0x1.8p23) - 0x1.8p23
  return Float(bitPattern: whole.bitPattern | (x.bitPattern & 0x8000_0000))
}
