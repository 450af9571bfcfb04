import Digests
import Foundation
import Kernels
import Testing

@testable import Experiments

/// Every linear layer of decoder layer 9 of the real model, against digests of what compressed-tensors, bitsandbytes, hqq and
/// llama.cpp make of it (tools/golden/roundings.py).
@Suite("Weights of the real model are rounded to the libraries' bits")
struct RealWeightRoundingTests {
  struct Golden: Decodable {
    /// By tensor and method.
    var layers: [String: [String: String]]
    /// By tensor and method, of each row.
    var hqq: [String: [String: [String]]]
  }

  static let golden: Golden? = try? JSONDecoder().decode(Golden.self, from: RealModel.golden("roundings.json"))

  static let methods: [any WeightRounding] =
    (2...8).flatMap { bits in
      [32, 64, 128].flatMap { group in
        [true, false].map { RoundToNearest(bits: bits, group: group, symmetric: $0) as any WeightRounding }
      }
    } + [FP8Method(), FourBitMethod(levels: .fp4), NVFP4Method(), MXFP4Method()]
    + CompressionMethods.all.compactMap { $0 as? GGUFMethod }

  private func digest(_ values: some Collection<UInt16>, _ digits: Int) -> String {
    let bytes = values.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    return String(SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined().prefix(digits))
  }

  @Test(
    "layers that share their input, together",
    arguments: [[Gemma3LayerTensor.qProj, .kProj, .vProj], [.oProj], [.gateProj, .upProj], [.downProj]])
  func layer(tensors: [Gemma3LayerTensor]) throws {
    let golden = try #require(Self.golden, "the golden file is missing")
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    let parts = try tensors.map { try BF16Weights(checkpoint, .layer(9, $0)) }
    for method in Self.methods {
      for (part, made) in zip(parts, method.rounded(parts, threads: 2)) {
        let expected = try #require(golden.layers["model." + part.identity]?[method.name])
        #expect(digest(made.values, 16) == expected, "\(method.name) of \(part.identity)")
      }
    }
  }

  @Test("hqq's order of summation is its own: nearly all rows are equal")
  func hqq() throws {
    let golden = try #require(Self.golden, "the golden file is missing")
    let part = try BF16Weights(Gemma3Checkpoint(path: RealModel.path()), .layer(9, .downProj))
    for bits in [2, 3, 4] {
      let method = HQQMethod(bits: bits, group: 64)
      let expected = try #require(golden.hqq["model." + part.identity]?[method.name])
      let made = method.rounded([part], threads: 2)[0].values
      let rows = (0..<part.rows).map { digest(made[$0 * part.columns..<($0 + 1) * part.columns], 8) }
      let same = zip(rows, expected).count { $0 == $1 }
      #expect(Double(same) / Double(part.rows) > 0.98, "\(method.name): \(same) of \(part.rows) rows")
    }
  }
}
