extension TableBlock {
  /// Tables that together hold this one's cells, each with the columns that name the rows.
  ///
  /// - Parameters:
  ///   - columns: the most that one has, those that name the rows included.
  ///   - characters: the most that one is wide. Words wrap, so a column of them counts with its first 24 characters at
  ///     most; one column besides those that name the rows is always there.
  func split(columns limit: Int, characters: Int) -> [TableBlock] {
    let widths = columns.indices.map { column in
      let longest = ([columns[column].title.count] + rows.map { $0[column].plain.count }).max() ?? 0
      return columns[column].alignment == .right ? longest : min(longest, 24)
    }
    let names = Array(columns.indices.prefix(headingCount))
    var pieces: [[Int]] = [names]
    for column in columns.indices.dropFirst(headingCount) {
      let piece = pieces[pieces.count - 1]
      let isFull = piece.count >= limit || (piece + [column]).map({ widths[$0] }).reduce(0, +) > characters
      if isFull, piece.count > names.count {
        pieces.append(names + [column])
      } else {
        pieces[pieces.count - 1].append(column)
      }
    }
    return pieces.map { indices in
      var part = self
      part.columns = indices.map { columns[$0] }
      part.rows = rows.map { row in indices.map { row[$0] } }
      return part
    }
  }
}
