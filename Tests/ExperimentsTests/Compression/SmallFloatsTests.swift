import Digests
import Foundation
import Kernels
import Testing

/// Against ml_dtypes and PyTorch (tools/golden/small_floats.py).
@Suite("Floating-point numbers of four and eight bits")
struct SmallFloatsTests {
  struct Golden: Decodable {
    struct Format: Decodable {
      /// Float32 bits by code.
      var values: [UInt32]
      var inputs: Int
      var codes: String
    }
    var e2m1, e4m3, e8m0: Format
  }

  private func golden() throws -> Golden {
    try JSONDecoder().decode(Golden.self, from: Data(Goldens.bytes("compression/small_floats.json")))
  }

  /// Every finite bf16 number, then the middle of all neighbours in the format and what lies next to it.
  private func inputs(_ values: [Float]) -> [Float] {
    let every = (0..<UInt32(1 << 16)).map { Float(bitPattern: $0 << 16) }.filter(\.isFinite)
    let positive = Set(values.filter { $0.isFinite && $0 >= 0 }).sorted()
    let middles = zip(positive, positive.dropFirst()).map { Float((Double($0) + Double($1)) / 2) }
    return every + middles.flatMap { [$0.nextDown, $0, $0.nextUp] }
  }

  private func check(
    _ format: Golden.Format, _ value: (UInt8) -> Float, _ code: (Float) -> UInt8, where isMeant: (Float) -> Bool
  ) {
    for (index, bits) in format.values.enumerated() {
      let (ours, theirs) = (value(UInt8(index)), Float(bitPattern: bits))
      #expect(ours.bitPattern == bits || (ours.isNaN && theirs.isNaN), "code \(index): \(ours), not \(theirs)")
    }
    let inputs = inputs(format.values.map(Float.init(bitPattern:))).filter(isMeant)
    #expect(inputs.count == format.inputs)
    #expect(SHA256.hash(data: inputs.map(code)).map { String(format: "%02x", $0) }.joined() == format.codes)
  }

  @Test("E2M1, E4M3 and E8M0: all codes, all of bf16, and every midpoint")
  func formats() throws {
    let golden = try golden()
    check(golden.e2m1, E2M1.value, E2M1.code) { _ in true }
    check(golden.e4m3, E4M3.value, E4M3.code) { _ in true }
    check(golden.e8m0, E8M0.value, E8M0.code) { $0 > 0 }
  }

  @Test("what is past the largest number becomes it, and NaN stays NaN where there is one")
  func extremes() {
    #expect(E2M1.code(.infinity) == 7 && E2M1.code(-1e9) == 15)
    #expect(E4M3.code(.infinity) == 0x7E && E4M3.code(-1e9) == 0xFE && E4M3.value(E4M3.code(.nan)).isNaN)
    #expect(E8M0.code(.infinity) == 254 && E8M0.code(0) == 0 && E8M0.code(-1) == 0 && E8M0.value(E8M0.code(.nan)).isNaN)
  }
}
