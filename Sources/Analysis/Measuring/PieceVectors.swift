import Dispatch
import Measures
import RunFile

/// Sums of a column of vectors, [segments, 4, D], per piece and stratum.
struct PieceVectors {
  /// A stratum's sums: the column's cells, and those of a second column added where a pair's cells differ.
  struct Wanted {
    let key: QuantityKey
    let shift: ColumnKey?
  }

  private let wanted: [Wanted]
  private let pieceCount: Int
  private let width: Int
  /// [wanted, pieces, D].
  private let vectors: [Double]
  /// Over the pieces that shares stand on, per cell: [4, D].
  let cells: [Double]

  /// Nil when the column was not measured.
  init?(_ column: Column, of place: Int, in sums: PieceSums, _ wanted: [Wanted], cells inCells: [Bool]) throws {
    let (width, pieceCount, ofSegment) = (sums.dModel, sums.pieces.count, sums.pieces.ofSegment)
    (self.wanted, self.width, self.pieceCount) = (wanted, width, pieceCount)
    precondition(ofSegment.allSatisfy { 0..<pieceCount ~= Int($0) }, "segments lie in pieces")
    let rowWidth = StratumFlags.cellCount * width
    var totals = [Double](repeating: 0, count: rowWidth)
    var vectors = [Double](repeating: 0, count: wanted.count * pieceCount * width)
    let raw = RawColumns(reader: sums.reader)
    func add(_ key: ColumnKey, to which: [Int], countsCells: Bool) throws -> Bool {
      try raw.forEachRows(key, width: rowWidth) { first, rows in
        guard let source = rows.baseAddress else { return }
        let segments = first..<first + rows.count / rowWidth
        precondition(segments.upperBound <= ofSegment.count, "one vector sum per segment")
        if countsCells {
          for segment in segments where inCells[Int(ofSegment[segment])] {
            for index in 0..<rowWidth { totals[index] += source[(segment - first) * rowWidth + index] }
          }
        }
        vectors.withUnsafeMutableBufferPointer { vectors in
          guard let start = vectors.baseAddress else { return }
          nonisolated(unsafe) let (source, target) = (source, start)  // safe: each stratum adds to its own sums only
          DispatchQueue.concurrentPerform(iterations: which.count) { index in
            for segment in segments {
              let to = target + (which[index] * pieceCount + Int(ofSegment[segment])) * width
              for cell in wanted[which[index]].key.stratum.cells {
                let from = source + ((segment - first) * StratumFlags.cellCount + cell) * width
                for dimension in 0..<width { to[dimension] += from[dimension] }
              }
            }
          }
        }
      }
    }
    let key = column.key(sums.conditions.all[place].name)
    let countsCells = place == sums.conditions.baseline && !inCells.isEmpty
    guard try add(key, to: Array(wanted.indices), countsCells: countsCells) else { return nil }
    var shifts: [ColumnKey] = []
    for shift in wanted.compactMap(\.shift) where !shifts.contains(shift) { shifts.append(shift) }
    for shift in shifts {
      _ = try add(shift, to: wanted.indices.filter { wanted[$0].shift == shift }, countsCells: false)
    }
    cells = totals
    self.vectors = vectors
  }

  /// Hands out the sums of each stratum: [pieces, D].
  func forEach(_ body: (QuantityKey, UnsafeBufferPointer<Double>) -> Void) {
    vectors.withUnsafeBufferPointer { vectors in
      let size = pieceCount * width
      for (place, wanted) in wanted.enumerated() {
        body(wanted.key, UnsafeBufferPointer(rebasing: vectors[place * size..<(place + 1) * size]))
      }
    }
  }
}
