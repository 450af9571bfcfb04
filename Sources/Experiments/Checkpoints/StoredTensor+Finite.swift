import Kernels

/// Numbers that no computation survives: NaN, infinities, and what becomes infinite in bf16.
extension StoredTensor {
  /// Bytes that are looked at as one piece of work.
  private static let pieceBytes = 1 << 20

  /// Place, in row-major order, of the first number that is NaN or infinite; nil where there is none. Looks at the mapped
  /// file on all cores.
  ///
  /// - Parameter asBF16: also find float32 numbers that round to infinity in bf16.
  func firstNotFinite(asBF16: Bool) -> Int? {
    let blocks = count / element.blockLength
    let blocksPerPiece = max(1, Self.pieceBytes / element.blockBytes)
    let pieces = (blocks + blocksPerPiece - 1) / blocksPerPiece
    let block = withPointer { base in
      nonisolated(unsafe) let base = base  // safe: only read
      return mapTasks(pieces) { piece in
        let first = piece * blocksPerPiece
        let length = min(blocksPerPiece, blocks - first)
        return firstBlock(in: base + first * element.blockBytes, count: length, asBF16).map { first + $0 }
      }.lazy.compactMap(\.self).first
    }
    guard let block else { return nil }
    let start = block * element.blockLength
    return (start..<start + element.blockLength).first { !number(at: $0).isFinite } ?? start
  }

  private func firstBlock(in base: UnsafeRawPointer, count: Int, _ asBF16: Bool) -> Int? {
    switch element {
    case .f32: FiniteNumbers.firstOther(inFloat32: base, count: count, asBF16: asBF16)
    case .bf16: FiniteNumbers.firstOther(inBF16: base, count: count)
    case .f16: FiniteNumbers.firstOther(inFloat16: base, count: count)
    // Codes are whole numbers: a block is finite where its scales are.
    case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: firstBlock(in: base, count, scalesAt: [0])
    case .q4_1, .q5_1, .q4_K, .q5_K: firstBlock(in: base, count, scalesAt: [0, 2])
    case .q6_K: firstBlock(in: base, count, scalesAt: [208])
    case .q2_K: firstBlock(in: base, count, scalesAt: [80, 82])
    case .q3_K: firstBlock(in: base, count, scalesAt: [108])
    }
  }

  private func firstBlock(in base: UnsafeRawPointer, _ count: Int, scalesAt places: [Int]) -> Int? {
    places.compactMap { FiniteNumbers.firstOther(inFloat16: base + $0, count: count, stride: element.blockBytes) }.min()
  }

  /// A number by its place in row-major order, in float32.
  func number(at place: Int) -> Float {
    let block = place / element.blockLength
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: element.blockLength) { numbers in
      guard let first = numbers.baseAddress else { return .nan }
      withPointer {
        Dequantization.dequantize(
          element, from: $0 + block * element.blockBytes, count: element.blockLength, into: first)
      }
      return numbers[place % element.blockLength]
    }
  }

  /// The indices of a number, one per dimension.
  func index(of place: Int) -> [Int] {
    var (rest, index) = (place, [Int]())
    for length in shape.reversed() {
      index.append(rest % length)
      rest /= length
    }
    return index.reversed()
  }
}
