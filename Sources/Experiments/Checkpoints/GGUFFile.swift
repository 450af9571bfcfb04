/// A GGUF file, version 3: metadata by key, tensors by name, memory-mapped.
///
/// Layout: magic, version, counts; key-value pairs; tensor descriptions; padding; tensor data. Little endian.
/// Source: ggml's docs/gguf.md; read here the way `gguf` 0.19 (gguf_reader.py) does.
public struct GGUFFile: Sendable {
  public let file: MappedFile
  public let metadata: [String: GGUFValue]
  /// In file order.
  public let tensors: [StoredTensor]
  private let tensorIndex: [String: Int]

  public var path: String { file.path }

  static let magic: [UInt8] = Array("GGUF".utf8)
  private static let version: UInt32 = 3
  private static let defaultAlignment = 32

  /// Maps the file and reads its header; tensor data is not touched.
  /// - Throws: `FileError`, `CheckpointError`.
  public init(path: String) throws {
    try self.init(MappedFile(path: path))
  }

  init(_ file: MappedFile) throws {
    self.file = file
    let path = file.path
    (metadata, tensors) = try file.withBytes { bytes in
      guard bytes.count >= 4, bytes[0..<4].elementsEqual(Self.magic) else {
        throw CheckpointError.notACheckpoint(path: path, found: "it does not start with GGUF")
      }
      var cursor = ByteCursor(bytes, at: 4, path: path)
      let version = try cursor.read(UInt32.self)
      guard version == Self.version else {
        throw CheckpointError.unsupportedGGUF(path: path, reason: Self.versionReason(version))
      }
      let tensorCount = try cursor.readCount(unit: 24)
      let pairCount = try cursor.readCount(unit: 12)

      var metadata: [String: GGUFValue] = [:]
      for _ in 0..<pairCount {
        let key = try cursor.readString()
        guard metadata.updateValue(try GGUFValue(&cursor, path: path, key: key), forKey: key) == nil else {
          throw CheckpointError.damaged(path: path, reason: "the key \(key) is given twice")
        }
      }
      var descriptions: [Description] = []
      for _ in 0..<tensorCount { descriptions.append(try Description(&cursor, path: path)) }

      var alignment = Self.defaultAlignment
      if let stated = metadata["general.alignment"] {
        guard let value = stated.integer, value > 0, value & (value - 1) == 0 else {
          throw CheckpointError.invalidValue(
            path: path, key: "general.alignment", value: stated.summary, needed: "a power of two")
        }
        alignment = value
      }
      let dataStart = (cursor.position + alignment - 1) / alignment * alignment
      let tensors = try descriptions.map { try $0.place(in: file, dataStart: dataStart) }
      try Self.checkLayout(tensors, dataStart: dataStart, alignment: alignment, path: path)
      return (metadata, tensors)
    }
    if let parts = metadata["split.count"]?.integer, parts > 1 {
      throw CheckpointError.unsupportedGGUF(
        path: path,
        reason:
          "the model is split over \(parts) files, which are not joined here. Join them with llama.cpp's gguf-split --merge"
      )
    }
    var index: [String: Int] = [:]
    for (position, tensor) in tensors.enumerated() {
      guard index.updateValue(position, forKey: tensor.name) == nil else {
        throw CheckpointError.damaged(path: path, reason: "two tensors are named \(tensor.name)")
      }
    }
    tensorIndex = index
  }

  public func tensor(_ name: String) -> StoredTensor? {
    tensorIndex[name].map { tensors[$0] }
  }

  /// Tensors must start at multiples of the alignment and must not overlap.
  private static func checkLayout(_ tensors: [StoredTensor], dataStart: Int, alignment: Int, path: String) throws {
    var end = (byte: dataStart, name: "the header")
    for tensor in tensors.sorted(by: {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }) {
      let start = tensor.bytes.lowerBound
      guard (start - dataStart) % alignment == 0 else {
        throw CheckpointError.damaged(
          path: path, reason: "\(tensor.name) starts at byte \(start - dataStart), which is no multiple of \(alignment)"
        )
      }
      guard start >= end.byte else {
        throw CheckpointError.damaged(path: path, reason: "\(tensor.name) starts inside \(end.name)")
      }
      end = (tensor.bytes.upperBound, tensor.name)
    }
  }

  private static func versionReason(_ version: UInt32) -> String {
    if version.byteSwapped == Self.version {
      return "the file is big-endian; only little-endian GGUF is read. Get the little-endian file"
    }
    return "the file has GGUF version \(version); version \(Self.version) is read. Convert it with a current llama.cpp"
  }

  /// A tensor description in the header, before the position of the data is known.
  private struct Description {
    let name: String
    let shape: [Int]
    let element: TensorElement
    let offset: Int
    let path: String

    init(_ cursor: inout ByteCursor, path: String) throws {
      self.path = path
      name = try cursor.readString()
      let dimensions = try cursor.read(UInt32.self)
      guard dimensions <= 4 else {
        throw CheckpointError.damaged(path: path, reason: "\(name) has \(dimensions) dimensions; GGUF allows 4")
      }
      var fastestFirst: [Int] = []
      for _ in 0..<dimensions {
        let length = try cursor.read(UInt64.self)
        guard length < 1 << 40 else {
          throw CheckpointError.damaged(path: path, reason: "\(name) has a dimension of \(length)")
        }
        fastestFirst.append(Int(length))
      }
      shape = fastestFirst.reversed()
      let type = try cursor.read(UInt32.self)
      guard let element = TensorElement(ggmlNumber: type) else {
        throw CheckpointError.unsupportedType(
          path: path, tensor: name, type: TensorElement.ggmlName(type), supported: TensorElement.readable)
      }
      self.element = element
      let offset = try cursor.read(UInt64.self)
      guard offset < 1 << 60 else {
        throw CheckpointError.damaged(path: path, reason: "\(name) starts at byte \(offset)")
      }
      self.offset = Int(offset)
    }

    func place(in file: MappedFile, dataStart: Int) throws -> StoredTensor {
      let rows = shape.dropLast().reduce(into: (1, false)) { total, length in
        let product = total.0.multipliedReportingOverflow(by: length)
        total = (product.partialValue, total.1 || product.overflow)
      }
      guard let rowBytes = element.rowBytes(columns: shape.last ?? 1) else {
        throw CheckpointError.damaged(
          path: path,
          reason:
            "\(name) has rows of \(shape.last ?? 1), which \(element.rawValue) cannot cut into blocks of \(element.blockLength)"
        )
      }
      let size = rowBytes.multipliedReportingOverflow(by: rows.0)
      guard !rows.1, !size.overflow, size.partialValue < 1 << 60 else {
        throw CheckpointError.damaged(path: path, reason: "\(name) has the impossible shape \(shape)")
      }
      let start = dataStart + offset
      let end = start + size.partialValue
      guard end <= file.count else {
        throw CheckpointError.truncatedTensor(
          path: path, tensor: name, missingBytes: end - file.count, fileBytes: file.count)
      }
      return StoredTensor(name: name, shape: shape, element: element, file: file, bytes: start..<end)
    }
  }
}
