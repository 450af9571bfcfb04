import Kernels
import Testing

@testable import Experiments

/// Expected numbers come from `gguf.quants.dequantize` (gguf 0.19), tools/golden/gguf_types.py.
@Suite struct DequantizationTests {
  @Test("every type decodes to the gguf package's float32, bit for bit", arguments: TensorElement.allCases)
  func bitForBit(type: TensorElement) throws {
    let file = try GGUFFile(path: Goldens.path("checkpoint/types.gguf"))
    let position = try #require(file.tensors.firstIndex { $0.name == type.rawValue })
    let tensor = file.tensors[position]
    #expect(tensor.element == type)
    #expect(tensor.shape == [3, 512])

    let expected = try Goldens.floats("checkpoint/types.f32")[position * 3 * 512..<(position + 1) * 3 * 512]
    var decoded = [Float](repeating: .nan, count: 3 * 512)
    decoded.withUnsafeMutableBufferPointer {
      TensorReader.readFloat32(tensor, rows: 0..<3, offset: .none, into: $0)
    }
    #expect(decoded.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test("rows decode alone as they do together", arguments: TensorElement.allCases)
  func singleRows(type: TensorElement) throws {
    let file = try GGUFFile(path: Goldens.path("checkpoint/types.gguf"))
    let tensor = try #require(file.tensor(type.rawValue))
    var all = [UInt16](repeating: 0, count: 3 * 512)
    all.withUnsafeMutableBufferPointer { TensorReader.readBFloat16(tensor, rows: 0..<3, offset: .none, into: $0) }
    var gathered = [UInt16](repeating: 0, count: 4 * 512)
    gathered.withUnsafeMutableBufferPointer {
      TensorReader.gatherBFloat16(tensor, ids: [2, 0, 2, 1], into: $0)
    }
    let rows = [2, 0, 2, 1].flatMap { all[$0 * 512..<($0 + 1) * 512] }
    #expect(gathered == rows)
  }

  @Test func `all 65 536 halves widen as the CPU widens them`() {
    let wrong = (UInt16.min...UInt16.max).filter { bits in
      let expected = Float(Float16(bitPattern: bits))
      let widened = Float16Bits.widened(bits)
      return expected.isNaN ? !widened.isNaN : widened.bitPattern != expected.bitPattern
    }
    #expect(wrong == [])
  }

  @Test("float32 rounds to the nearest bf16, ties to even", arguments: roundings)
  func rounding(value: Float, expected: UInt16) {
    #expect(BF16.element(value) == expected)
    // The vectorised kernel, in its wide part and in its rest.
    var many = [UInt16](repeating: 1, count: 37)
    BF16.elements([Float](repeating: value, count: 37), count: 37, into: &many)
    #expect(many.allSatisfy { $0 == expected })
  }

  static let roundings: [(Float, UInt16)] = [
    (1, 0x3f80),
    (Float(bitPattern: 0x3f80_8000), 0x3f80),  // halfway, even below
    (Float(bitPattern: 0x3f81_8000), 0x3f82),  // halfway, even above
    (Float(bitPattern: 0x3f80_8001), 0x3f81),
    (Float(bitPattern: 0x7f7f_ffff), 0x7f80),  // the largest float is nearer to infinity
    (-0.0, 0x8000), (.infinity, 0x7f80), (.nan, 0x7fc0), (-Float.nan, 0xffc0),
    (Float(bitPattern: 0x0000_8000), 0x0000), (Float(bitPattern: 0x0000_8001), 0x0001),
  ]
}
