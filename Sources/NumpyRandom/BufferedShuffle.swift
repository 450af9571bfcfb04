/// The order in which Hugging Face `datasets` 5.0 yields the rows of `dataset.shuffle(seed:buffer_size:)` on a
/// streaming dataset of one file or several ("shards").
///
/// Shards are shuffled as a list and dealt out to at most ten lanes, which take turns, a row each. These rows fill a
/// buffer; once it is full, each further row replaces a victim drawn by `rng.integers(0, buffer, size: 1000)`, and the
/// victim is yielded. What is left in the buffer at the end is shuffled. When the rows of one shard fit into the buffer
/// no victim is ever drawn: the order is one list shuffle. Of one shard, versions from 1.10 on yield the same.
/// Later versions shuffle otherwise (5.2 permutes the full buffer and yields half of it), so a study that must repeat
/// another's order names the version it was made with.
/// Source: datasets 5.0.0, iterable_dataset.py (IterableDataset.shuffle, CyclingMultiSourcesExamplesIterable,
/// BufferShuffledExamplesIterable) and utils/sharding.py.
///
/// - Parameters:
///   - shards: rows of each file. A row's number counts from the first row of the first.
///   - buffer: rows held in memory, at least 1.
///   - seed: as given to `default_rng`.
/// - Returns: row numbers in the order they are yielded; a permutation of all.
public func shuffledOrder(shards: [Int], buffer: Int, seed: UInt64) -> [Int] {
  precondition(buffer > 0, "a shuffle buffer holds at least one row")
  let rows = interleavedRows(shards, seed: seed)
  var order: [Int] = []
  order.reserveCapacity(rows.count)
  var held: [Int] = []
  // Victims come from the generator in batches drawn ahead; the final shuffle goes on from where the last
  // batch left it. `datasets` draws no batch before the first victim is needed.
  var generator = PCG64(seed: seed)
  var victims: ArraySlice<Int> = []
  for row in rows {
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

/// Rows in the order in which they fill the buffer.
private func interleavedRows(_ shards: [Int], seed: UInt64) -> [Int] {
  let starts = shards.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  // A generator of its own: the buffer's starts afresh from the same seed.
  var generator = PCG64(seed: seed)
  var order = Array(shards.indices)
  generator.shuffle(&order)
  // Consecutive shards share a lane; the first lanes take one more where they do not divide evenly.
  let laneCount = min(shards.count, mostLanes)
  var lanes: [ArraySlice<Int>] = []
  for lane in 0..<laneCount {
    let (size, extra) = (shards.count / laneCount, shards.count % laneCount)
    let first = size * lane + min(lane, extra)
    let members = order[first..<first + size + (lane < extra ? 1 : 0)]
    lanes.append(members.flatMap { starts[$0]..<starts[$0 + 1] }[...])
  }
  var rows: [Int] = []
  while !lanes.isEmpty {
    for lane in lanes.indices {
      if let row = lanes[lane].popFirst() { rows.append(row) }
    }
    lanes.removeAll(where: \.isEmpty)
  }
  return rows
}

/// `random_batch_size` in `datasets`.
private let victimBatch = 1000
/// `max_buffer_input_shards` in `datasets`.
private let mostLanes = 10
