import Foundation
import Testing

@testable import Experiments

/// Expected digests are of what the libraries that wrote the files make of them, in bf16: tools/golden/shipped_formats.py.
@Suite("Checkpoints in the formats that people ship")
struct ShippedFormatsTests {
  static let digests = Result {
    try JSONDecoder().decode(
      [String: [String: String]].self,
      from: Data(contentsOf: URL(fileURLWithPath: Goldens.path("shipped/shipped.json"))))
  }
  /// With what a table of formats says of each.
  static let formats = [
    "awq": "AWQ, 4-bit in groups of 32, zero points ×7",
    "bnb-fp4": "bitsandbytes fp4 ×7",
    "bnb-int8": "bitsandbytes int8 ×6",
    "bnb-nf4": "bitsandbytes nf4 ×7",
    "bnb-nf4-nested": "bitsandbytes nf4, nested ×5",
    "ct-fp8-block": "compressed-tensors, FP8, blocks of 48 × 40 ×7",
    "ct-fp8-channel": "compressed-tensors, FP8, a scale per row ×7",
    "ct-fp8-tensor": "compressed-tensors, FP8, one scale ×7",
    "ct-mxfp4": "compressed-tensors, MXFP4 ×7",
    "ct-nvfp4": "compressed-tensors, NVFP4 ×7",
    "ct-w3-odd": "compressed-tensors, 3-bit, zero points ×7",
    "ct-w4-group": "compressed-tensors, 4-bit in groups of 32 ×6",
    "ct-w4-order": "compressed-tensors, 4-bit in groups of 32 ×7",
    "ct-w4-zero": "compressed-tensors, 4-bit in groups of 16, zero points ×7",
    "ct-w8-channel": "compressed-tensors, 8-bit ×7",
    "gptq-v1": "GPTQ, 4-bit in groups of 32, zero points ×7",
    "gptq-v2-order": "GPTQ, 4-bit in groups of 32, zero points ×7",
    "gptq-w2": "GPTQ, 2-bit in groups of 16, zero points ×7",
    "gptq-w3": "GPTQ, 3-bit, zero points ×7",
    "gptq-w8": "GPTQ, 8-bit in groups of 32, zero points ×6",
  ]

  @Test("all fixtures are tested")
  func nothingLeftOut() throws { #expect(try Set(Self.digests.get().keys) == Set(Self.formats.keys)) }

  @Test("every weight has the bits that its library gives it", arguments: formats.keys.sorted())
  func bitForBit(name: String) throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("shipped/" + name))
    let digests = try #require(try Self.digests.get()[name])
    for (module, digest) in digests {
      let tensor = try #require(
        Gemma3Tensor.all(layerCount: 1).first { "model." + $0.huggingFaceName == module + ".weight" })
      let bytes = try checkpoint.tensor(tensor).bf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      let found = bytes.withUnsafeBytes { SHA256Hex.digest(of: $0) }
      #expect(found == digest, "\(module)")
    }
    let format = try #require(Self.formats[name])
    #expect(checkpoint.summary.storage.contains(format), "\(checkpoint.summary.storage)")
    #expect(checkpoint.summary.isQuantized)
    #expect(throws: Never.self) { try checkpoint.checkNumbers() }
  }

  @Test("activations are rounded to FP8 by token as compressed-tensors rounds them")
  func tokens() throws {
    let file = try SafetensorsFile(path: Goldens.path("shipped/fp8-tokens.safetensors"))
    func numbers(_ name: String) throws -> [UInt16] {
      let tensor = try #require(try file.tensor(name))
      var bits = [UInt16](repeating: 0, count: tensor.count)
      bits.withUnsafeMutableBufferPointer {
        TensorReader.readBFloat16(tensor, rows: 0..<tensor.rows, offset: .none, into: $0)
      }
      return bits
    }
    let (x, expected) = (try numbers("x"), try numbers("rounded"))
    var rounded = x
    for row in 0..<12 {
      x.withUnsafeBufferPointer { x in
        rounded.withUnsafeMutableBufferPointer { out in
          guard let from = x.baseAddress, let to = out.baseAddress else { return }
          FP8TokenLinear.round(from + 96 * row, count: 96, into: to + 96 * row)
        }
      }
    }
    // Zeros of either sign are one number.
    func unsigned(_ bits: [UInt16]) -> [UInt16] { bits.map { $0 == 0x8000 ? 0 : $0 } }
    #expect(unsigned(rounded) == unsigned(expected))
  }
}
