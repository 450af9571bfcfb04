/// Sorts by numbers in time proportional to their count.
enum AscendingOrder {
  /// Indices of `values` in ascending order of the values; equal ones keep their order.
  ///
  /// A radix sort by 11 bits at a time over the numbers' bits, which are made to sort as the numbers do (negative ones
  /// inverted, the others above them). −0 comes before 0. NaN has no place: there must be none.
  static func indices(of values: [Double]) -> [Int32] {
    let count = values.count
    var from = values.indices.map { Entry(key: key(values[$0]), index: Int32($0)) }
    var to = from
    for shift in stride(from: 0, to: 64, by: digitBits) {
      var starts = [Int](repeating: 0, count: 1 << digitBits)
      for entry in from { starts[Int(entry.key >> UInt64(shift) & digitMask)] += 1 }
      // A digit that all share moves nothing.
      if starts.contains(count) { continue }
      var sum = 0
      for digit in starts.indices { (starts[digit], sum) = (sum, sum + starts[digit]) }
      from.withUnsafeBufferPointer { from in
        to.withUnsafeMutableBufferPointer { to in
          starts.withUnsafeMutableBufferPointer { starts in
            for entry in from {
              let digit = Int(entry.key >> UInt64(shift) & digitMask)
              to[starts[digit]] = entry
              starts[digit] += 1
            }
          }
        }
      }
      swap(&from, &to)
    }
    return from.map(\.index)
  }

  private struct Entry {
    var key: UInt64
    var index: Int32
  }

  private static let digitBits = 11
  private static let digitMask: UInt64 = 1 << digitBits - 1

  private static func key(_ value: Double) -> UInt64 {
    let bits = value.bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }
}
