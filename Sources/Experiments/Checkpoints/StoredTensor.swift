import Foundation

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

  /// True when both have one shape and, rounded to bf16, the same numbers.
  func holdsSameNumbers(as other: StoredTensor) -> Bool {
    guard shape == other.shape else { return false }
    if element == other.element {
      return file.withBytes(in: bytes) { mine in
        other.file.withBytes(in: other.bytes) { theirs in
          guard let a = mine.baseAddress, let b = theirs.baseAddress else { return mine.isEmpty }
          return memcmp(a, b, mine.count) == 0
        }
      }
    }
    var (mine, theirs) = ([UInt16](), [UInt16]())
    for start in stride(from: 0, to: rows, by: 1024) {
      let part = start..<min(start + 1024, rows)
      mine = [UInt16](repeating: 0, count: part.count * columns)
      theirs = mine
      mine.withUnsafeMutableBufferPointer { TensorReader.readBFloat16(self, rows: part, offset: .none, into: $0) }
      theirs.withUnsafeMutableBufferPointer { TensorReader.readBFloat16(other, rows: part, offset: .none, into: $0) }
      if mine != theirs { return false }
    }
    return true
  }
}
