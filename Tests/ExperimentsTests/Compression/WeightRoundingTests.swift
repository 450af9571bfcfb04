import Digests
import Foundation
import Kernels
import Testing

@testable import Experiments

/// Rows of all kinds, Gaussian, heavy-tailed, constant, zero, tiny, against what each library makes of them
/// (tools/golden/roundings.py): the first 16 digits of every row's SHA-256.
@Suite("Weights are rounded to the bits of the libraries that define the methods")
struct WeightRoundingTests {
  struct Golden: Decodable {
    var rounded: [String: [String]]
    var blocks: [String: [String]]
  }

  static let columns = 512
  static let golden: Golden? = try? JSONDecoder().decode(
    Golden.self, from: Data(Goldens.bytes("compression/roundings.json")))

  static let methods: [any WeightRounding] =
    (2...8).flatMap { bits in
      [32, 64, 128].flatMap { group in
        [true, false].map { RoundToNearest(bits: bits, group: group, symmetric: $0) as any WeightRounding }
      }
    } + [FP8Method(), FourBitMethod(levels: .fp4), NVFP4Method(), MXFP4Method()]
    + CompressionMethods.all.compactMap { $0 as? GGUFMethod }

  static func bf16(_ name: String) throws -> [UInt16] {
    try Goldens.bytes("compression/" + name).withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
  }

  /// Two layers that share their input.
  static func parts() throws -> [BF16Weights] {
    let all = try bf16("weights.bf16")
    return [0..<16, 16..<24].map { rows in
      let part = Array(all[rows.lowerBound * columns..<rows.upperBound * columns])
      return BF16Weights(AlignedBuffer(part), rows: rows.count, columns: columns)
    }
  }

  static func digest(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.hash(data: bytes).prefix(8).map { String(format: "%02x", $0) }.joined()
  }

  static func rows(_ made: [AlignedBuffer<UInt16>]) -> [String] {
    let all = made.flatMap(\.values)
    return stride(from: 0, to: all.count, by: columns).map { start in
      digest(all[start..<start + columns].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    }
  }

  @Test("row by row", arguments: methods.map(\.name))
  func bits(name: String) throws {
    let method = try #require(Self.methods.first { $0.name == name })
    let expected = try #require(Self.golden?.rounded[name])
    let made = Self.rows(method.rounded(try Self.parts(), threads: 1))
    #expect(made.indices.filter { made[$0] != expected[$0] } == [], "rows that differ")
    #expect(made == Self.rows(method.rounded(try Self.parts(), threads: 3)))
  }

  @Test("llama.cpp's blocks", arguments: golden?.blocks.keys.sorted() ?? ["missing"])
  func blocks(name: String) throws {
    let type = try #require(TensorElement(rawValue: name))
    let expected = try #require(Self.golden?.blocks[name])
    let numbers = try Self.bf16("weights.bf16").map(BF16.float)
    let bytes = try #require(type.rowBytes(columns: Self.columns))
    var blocks = [UInt8](repeating: 0xA5, count: 24 * bytes)
    GGMLBlocks.encode(
      type: try #require(GGUFMethod.number(of: type)), numbers, count: numbers.count, into: &blocks)
    let made = (0..<24).map { Self.digest(blocks[$0 * bytes..<($0 + 1) * bytes]) }
    #expect(made.indices.filter { made[$0] != expected[$0] } == [], "rows that differ")
  }

  @Test("hqq: its sums have an order of their own, so nearly all weights are equal, and all nearly")
  func hqq() throws {
    let whole = BF16Weights(AlignedBuffer(try Self.bf16("weights.bf16")), rows: 24, columns: Self.columns)
    let expected = try Self.bf16("hqq.bf16")
    for (index, bits) in [4, 3, 2].enumerated() {
      let made = HQQMethod(bits: bits, group: 64).rounded([whole], threads: 2)[0].values
      let theirs = Array(expected[index * whole.count..<(index + 1) * whole.count])
      let same = zip(made, theirs).count { BF16.float($0) == BF16.float($1) }
      #expect(Double(same) / Double(made.count) > 0.99, "\(bits) bits: \(made.count - same) of \(made.count) differ")
    }
  }

  @Test("rows that are no whole number of blocks fall back as llama-quantize does, and the mix is named")
  func fallback() {
    #expect(GGUFMethod.stored(.q4_K, columns: 640) == .q5_0 && GGUFMethod.stored(.q5_K, columns: 640) == .q5_1)
    #expect(GGUFMethod.stored(.q6_K, columns: 640) == .q8_0 && GGUFMethod.stored(.q4_K, columns: 2048) == .q4_K)
    #expect(GGUFMethod.stored(.q3_K, columns: 640) == .q4_0 && GGUFMethod.stored(.q2_K, columns: 640) == .q4_0)
    #expect(GGUFMethod.stored(.q4_K, columns: 40) == .f16 && GGUFMethod.stored(.q8_0, columns: 40) == .f16)
    let shapes = [[640, 1024], [2048, 640], [2048, 640]]
    #expect(GGUFMethod(.q4_K).mix(shapes) == "Q4_K ×1, Q5_0 ×2" && GGUFMethod(.q8_0).mix(shapes) == nil)
    #expect(GGUFMethod(.q4_K).bits(rows: 1, columns: 640) == 5.5 * 640)
    #expect(GGUFMethod(.q4_K).bits(rows: 1, columns: 1024) == 4.5 * 1024)
  }

  @Test("bits of a matrix, scales counted")
  func bitsOfAMatrix() {
    let expected: [(any CompressionMethod, Double)] = [
      (RoundToNearest(bits: 3, group: 32), 3.5), (RoundToNearest(bits: 4, group: 64, symmetric: false), 4.3125),
      (FP8Method(), 8 + 16.0 / 640), (NVFP4Method(), 4.5 + 32.0 / 6400), (MXFP4Method(), 4.25),
      (FourBitMethod(levels: .fp4), 4.5), (HQQMethod(bits: 2, group: 64), 2.5), (GGUFMethod(.q4_0), 4.5),
    ]
    for (method, bits) in expected { #expect(method.bits(rows: 10, columns: 640) == 6400 * bits, "\(method.name)") }
  }
}
