import Foundation
import Kernels
import Testing

@testable import Experiments

/// SAEs that SAELens wrote, and what it computes from them: tools/golden/sae_tiny.py.
enum SAEForms {
  struct Form: Sendable, CustomTestStringConvertible {
    let name: String
    /// Holds the weights that this form shares with others.
    let folder: String
    let configuration: String
    var testDescription: String { name }
  }

  static let all: [Form] = {
    guard let tree = try? JSONValue.file(Goldens.path("sae/forms.json")), let forms = tree.array else { return [] }
    return forms.compactMap { form in
      guard let name = form["name"]?.string, let folder = form["folder"]?.string, let text = form["cfg"]?.string
      else { return nil }
      return Form(name: name, folder: folder, configuration: text)
    }
  }()

  static func named(_ name: String) throws -> Form { try #require(all.first { $0.name == name }) }

  /// The form's folder, byte for byte as SAELens wrote it.
  static func write(_ form: Form, in scratch: ScratchFolder) throws -> String {
    let path = try scratch.copy("sae/" + form.folder, as: form.name)
    try scratch.write(form.configuration, as: form.name + "/cfg.json")
    return path
  }

  static func floats(_ name: String) throws -> [Float] {
    let file = try SafetensorsFile(path: Goldens.path("sae/golden.safetensors"))
    let tensor = try #require(try file.tensor(name))
    var values = [Float](repeating: 0, count: tensor.count)
    values.withUnsafeMutableBufferPointer {
      TensorReader.readFloat32(tensor, rows: 0..<tensor.rows, offset: .none, into: $0)
    }
    return values
  }
}

/// An SAE that a test makes up, written as SAELens would.
struct SyntheticSAE {
  var d: Int
  var f: Int
  /// F32, BF16 or F16
  var type = "F32"
  /// JSON members after d_in and d_sae, from a comma on.
  var configuration = #", "architecture": "standard""#
  /// Spaces after the header: they decide the alignment of the data.
  var padding = 0
  /// Numbers of a tensor by name and index.
  var value: (String, Int) -> Float
  var vectors = ["b_enc"]

  func write(in scratch: ScratchFolder) throws -> String {
    let name = "synthetic-" + UUID().uuidString
    let folder = scratch.path + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try scratch.write("{\"d_in\": \(d), \"d_sae\": \(f)\(configuration)}", as: name + "/cfg.json")
    var data: [UInt8] = []
    var entries: [String] = []
    let shapes = [("W_enc", [d, f]), ("W_dec", [f, d]), ("b_dec", [d])] + vectors.map { ($0, [f]) }
    for (tensor, shape) in shapes {
      let start = data.count
      for i in 0..<shape.reduce(1, *) { append(value(tensor, i), to: &data) }
      entries.append(
        "\"\(tensor)\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": [\(start), \(data.count)]}")
    }
    var header = "{" + entries.joined(separator: ", ") + "}"
    while header.utf8.count % 8 != padding { header += " " }
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + data
    try scratch.write(bytes, as: name + "/sae_weights.safetensors")
    return folder
  }

  private func append(_ number: Float, to data: inout [UInt8]) {
    func put<T: FixedWidthInteger>(_ bits: T) { withUnsafeBytes(of: bits.littleEndian) { data.append(contentsOf: $0) } }
    switch type {
    case "BF16": put(bf16Bits(number))
    case "F16": put(Self.half(number))
    default: put(number.bitPattern)
    }
  }

  /// Of numbers that a half holds exactly and as a normal number, or zero.
  private static func half(_ number: Float) -> UInt16 {
    let bits = number.bitPattern
    let sign = UInt16(bits >> 16) & 0x8000
    return number == 0 ? sign : sign | UInt16((Int(bits >> 23) & 255 - 112) << 10 | Int(bits >> 13) & 0x3ff)
  }
}

/// A small generator, so that cases are the same everywhere.
struct Draws {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// Uniform in [−1, 1).
  mutating func unit() -> Float { Float(next() % 65536) / 32768 - 1 }
}
