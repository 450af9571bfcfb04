import Kernels
import Testing

@testable import Experiments

@Suite("Tiles of an autoencoder")
struct EncoderTilesTests {
  static let kinds: [(configuration: String, vectors: [String])] = [
    (#", "architecture": "standard""#, ["b_enc"]),
    (#", "architecture": "jumprelu""#, ["b_enc", "threshold"]),
    (#", "architecture": "topk", "k": 9"#, ["b_enc"]),
    (#", "architecture": "abstopk", "k": 9"#, ["b_enc"]),
    (#", "architecture": "gated""#, ["b_gate", "b_mag", "r_mag"]),
  ]
  private static let (d, f, rows) = (24, 301, 37)

  /// All results for two streams.
  private struct Result: Equatable {
    var codes: [SparseAutoencoder.Code]
    var reconstructions: [Float]
    var active: [Int]
  }

  private func run(_ autoencoder: SparseAutoencoder, _ x: [Float]) throws -> Result {
    let workspace = try Workspace(.usual())
    let half = Self.rows * Self.d
    var result = Result(codes: [], reconstructions: [], active: [])
    try x.withUnsafeBufferPointer { x in
      let streams = [x.baseAddress!, x.baseAddress! + half]
      for stream in streams { result.codes += try autoencoder.encode(stream, rows: Self.rows, workspace) }
      var place = 0
      try autoencoder.forEachReconstruction(of: streams, rows: Self.rows, workspace) { stream, row, rebuilt, active in
        #expect((stream, row) == (place / Self.rows, place % Self.rows))
        place += 1
        result.reconstructions += (0..<Self.d).map { rebuilt[$0] }
        result.active.append(active)
      }
      #expect(place == 2 * Self.rows)
    }
    return result
  }

  /// Small whole numbers: every sum is exact in float32, so any order of additions gives the same bits. exp(0) = 1.
  @Test(
    "whole numbers give the same bits whatever the tiles, the rows, the number format and its alignment",
    arguments: kinds)
  func exact(configuration: String, vectors: [String]) throws {
    let scratch = try ScratchFolder()
    var draws = Draws(state: 17)
    let x = (0..<2 * Self.rows * Self.d).map { _ in Float(Int(draws.next() % 9) - 4) }
    var expected: Result?
    for (type, padding) in [("F32", 0), ("F32", 1), ("BF16", 0), ("BF16", 3), ("F16", 0)] {
      let sae = SyntheticSAE(
        d: Self.d, f: Self.f, type: type, configuration: configuration, padding: padding,
        value: { name, i in
          var own = Draws(state: UInt64(i) &* 31 &+ UInt64(name.utf8.reduce(0) { 7 * $0 + Int($1) } % 1009))
          _ = own.next()
          return name == "r_mag" ? 0 : Float(Int(own.next() % 7) - 3)
        }, vectors: vectors)
      let weights = try SparseAutoencoderWeights(path: sae.write(in: scratch))
      for (budget, tile, rowTile) in [
        (1 << 28, nil, nil), (1 << 28, 7, 5), (0, nil, nil), (0, 1, 37), (0, 64, 1), (0, 300, 36), (0, 301, 512),
      ] as [(Int, Int?, Int?)] {
        let result = try run(
          SparseAutoencoder(weights, .usual(), packingBudget: budget, tileWidth: tile, rowTile: rowTile), x)
        if let expected {
          #expect(result == expected, "\(type), padding \(padding), budget \(budget), tile \(tile ?? 0)")
        } else {
          #expect(result.active.reduce(0, +) > 2 * Self.rows)
          expected = result
        }
      }
    }
  }

  /// Each pre-activation is a sum of D products; how a library orders them may depend on the product's shape.
  @Test("real numbers differ by rounding alone", arguments: kinds)
  func rounded(configuration: String, vectors: [String]) throws {
    let scratch = try ScratchFolder()
    var draws = Draws(state: 5)
    let x = (0..<2 * Self.rows * Self.d).map { _ in draws.unit() * 4 }
    let sae = SyntheticSAE(
      d: Self.d, f: Self.f, configuration: configuration,
      value: { name, i in
        var own = Draws(state: UInt64(i) &* 77 &+ UInt64(name.utf8.reduce(0) { 5 * $0 + Int($1) } % 997))
        _ = own.next()
        return own.unit()
      }, vectors: vectors)
    let weights = try SparseAutoencoderWeights(path: sae.write(in: scratch))
    let expected = try run(SparseAutoencoder(weights, .usual()), x)
    let largest = expected.reconstructions.map(abs).max()!
    for (budget, tile, rowTile) in [(1 << 28, 50, 11), (0, nil, nil), (0, 13, 4), (0, 128, 37)] as [(Int, Int?, Int?)] {
      let result = try run(
        SparseAutoencoder(weights, .usual(), packingBudget: budget, tileWidth: tile, rowTile: rowTile), x)
      #expect(result.codes.map(\.index) == expected.codes.map(\.index))
      #expect(result.active == expected.active)
      let worst = zip(result.reconstructions, expected.reconstructions).map { abs($0 - $1) }.max()!
      // 24 products and up to 300 decoder rows: a few units in the last place of the largest number.
      #expect(worst <= 2e-6 * largest, "\(worst / largest)")
    }
  }
}
