import Crypto

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

  /// Call inside `HDF5Library.locked`.
  static func compute(of path: String) throws -> String {
    let file = try HDF5File(reading: path)
    var hash = SHA256()
    var objects: [(path: String, kind: HDF5File.Kind)] = [("/", .group)]
    var groups = ["/"]
    while let group = groups.popLast() {
      for (name, kind) in try file.members(of: group) {
        let member = group == "/" ? "/" + name : group + "/" + name
        if member == RunSchema.volatileGroup { continue }
        objects.append((member, kind))
        if kind == .group { groups.append(member) }
      }
    }
    objects.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for (object, kind) in objects {
      switch kind {
      case .group: hash.update(text: "group \(object)\n")
      case .dataset: try add(dataset: object, of: file, to: &hash)
      case .other: continue
      }
      for name in try file.attributeNames(of: object)
      where !scaleAttributes.contains(name) && !(object == "/" && name == RunSchema.contentHash) {
        guard let value = try file.attribute(name, of: object) else { continue }
        add(attribute: name, value, to: &hash)
      }
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  private static func add(dataset: String, of file: borrowing HDF5File, to hash: inout SHA256) throws {
    if let (texts, isScalar) = try file.readTexts(dataset) {
      hash.update(text: "dataset \(dataset) utf8 \(isScalar ? "" : String(texts.count))\n")
      for text in texts { hash.update(text: text + "\0") }
      return
    }
    let (values, shape) = try file.readValues(dataset)
    let lengths = shape.map(String.init).joined(separator: ",")
    hash.update(text: "dataset \(dataset) \(values.type.rawValue) \(lengths)\n")
    values.withLittleEndianBytes { hash.update(bufferPointer: $0) }
  }

  private static func add(attribute: String, _ value: AttributeValue, to hash: inout SHA256) {
    switch value {
    case .text(let text):
      hash.update(text: "attribute \(attribute) utf8 \n" + text + "\0")
    case .texts(let texts):
      hash.update(text: "attribute \(attribute) utf8 \(texts.count)\n")
      for text in texts { hash.update(text: text + "\0") }
    case .integer(let number):
      hash.update(text: "attribute \(attribute) int64 \n")
      withUnsafeBytes(of: number.littleEndian) { hash.update(bufferPointer: $0) }
    case .real(let number):
      hash.update(text: "attribute \(attribute) float64 \n")
      withUnsafeBytes(of: number.bitPattern.littleEndian) { hash.update(bufferPointer: $0) }
    }
  }
}

extension SHA256 {
  fileprivate mutating func update(text: String) {
    var text = text
    text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }
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
