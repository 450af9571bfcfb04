/// Merges a stretch of symbols: the pair of lowest rank first, the leftmost among equals, until none merges.
///
/// Short stretches are searched from end to end for each merge, which is fastest while everything fits into a few
/// cache lines; long ones keep their candidates in a heap and their symbols in a linked list.
struct PairMerger {
  /// Where the heap begins to pay.
  private static let shortest = 32

  private var merges: [MergeTable.Merge] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  /// Rank in the upper half, position in the lower: the order of merging is the order of numbers.
  private var heap: [UInt64] = []

  mutating func merge(_ symbols: inout [Int32], _ tables: BytePairTables) {
    if symbols.count < Self.shortest { mergeShort(&symbols, tables) } else { mergeLong(&symbols, tables) }
  }

  private mutating func mergeShort(_ symbols: inout [Int32], _ tables: BytePairTables) {
    merges.removeAll(keepingCapacity: true)
    for index in 0..<symbols.count - 1 { merges.append(tables.merge(symbols[index], symbols[index + 1])) }
    while true {
      var best = UInt32.max
      var position = -1
      for index in 0..<merges.count where merges[index].rank < best {
        best = merges[index].rank
        position = index
      }
      guard position >= 0 else { return }
      symbols[position] = merges[position].result
      symbols.remove(at: position + 1)
      merges.remove(at: position)
      if position < merges.count { merges[position] = tables.merge(symbols[position], symbols[position + 1]) }
      if position > 0 { merges[position - 1] = tables.merge(symbols[position - 1], symbols[position]) }
    }
  }

  private mutating func mergeLong(_ symbols: inout [Int32], _ tables: BytePairTables) {
    let count = symbols.count
    precondition(count < 1 << 31, "a text of more than 2³¹ characters without a place to cut")
    merges.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      next.append(index + 1 < count ? Int32(index + 1) : -1)
      previous.append(Int32(index) - 1)
      let merge = index + 1 < count ? tables.merge(symbols[index], symbols[index + 1]) : Self.none
      merges.append(merge)
      if merge.rank != .max { heap.append(UInt64(merge.rank) << 32 | UInt64(index)) }
    }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }

    while let top = heap.first {
      pop()
      let position = Int(top & 0xffff_ffff)
      // An entry is stale when its pair has changed; a changed pair has another rank.
      guard merges[position].rank == UInt32(top >> 32) else { continue }
      let right = Int(next[position])
      symbols[position] = merges[position].result
      symbols[right] = Self.removed
      merges[right] = Self.none
      next[position] = next[right]
      if next[right] >= 0 { previous[Int(next[right])] = Int32(position) }

      renew(position, symbols, tables)
      if previous[position] >= 0 { renew(Int(previous[position]), symbols, tables) }
    }
    symbols.removeAll { $0 == Self.removed }
  }

  /// Looks up the merge of the pair that starts at `position` after one of its symbols has changed.
  private mutating func renew(_ position: Int, _ symbols: [Int32], _ tables: BytePairTables) {
    guard next[position] >= 0 else {
      merges[position] = Self.none
      return
    }
    let merge = tables.merge(symbols[position], symbols[Int(next[position])])
    merges[position] = merge
    if merge.rank != .max { push(UInt64(merge.rank) << 32 | UInt64(position)) }
  }

  private static let none = MergeTable.Merge(pair: .max, rank: .max, result: -1)
  private static let removed: Int32 = -1

  // MARK: A binary heap, smallest first

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}
