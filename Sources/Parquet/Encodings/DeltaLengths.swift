/// Whole numbers as differences in bit-packed blocks (encoding DELTA_BINARY_PACKED), here always lengths.
enum DeltaLengths {
  /// Reads the numbers and leaves the cursor behind them.
  /// - Parameter limit: how many there may be at most.
  static func read(_ cursor: inout ByteCursor, limit: Int) throws -> [Int] {
    let blockSize = try cursor.count()
    let miniblocks = try cursor.count()
    let count = try cursor.count()
    var value = try cursor.zigzag()
    guard miniblocks > 0, blockSize > 0, blockSize <= 1 << 20, blockSize % miniblocks == 0,
      (blockSize / miniblocks) % 8 == 0, count <= limit
    else { throw Fault.damaged("a block of lengths has sizes that cannot be") }
    let perMiniblock = blockSize / miniblocks
    var lengths: [Int] = []
    func add() throws {
      guard 0...Int64(Int32.max) ~= value else { throw Fault.damaged("a length is negative or too large") }
      lengths.append(Int(value))
    }
    if count > 0 { try add() }
    while lengths.count < count {
      let least = try cursor.zigzag()
      let widths = try cursor.take(miniblocks)
      for width in widths where lengths.count < count {
        guard width <= 32 else { throw Fault.damaged("a length has \(width) bits") }
        let packed = try cursor.take(perMiniblock / 8 * Int(width))
        for index in 0..<min(perMiniblock, count - lengths.count) {
          let difference = Int64(bits(packed, at: index * Int(width), width: Int(width)))
          value = value &+ least &+ difference
          try add()
        }
      }
    }
    return lengths
  }
}
