/// A safetensors file: tensors by name, memory-mapped.
///
/// Layout: a 64-bit length, a JSON header of that length with each tensor's dtype, shape and byte range, the data.
/// Little endian, row-major. Source: the safetensors format description, version 0.4.
public struct SafetensorsFile: Sendable {
  public let file: MappedFile
  /// Sorted by place in the file.
  public let tensors: [StoredTensor]
  /// Free text pairs of the header's `__metadata__`.
  public let metadata: [String: String]
  /// Tensors in a number format that is not read here, with its name (I64, F8_E4M3 …).
  let others: [String: String]
  /// Of all tensors, in any number format that some format of weights uses.
  private let raws: [String: RawTensor]
  private let index: [String: Int]

  public var path: String { file.path }

  /// No real header comes near this; a larger length means another file format.
  private static let longestHeader = 100_000_000

  /// Maps the file and reads its header.
  /// - Throws: `FileError`, `CheckpointError`.
  public init(path: String) throws {
    let file = try MappedFile(path: path)
    self.file = file
    let header = try Self.readHeader(file)
    metadata = header.metadata
    others = header.others
    raws = header.raws
    tensors = header.tensors.sorted { ($0.bytes.lowerBound, $0.name) < ($1.bytes.lowerBound, $1.name) }
    index = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// Of all tensors, those that cannot be read among them.
  var names: [String] { tensors.map(\.name) + others.keys }

  public func tensor(_ name: String) throws -> StoredTensor? {
    if let position = index[name] { return tensors[position] }
    if let type = others[name] {
      throw CheckpointError.unsupportedType(
        path: path, tensor: name, type: type,
        supported: TensorElement.plain.map(\.rawValue).joined(separator: ", "))
    }
    return nil
  }

  /// The tensor as it lies there, whatever its meaning.
  func raw(_ name: String) -> RawTensor? { raws[name] }

  private struct Header {
    var tensors: [StoredTensor] = []
    var raws: [String: RawTensor] = [:]
    var others: [String: String] = [:]
    var metadata: [String: String] = [:]
    /// Where every tensor lies, those among them that cannot be read.
    var places: [(bytes: Range<Int>, name: String)] = []
  }

  /// Tensors must fill the file without overlap, hole or rest: the format asks for it, and the library that writes it
  /// refuses anything else.
  private static func checkLayout(_ header: Header, dataStart: Int, _ file: MappedFile) throws {
    var end = (byte: dataStart, name: "the header")
    for (bytes, name) in header.places.sorted(by: {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }) {
      guard bytes.lowerBound == end.byte else {
        throw CheckpointError.damaged(
          path: file.path,
          reason: bytes.lowerBound < end.byte
            ? "\(name) starts inside \(end.name)"
            : "\(bytes.lowerBound - end.byte) bytes between \(end.name) and \(name) belong to no tensor")
      }
      end = (bytes.upperBound, name)
    }
    guard end.byte == file.count else {
      throw CheckpointError.damaged(
        path: file.path, reason: "\(file.count - end.byte) bytes after \(end.name) belong to no tensor")
    }
  }

  private static func readHeader(_ file: MappedFile) throws -> Header {
    let path = file.path
    return try file.withBytes { bytes in
      guard bytes.count >= 8 else {
        throw CheckpointError.damaged(path: path, reason: "\(bytes.count) bytes are too few for a safetensors file")
      }
      let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
      guard length <= longestHeader else {
        throw CheckpointError.notSafetensors(path: path, found: "its header would be \(length) bytes long")
      }
      let dataStart = 8 + Int(length)
      guard dataStart <= bytes.count else {
        throw CheckpointError.damaged(
          path: path, reason: "the header is \(length) bytes long, \(dataStart - bytes.count) of them are missing")
      }
      let tree: JSONValue
      do {
        tree = try JSONValue.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]))
      } catch let error as JSONError {
        throw CheckpointError.invalidJSON(path: path, error)
      }
      guard let entries = tree.object else {
        throw CheckpointError.damaged(path: path, reason: "the header is no JSON object")
      }
      var header = Header()
      for name in entries.keys.sorted() {
        guard let entry = entries[name] else { continue }
        if name == "__metadata__" {
          header.metadata = entry.object?.compactMapValues(\.string) ?? [:]
        } else {
          try add(entry, name: name, dataStart: dataStart, file: file, to: &header)
        }
      }
      try checkLayout(header, dataStart: dataStart, file)
      return header
    }
  }

  private static func add(
    _ entry: JSONValue, name: String, dataStart: Int, file: MappedFile, to header: inout Header
  ) throws {
    let path = file.path
    let shape = entry["shape"]?.integers
    let range = entry["data_offsets"]?.integers
    guard let type = entry["dtype"]?.string, let shape, shape.allSatisfy({ 0..<1 << 40 ~= $0 }),
      let range, range.count == 2, range[0] >= 0, range[0] <= range[1], range[1] < 1 << 60
    else {
      throw CheckpointError.damaged(
        path: path, reason: "the header's entry for \(name) is not a dtype, a shape and two offsets")
    }
    let bytes = dataStart + range[0]..<dataStart + range[1]
    header.places.append((bytes, name))
    guard let number = RawTensor.NumberType(rawValue: type) else {
      header.others[name] = type
      return
    }
    var needed = (partialValue: number.bytes, overflow: false)
    for length in shape {
      let product = needed.partialValue.multipliedReportingOverflow(by: length)
      needed = (product.partialValue, needed.overflow || product.overflow)
    }
    guard !needed.overflow, needed.partialValue == bytes.count else {
      throw CheckpointError.damaged(
        path: path, reason: "\(name) has shape \(shape) of \(type) and \(bytes.count) bytes, which do not agree")
    }
    guard bytes.upperBound <= file.count else {
      throw CheckpointError.truncatedTensor(
        path: path, tensor: name, missingBytes: bytes.upperBound - file.count, fileBytes: file.count)
    }
    header.raws[name] = RawTensor(name: name, type: number, shape: shape, file: file, bytes: bytes)
    guard let element = TensorElement(rawValue: type), TensorElement.plain.contains(element) else {
      header.others[name] = type
      return
    }
    header.tensors.append(StoredTensor(name: name, shape: shape, element: element, file: file, bytes: bytes))
  }
}
