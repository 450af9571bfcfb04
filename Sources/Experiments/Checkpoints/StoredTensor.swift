/// A tensor as it lies in a file: where its bytes are and how to read them.
public struct StoredTensor: Sendable {
  /// Name as spelled in the file.
  public let name: String
  /// Row-major, slowest dimension first, as numpy and PyTorch write it.
  public let shape: [Int]
  public let element: TensorElement
  let file: MappedFile
  /// Byte range in `file`, checked to lie inside it.
  let bytes: Range<Int>

  public var count: Int { shape.reduce(1, *) }
  /// Length of the last dimension.
  public var columns: Int { shape.last ?? 1 }
  /// Product of the other dimensions; a vector is one row.
  public var rows: Int { shape.dropLast().reduce(1, *) }
  /// Bytes in the file, scales counted.
  public var storedBytes: Int { bytes.count }

  var rowBytes: Int { rows == 0 ? 0 : bytes.count / rows }
}
