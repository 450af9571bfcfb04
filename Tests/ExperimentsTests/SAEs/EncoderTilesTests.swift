import Foundation
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
    let workspace = try Workspace()
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
  @Test("whole numbers give the same bits whatever the tiles, the rows, the number format and its alignment", arguments: kinds)
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
          SparseAutoencoder(weights, packingBudget: budget, tileWidth: tile, rowTile: rowTile), x)
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
    let expected = try run(SparseAutoencoder(weights), x)
    let largest = expected.reconstructions.map(abs).max()!
    for (budget, tile, rowTile) in [(1 << 28, 50, 11), (0, nil, nil), (0, 13, 4), (0, 128, 37)] as [(Int, Int?, Int?)] {
      let result = try run(SparseAutoencoder(weights, packingBudget: budget, tileWidth: tile, rowTile: rowTile), x)
      #expect(result.codes.map(\.index) == expected.codes.map(\.index))
      #expect(result.active == expected.active)
      let worst = zip(result.reconstructions, expected.reconstructions).map { abs($0 - $1) }.max()!
      // 24 products and up to 300 decoder rows: a few units in the last place of the largest number.
      #expect(worst <= 2e-6 * largest, "\(worst / largest)")
    }
  }

  /// A file of 576 MiB in float32, mostly a hole, in which four features are set.
  @Test("a wide dictionary takes no memory of its own", arguments: [("F32", 4), ("BF16", 2)])
  func memory(type: String, size: Int) throws {
    let (d, f, rows) = (256, 294_912, 64)
    let scratch = try ScratchFolder()
    let path = scratch.path + "/wide"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var offset = 0
    var starts: [String: Int] = [:]
    let entries = [("w_enc", [d, f]), ("w_dec", [f, d]), ("b_enc", [f]), ("b_dec", [d]), ("threshold", [f])].map {
      name, shape in
      starts[name] = offset
      let end = offset + shape.reduce(size, *)
      defer { offset = end }
      return "\"\(name)\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": [\(offset), \(end)]}"
    }
    var header = "{" + entries.joined(separator: ", ") + "}"
    while header.utf8.count % 8 != 0 { header += " " }
    let prefix = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
    let file = path + "/params.safetensors"
    try scratch.write(prefix, as: "wide/params.safetensors")
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
    try handle.truncate(atOffset: UInt64(prefix.count + offset))
    func put(_ tensor: String, _ index: Int, _ number: Float) throws {
      try handle.seek(toOffset: UInt64(prefix.count + starts[tensor]! + index * size))
      // bf16 is the upper half of float32.
      try handle.write(contentsOf: withUnsafeBytes(of: number.bitPattern.littleEndian) { Data($0.suffix(size)) })
    }
    // Feature 1000·j reads dimension j and writes to it twice as much; the last feature reads and writes dimension 3.
    let features = [(0, 0), (1000, 1), (2000, 2), (f - 1, 3)]
    for (feature, dimension) in features {
      try put("w_enc", dimension * f + feature, 1)
      try put("w_dec", feature * d + dimension, 2)
    }
    try handle.close()

    let x = (0..<rows * d).map { Float($0 % d + 1) }
    let before = try #require(Surroundings.anonymousBytes)
    let autoencoder = try SparseAutoencoder(SparseAutoencoderWeights(path: path))
    let workspace = try Workspace()
    var seen = 0
    try x.withUnsafeBufferPointer { x in
      try autoencoder.forEachReconstruction(of: [x.baseAddress!], rows: rows, workspace) { _, row, rebuilt, active in
        #expect(active == 4)
        #expect((0..<5).map { rebuilt[$0] } == [2, 4, 6, 8, 0])
        seen += 1
      }
    }
    #expect(seen == rows)
    let grown = try #require(Surroundings.anonymousBytes) - before
    print("wide SAE of \(offset >> 20) MiB, \(type): \(grown >> 20) MiB of anonymous memory")
    // Other tests run meanwhile; alone it is a tenth of this.
    #expect(grown < offset / 3)
    withExtendedLifetime((autoencoder, workspace)) {}
  }
}
