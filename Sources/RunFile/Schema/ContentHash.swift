import Codecs
import Digests
import Dispatch

/// SHA-256 over what a run file says, not over how its bytes lie: it survives a repack, another zlib, another machine.
///
/// Hashed, for every object in order of its path (UTF-8 bytes), the root group first, `/provenance/volatile` left out:
///
///     "group <path>\n"                                     or
///     "dataset <path> <type> <shape>\n" + the values
///     then, for each attribute in order of its name:
///     "attribute <name> <type> <shape>\n" + the values
///
/// type: uint8, int32, int64, float32, float64 (values little-endian, row-major) or utf8 (each text followed by a zero
/// byte). shape: lengths joined by commas, empty for a scalar. Left out among the attributes: the hash itself, and those
/// that implement dimension scales (CLASS, NAME, DIMENSION_LIST, REFERENCE_LIST), which hold addresses.
enum ContentHash {
  private static let scaleAttributes: Set<String> = ["CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"]

  static func compute(of path: String) throws -> String {
    let digests = try digests(of: path)
    guard let whole = digests.whole else { throw digests.errors[0] }
    return whole
  }

  /// The hash, and one of each object alone: of what is hashed of it, with its attributes. Objects that cannot be read are
  /// named with the reason.
  static func digests(of path: String) throws -> RunContentDigests {
    try HDF5Library.locked {
      let file = try HDF5File(reading: path)
      var digest = ContentDigest()
      var digests = RunContentDigests()
      for (object, kind) in try file.objects() where object != RunSchema.volatileGroup {
        digest.own = SHA256()
        do {
          try add(object, kind, of: file, to: &digest)
          // The hash leaves out the links between data sets and their axes: they must lead somewhere all the same.
          if kind == .dataset {
            _ = try file.scaleNames(of: object, axes: file.describe(object).shape.indices)
          }
          digests.objects.append(.init(path: object, sha256: ContentDigest.text(digest.own)))
        } catch let error as HDF5Error {
          digests.damaged.append(.init(path: object, reason: error.cause))
          digests.errors.append(error)
        }
      }
      if digests.damaged.isEmpty { digests.whole = ContentDigest.text(digest.whole) }
      return digests
    }
  }

  private static func add(
    _ object: String, _ kind: HDF5File.Kind, of file: borrowing HDF5File, to hash: inout ContentDigest
  ) throws {
    switch kind {
    case .group: hash.update(text: "group \(object)\n")
    case .dataset: try add(dataset: object, of: file, to: &hash)
    }
    for name in try file.attributeNames(of: object)
    where !scaleAttributes.contains(name) && !(object == "/" && name == RunSchema.contentHash) {
      guard let value = try file.attribute(name, of: object) else { continue }
      add(attribute: name, value, to: &hash)
    }
  }

  private static func add(dataset: String, of file: borrowing HDF5File, to hash: inout ContentDigest) throws {
    if let (texts, isScalar) = try file.readTexts(dataset) {
      hash.update(text: "dataset \(dataset) utf8 \(isScalar ? "" : String(texts.count))\n")
      for text in texts { hash.update(text: text + "\0") }
      return
    }
    if let chunks = try StoredChunks(of: dataset, in: file) {
      let lengths = chunks.shape.map(String.init).joined(separator: ",")
      hash.update(text: "dataset \(dataset) \(chunks.type.rawValue) \(lengths)\n")
      return try chunks.forEachBand(in: file.path) { hash.update($1) }
    }
    let (values, shape) = try file.readValues(dataset)
    let lengths = shape.map(String.init).joined(separator: ",")
    hash.update(text: "dataset \(dataset) \(values.type.rawValue) \(lengths)\n")
    values.withLittleEndianBytes { hash.update($0) }
  }

  private static func add(attribute: String, _ value: AttributeValue, to hash: inout ContentDigest) {
    switch value {
    case .text(let text):
      hash.update(text: "attribute \(attribute) utf8 \n" + text + "\0")
    case .texts(let texts):
      hash.update(text: "attribute \(attribute) utf8 \(texts.count)\n")
      for text in texts { hash.update(text: text + "\0") }
    case .integer(let number):
      hash.update(text: "attribute \(attribute) int64 \n")
      withUnsafeBytes(of: number.littleEndian) { hash.update($0) }
    case .real(let number):
      hash.update(text: "attribute \(attribute) float64 \n")
      withUnsafeBytes(of: number.bitPattern.littleEndian) { hash.update($0) }
    }
  }
}

/// What a run file's content hashes to, as a whole and object by object.
public struct RunContentDigests: Sendable, Equatable {
  /// As `content_sha256` states it; nil where something cannot be read.
  public internal(set) var whole: String?
  /// Every group and data set that the hash covers, in order of its path.
  public internal(set) var objects: [Object] = []
  public internal(set) var damaged: [Damage] = []
  /// Those of `damaged`, as they were thrown.
  var errors: [HDF5Error] = []

  public struct Object: Sendable, Equatable {
    public var path: String
    public var sha256: String
    public init(path: String, sha256: String) {
      self.path = path
      self.sha256 = sha256
    }
  }

  public struct Damage: Sendable, Equatable {
    public var path: String
    public var reason: String
  }
}

/// SHA-256 of everything so far, and of what belongs to the object under way.
private struct ContentDigest {
  var whole = SHA256()
  var own = SHA256()
  /// From so many bytes on both are made at once.
  private static let long = 1 << 16

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.long else {
      whole.update(bufferPointer: bytes)
      own.update(bufferPointer: bytes)
      return
    }
    var lanes = [whole, own]
    lanes.withUnsafeMutableBufferPointer { lanes in
      nonisolated(unsafe) let (lanes, bytes) = (lanes, bytes)
      DispatchQueue.concurrentPerform(iterations: 2) { lanes[$0].update(bufferPointer: bytes) }
    }
    (whole, own) = (lanes[0], lanes[1])
  }

  mutating func update(text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  static func text(_ hash: SHA256) -> String { hash.finalize().hexadecimal }
}

extension ColumnValues {
  /// The values' memory as a file would hold them.
  fileprivate func withLittleEndianBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    if 1.littleEndian == 1 {
      withBytes(body)
    } else {
      switch self {
      case .uint8(let values): values.withUnsafeBytes(body)
      case .int32(let values): values.map(\.littleEndian).withUnsafeBytes(body)
      case .float32(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes(body)
      case .float64(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes(body)
      }
    }
  }
}
