/// A part of a run that is measured by itself: some of its blocks, which follow one another.
public struct RunShard: Codable, Sendable, Equatable {
  /// From 1.
  public let number: Int
  public let count: Int
  /// Blocks of the whole run.
  public let blockCount: Int

  /// - Throws: `RunFileError.badShard` for a number that is not there, or more shards than blocks.
  public init(_ number: Int, of count: Int, blockCount: Int) throws {
    guard count >= 1, 1...count ~= number else {
      throw RunFileError.badShard("there is no shard \(number) of \(count): they are counted from 1")
    }
    guard count <= blockCount else {
      throw RunFileError.badShard(
        "\(count) shards are more than the run's \(blockCount) \(blockCount == 1 ? "block" : "blocks"), which are not cut"
      )
    }
    (self.number, self.count, self.blockCount) = (number, count, blockCount)
  }

  /// Shares differ by one block at most.
  public var blocks: Range<Int> { (number - 1) * blockCount / count..<number * blockCount / count }

  public var name: String { "shard \(number) of \(count)" }
}
