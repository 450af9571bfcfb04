import NumpyRandom

/// In which order documents are packed.
public enum CorpusOrder: Sendable, Equatable, Codable {
  /// As in the file.
  case file
  /// As Hugging Face `datasets` (up to 5.0) yields a streaming dataset after `shuffle(seed:buffer_size:)`.
  case shuffled(seed: UInt64, buffer: Int)

  /// Row numbers in the order of packing.
  func rows(count: Int) -> [Int] {
    switch self {
    case .file: Array(0..<count)
    case .shuffled(let seed, let buffer): shuffledOrder(count: count, buffer: buffer, seed: seed)
    }
  }
}
