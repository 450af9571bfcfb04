/// A smaller copy of a run file for publishing: every measured floating-point number rounded to some significant bits,
/// so that deflate finds zeros where digits said nothing. Counts, tokens and everything that describes the run stay.
///
/// Rounding to nearest, ties to even, in binary, as "BitRound" does (Klöwer et al. 2021, Nature Computational Science 1,
/// 713–724): the relative error of a value is at most 2^(−bits), and has no direction. The copy says in its description
/// what was done, and the content hash of the run it was made from.
public struct RoundedRun {
  /// Fewer would move what a report prints; a Float has 24.
  public static let allowedBits = 10...24

  private let reader: RunReader
  private let bits: Int
  private let isKept: (ColumnKey) -> Bool

  /// - Parameter isKept: false for columns that the copy goes without; it names them.
  /// - Throws: `RunFileError.notToBeRounded` for imported values, for what is rounded already, and for an odd number of
  ///   bits; `.noContentHash` for parts of a run.
  public init(
    _ reader: RunReader, significantBits bits: Int, keeping isKept: @escaping (ColumnKey) -> Bool = { _ in true }
  ) throws {
    func reject(_ reason: String) -> RunFileError { .notToBeRounded(path: reader.path, reason: reason) }
    guard Self.allowedBits.contains(bits) else {
      throw reject(
        "\(bits) significant bits are not between \(Self.allowedBits.lowerBound) and \(Self.allowedBits.upperBound)")
    }
    guard reader.summary == nil else { throw reject("it has values without measurements") }
    guard reader.description.rounded == nil else {
      throw reject("it is a rounded copy already; take the run it was made from")
    }
    guard reader.contentSHA256 != nil else { throw RunFileError.noContentHash(path: reader.path) }
    self.reader = reader
    self.bits = bits
    self.isKept = isKept
  }

  /// Checks the original's content hash, and writes the copy; an older one at `path` is replaced only by a whole one.
  public func write(to path: String) throws {
    let original = try reader.verify()
    var description = reader.description
    // A copy has the tables alone.
    description.featureGroups = nil
    let columns = reader.storedColumns.filter { isKept($0.key) }
    let leftOut = reader.storedColumns.filter { !isKept($0.key) }.map(\.stored.path)
    description.rounded = .init(
      significantBits: bits, contentSHA256: original, leftOut: leftOut.isEmpty ? nil : leftOut)
    let vocabulary = try reader.vocabulary()
    let assembly = RunFileAssembly(
      parts: [reader.path], counts: reader.counts, columns: columns, description: description,
      isComplete: !reader.isPartial, text: vocabulary.map { texts in { texts[$0] ?? "" } }, significantBits: bits)
    try DurableFile.replace(path) { temporary in
      try HDF5Library.locked { try assembly.write(to: temporary) }
    }
  }
}

/// Rounds floating-point numbers in their memory.
enum BitRound {
  /// NaN and infinities stay.
  static func round(_ bytes: UnsafeMutableRawBufferPointer, _ type: ColumnDefinition.ElementType, bits: Int) {
    switch type {
    case .float64:
      let drop = UInt64(53 - bits)
      for index in 0..<(bytes.count / 8) {
        let pattern = bytes.load(fromByteOffset: index * 8, as: UInt64.self)
        guard Double(bitPattern: pattern).isFinite else { continue }
        bytes.storeBytes(of: rounded(pattern, drop), toByteOffset: index * 8, as: UInt64.self)
      }
    case .float32 where bits < 24:
      let drop = UInt32(24 - bits)
      for index in 0..<(bytes.count / 4) {
        let pattern = bytes.load(fromByteOffset: index * 4, as: UInt32.self)
        guard Float(bitPattern: pattern).isFinite else { continue }
        bytes.storeBytes(of: rounded(pattern, drop), toByteOffset: index * 4, as: UInt32.self)
      }
    case .float32, .int32, .uint8: break
    }
  }

  /// The nearest pattern whose last `drop` bits are zero; of two as near, the one that ends in zero before them. A carry
  /// goes on into the exponent, as it should.
  private static func rounded<Pattern: FixedWidthInteger>(_ pattern: Pattern, _ drop: Pattern) -> Pattern {
    let half = (1 << (drop - 1)) - 1 + ((pattern >> drop) & 1)
    return (pattern &+ half) & ~((1 << drop) - 1)
  }
}
