/// Finds the word someone probably meant.
enum Spelling {
  /// The nearest of `known`, or nil when none is near: more than a third of the letters would have to change.
  static func nearest(to word: String, in known: [String]) -> String? {
    let target = word.lowercased()
    let ranked = known.map { ($0, distance(target, $0.lowercased())) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
    let allowed = max(1, max(target.count, best.0.count) / 3)
    if best.1 <= allowed { return best.0 }
    // "snapshot_tokens" for "snapshots": one inside the other.
    return known.first { candidate in
      candidate.count >= 4 && (target.contains(candidate.lowercased()) || candidate.lowercased().contains(target))
        && target.count >= 4
    }
  }

  /// Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    for i in 1...a.count {
      for j in 1...b.count {
        let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        rows[i][j] = min(replaced, rows[i - 1][j] + 1, rows[i][j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
        }
      }
    }
    return rows[a.count][b.count]
  }
}
