/// The order in which Hugging Face `datasets` 1.10 to 5.0 yields the rows of
/// `dataset.shuffle(seed:buffer_size:)` on a streaming dataset with one shard.
///
/// Rows fill a buffer; once it is full, each further row replaces a victim drawn by
/// `rng.integers(0, buffer, size: 1000)`, and the victim is yielded. What is left in the buffer at the end is
/// shuffled. When the rows fit into the buffer no victim is ever drawn: the order is one list shuffle.
/// Later versions of `datasets` shuffle otherwise (5.2 permutes the full buffer and yields half of it), so a
/// study that must repeat another's order names the version it was made with.
/// Source: datasets 5.0.0, iterable_dataset.py, BufferShuffledExamplesIterable.
///
/// - Parameters:
///   - count: number of rows.
///   - buffer: rows held in memory, at least 1.
///   - seed: as given to `default_rng`.
/// - Returns: row numbers in the order they are yielded; a permutation of 0 ..< count.
public func shuffledOrder(count: Int, buffer: Int, seed: UInt64) -> [Int] {
  precondition(buffer > 0, "a shuffle buffer holds at least one row")
  var order: [Int] = []
  order.reserveCapacity(count)
  var held: [Int] = []
  // Victims come from the generator in batches drawn ahead; the final shuffle goes on from where the last
  // batch left it. `datasets` draws no batch before the first victim is needed.
  var generator = PCG64(seed: seed)
  var victims: ArraySlice<Int> = []
  for row in 0..<count {
    guard held.count == buffer else {
      held.append(row)
      continue
    }
    if victims.isEmpty {
      victims = generator.integers(below: buffer, count: victimBatch)[...]
    }
    let victim = victims.removeFirst()
    order.append(held[victim])
    held[victim] = row
  }
  generator.shuffle(&held)
  return order + held
}

/// `random_batch_size` in `datasets`.
private let victimBatch = 1000
