import NumpyRandom

/// In which order documents are packed.
public enum CorpusOrder: Sendable, Equatable {
  /// As in the file, file after file.
  case file
  /// As Hugging Face `datasets` 5.0 yields a streaming dataset after `shuffle(seed:buffer_size:)`, files being shards.
  case shuffled(seed: UInt64, buffer: Int)

  /// Row numbers in the order of packing.
  /// - Parameter shards: rows of each file.
  func rows(shards: [Int]) -> [Int] {
    switch self {
    case .file: Array(0..<shards.reduce(0, +))
    case .shuffled(let seed, let buffer): shuffledOrder(shards: shards, buffer: buffer, seed: seed)
    }
  }
}
