import Foundation

@testable import Experiments

/// Writes a safetensors file for a test: tensors by name, in the order given.
struct SafetensorsWriting {
  struct Tensor {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: [UInt8]
  }
  var tensors: [Tensor] = []

  /// All tensors of a folder's files.
  init(copying folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".safetensors") }
    for name in names.sorted() {
      let file = try SafetensorsFile(path: folder + "/" + name)
      tensors += file.tensors.map { tensor in
        Tensor(
          name: tensor.name, type: tensor.element.rawValue, shape: tensor.shape,
          bytes: tensor.file.withBytes(in: tensor.bytes) { Array($0) })
      }
    }
  }

  /// Those of a folder's only file, of any type.
  init(all folder: String) throws {
    let file = try SafetensorsFile(path: folder + "/model.safetensors")
    tensors = file.names.compactMap(file.raw).sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }.map { tensor in
      Tensor(
        name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape,
        bytes: tensor.file.withBytes(in: tensor.bytes) { Array($0) })
    }
  }

  init(_ tensors: [Tensor]) { self.tensors = tensors }

  var file: [UInt8] {
    var (entries, end) = ([String](), 0)
    for tensor in tensors {
      let start = end
      end += tensor.bytes.count
      entries.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(end)]}"
      )
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    return length + header + tensors.flatMap(\.bytes)
  }
}
