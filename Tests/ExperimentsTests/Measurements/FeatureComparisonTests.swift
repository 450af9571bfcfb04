import FabricatedRuns
import Foundation
import Kernels
import Testing

@testable import Experiments
@testable import Measures
@testable import RunFile

@Suite("Features compared")
struct FeatureComparisonTests {
  private let scratch: ScratchFolder
  private let autoencoder: SparseAutoencoder

  init() throws {
    scratch = try ScratchFolder()
    var draws = Draws(state: 7)
    let numbers = (0..<64 * 96).map { _ in draws.unit() }
    let path = try SyntheticSAE(
      d: 64, f: 96, value: { name, index in name == "b_enc" ? -0.3 : numbers[index % numbers.count] }
    ).write(in: scratch)
    autoencoder = try SparseAutoencoder(SparseAutoencoderWeights(path: path), .usual())
  }

  private func blocks(_ conditions: [Sweep.Condition]) throws -> [RunBlock] {
    try TinyStudy.blocks(
      TinyStudy.sweep(
        conditions,
        experiments: [
          SAEReconstruction(autoencoder), NoiseFloor(), FeatureComparison(autoencoder), ResidualRecorder(),
        ],
        chunkLength: 75))
  }

  private func column(_ blocks: [RunBlock], _ condition: String, _ experiment: String, _ name: String) -> [Double] {
    blocks.flatMap {
      $0.columns[ColumnKey(condition: condition, experiment: experiment, name: name)]?.doubles ?? []
    }
  }

  private func table(_ blocks: [RunBlock], _ pair: String) -> FeatureTable {
    var totals = FeatureTotals(featureCount: 96)
    for unit in blocks.flatMap({ $0.features?.pairs[pair] ?? [] }) { totals.add(unit) }
    return totals.table(decoderNorms: autoencoder.decoderNorms)
  }

  @Test("every number equals numpy's on the exported activations", arguments: ["int8", "nf4", "nf4-f32"])
  func numpy(condition: String) throws {
    let blocks = try blocks(TinyStudy.conditions)
    let workspace = try Workspace(.usual())
    func dense(_ name: String) throws -> [Float] {
      let x = blocks.flatMap { $0.columns[ResidualRecorder.x.key(name)]?.float32s ?? [] }
      let rows = x.count / 64
      var all = [Float](repeating: 0, count: rows * 96)
      let codes = try x.withUnsafeBufferPointer { x in
        try autoencoder.encode(x.baseAddress!, rows: rows, workspace)
      }
      for (row, code) in codes.enumerated() {
        for (index, value) in zip(code.index, code.value) { all[row * 96 + Int(index)] = value }
      }
      return all
    }
    let folder = TemporaryFolder()
    for (name, condition) in [("a", "bf16"), ("b", condition)] {
      let values = try dense(condition)
      try put(values.withUnsafeBytes { Data($0) }, at: folder.file(name))
    }
    let tokens = blocks.map(\.tokens)
    let massive = [condition, "bf16"].map { column(blocks, $0, "sae", "massive") }
    let kept = zip(tokens.flatMap(\.stratum), zip(massive[0], massive[1])).map { $0 & 1 == 0 && $1.0 == 0 && $1.1 == 0 }
    let groups = tokens.flatMap(\.document).map { FeatureSums.group(ofDocument: $0) }
    for (name, condition) in [("x", "bf16"), ("y", condition)] {
      let stream = blocks.flatMap { $0.columns[ResidualRecorder.x.key(condition)]?.float32s ?? [] }
      try put(stream.withUnsafeBytes { Data($0) }, at: folder.file(name))
    }
    let thresholds = try #require(autoencoder.thresholds)
    try put(thresholds.threshold.withUnsafeBytes { Data($0) }, at: folder.file("threshold"))
    try put(thresholds.encoderNorm.withUnsafeBytes { Data($0) }, at: folder.file("norm"))
    try put(Data(kept.map { $0 ? 1 : 0 }), at: folder.file("kept"))
    try put(Data(groups.map { UInt8($0) }), at: folder.file("groups"))
    let text = try Python.run(
      """
      import sys, json, numpy as np
      f = sys.argv[1] + "/"
      a, b = (np.fromfile(f + n, "<f4").reshape(-1, 96).astype(float) for n in "ab")
      kept = np.fromfile(f + "kept", np.uint8).astype(bool); groups = np.fromfile(f + "groups", np.uint8)
      A, B = a > 0, b > 0
      union = (A | B).sum(1); both = (A & B).sum(1)
      out = {"jaccard": np.where(union, both / np.maximum(union, 1), 1).tolist(), "shared": both.tolist()}
      norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
      out["cosine"] = np.where(union == 0, 1, (a * b).sum(1) / np.where(norm, norm, 1)).tolist()
      x, y = (np.fromfile(f + n, "<f4").reshape(-1, 64).astype(float) for n in "xy")
      theta, norm = (np.fromfile(f + n, "<f4").astype(float) for n in ("threshold", "norm"))
      a, b, groups, d = a[kept], b[kept], groups[kept], (y - x)[kept]
      values, directions = np.linalg.eigh(d.T @ d)
      out |= {"mean": float((d.sum(0) ** 2).sum() / len(d) / (d ** 2).sum()),
              "first": float(values[-1] / (d ** 2).sum())}
      unit = np.linalg.norm(d, axis=1)[:, None] / np.sqrt(64) * norm
      bins = lambda z: np.digitize((z - theta) / unit, [0.5, 1, 2, 4])
      A, B = a > 0, b > 0
      out["flips"] = [[int((bins(z)[m] == i).sum()) for i in range(5)]
                      for z, m in [(a, A), (a, A & ~B), (b, B), (b, B & ~A)]]
      def flips(keep, i):
          k = keep[:, None]
          n = [((bins(z) == i) & m & k).sum() for z, m in [(a, A & ~B), (b, B & ~A), (a, A), (b, B)]]
          return (n[0] + n[1]) / (n[2] + n[3])
      v = np.array([flips(groups != g, 2) for g in np.unique(groups)])
      out["flip_error"] = float(np.sqrt((len(v) - 1) / len(v) * ((v - v.mean()) ** 2).sum()))
      def r(x, y):
          with np.errstate(all="ignore"):
              return np.corrcoef(x, y)[0, 1] if len(x) > 1 and x.std() > 0 and y.std() > 0 else float("nan")
      def active(x, y):
          m = (x > 0) | (y > 0)
          return r(x[m], y[m])
      def se(f, i):
          names = np.unique(groups)
          v = np.array([f(a[groups != g, i], b[groups != g, i]) for g in names])
          return float(np.sqrt((len(v) - 1) / len(v) * ((v - v.mean()) ** 2).sum()))
      F = range(96)
      out |= {"tokens": len(a), "count_a": (a > 0).sum(0).tolist(), "count_b": (b > 0).sum(0).tolist(),
              "ab": (a * b).sum(0).tolist(), "change": ((b - a) ** 2).sum(0).tolist(), "peak": b.max(0).tolist(),
              "r": [r(a[:, i], b[:, i]) for i in F], "active": [active(a[:, i], b[:, i]) for i in F],
              "r_se": [se(r, i) for i in F]}
      print(json.dumps({k: [None if x != x else x for x in v] if isinstance(v, list) else v for k, v in out.items()}))
      """, [folder.path])
    struct Expected: Decodable {
      var tokens: Int
      var mean, first, flip_error: Double
      var flips: [[Int]]
      var jaccard, cosine, ab, change, peak: [Double]
      var shared, count_a, count_b: [Int]
      var r, active, r_se: [Double?]
    }
    let expected = try JSONDecoder().decode(Expected.self, from: Data(text.utf8))
    let table = table(blocks, condition)
    #expect(table.shares.tokens == expected.tokens && expected.tokens > 300)
    #expect(column(blocks, condition, "features", "shared") == expected.shared.map(Double.init))
    #expect(
      table.countReference.map(Int.init) == expected.count_a && table.countCondition.map(Int.init) == expected.count_b)
    func near(_ a: [Double], _ b: [Double], _ what: String, scale: Double = 1) {
      #expect(a.count == b.count)
      for (place, (x, y)) in zip(a, b).enumerated() where abs(x - y) > 1e-6 * max(scale, abs(y)) {
        Issue.record("\(what) \(place): \(x), numpy \(y)")
      }
    }
    near(column(blocks, condition, "features", "cosine"), expected.cosine, "cosine")
    near(table.product, expected.ab, "product")
    near(table.squaredChange, expected.change, "change")
    near(table.peakCondition.map(Double.init), expected.peak, "peak")
    for (ours, theirs, what) in [
      (table.correlation, expected.r, "r"), (table.correlationActive, expected.active, "r_active"),
      (table.correlationError, expected.r_se, "r_error"),
    ] {
      #expect(ours.count { !$0.isNaN } > 60)
      for (place, (x, y)) in zip(ours, theirs).enumerated() {
        if let y { #expect(abs(Double(x) - y) < 1e-6, "\(what) \(place): \(x), numpy \(y)") } else { #expect(x.isNaN) }
      }
    }
    let flips = try #require(table.flips)
    #expect(
      [flips.firesReference, flips.lost, flips.firesCondition, flips.new].map { $0.map(Int.init) } == expected.flips)
    #expect(expected.flips[1].reduce(0, +) > 20)
    near([Double(flips.shareError[2])], [expected.flip_error], "error of the share of flips")
    near([table.meanShare ?? .nan], [expected.mean], "share of the mean shift")
    // A sketch sees no more than there is; here no direction stands out, which is where it sees least.
    let first = try #require(table.firstDirectionShare)
    #expect(first <= expected.first * (1 + 1e-9) && first > expected.first * 0.85, "\(first), numpy \(expected.first)")
    let sums = Sum.jaccard
    guard case .totalOf(let jaccard) = sums.form else { return }
    let rows = zip(
      column(blocks, condition, "features", "shared"),
      zip(column(blocks, condition, "sae", "l0"), column(blocks, "bf16", "sae", "l0")))
    near(rows.map { jaccard([$0, $1.0, $1.1]) }, expected.jaccard, "jaccard")
  }

  @Test("the same model again: r and overlap are 1, and nothing changes")
  func identity() throws {
    let plain = Uncompressed(precision: .bf16)
    let blocks = try blocks([.init(name: "bf16", method: plain), .init(name: "same", method: plain)])
    let table = table(blocks, "same")
    #expect(table.correlation.allSatisfy { $0.isNaN || $0 == 1 } && table.correlation.contains(1))
    #expect(table.correlationActive.allSatisfy { $0.isNaN || $0 == 1 })
    #expect(table.correlationError.allSatisfy { $0.isNaN || $0 == 0 })
    #expect(table.squaredChange.allSatisfy { $0 == 0 } && table.countReference == table.countBoth)
    let flips = try #require(table.flips)
    #expect(flips.lost == [0, 0, 0, 0, 0] && flips.new == flips.lost && flips.firesReference[4] > 0)
    #expect(table.meanShare == nil && table.firstDirectionShare == nil)
    for (name, value) in [
      ("cosine", 1.0), ("top_overlap", 1), ("explained_shift", 0), ("missed_shift", 0), ("noise_jaccard", 1),
    ] {
      #expect(column(blocks, "same", "features", name).allSatisfy { $0 == value }, "\(name)")
    }
    #expect(column(blocks, "same", "features", "shared") == column(blocks, "same", "sae", "l0"))
  }

  @Test("a direction that shifts have in common is seen in the sketch, and sums of parts are the whole's")
  func direction() throws {
    var draws = Draws(state: 3)
    let directions = ShiftMoments.directions(64)
    #expect(directions.count == 64 * SparseCode.sketchWidth)
    let common = (0..<64).map { _ in Double(draws.unit()) - 0.5 }
    let shifts = (0..<500).map { _ -> [Float] in
      let along = 6 * (Double(draws.unit()) - 0.5)
      return common.map { Float(along * $0 + Double(draws.unit()) - 0.5) }
    }
    let still = [Float](repeating: 0, count: 64)
    func moments(_ some: ArraySlice<[Float]>) -> ShiftMoments {
      some.reduce(into: ShiftMoments()) { moments, shift in
        moments.add(width: 64) { sum, sketch in
          SparseCode.sketch(still, shift, directions: directions, width: 64, sum: sum, into: sketch)
        }
      }
    }
    var parts = moments(shifts[..<200])
    parts.add(moments(shifts[200...]))
    // numpy: eigh of the second moment.
    let folder = TemporaryFolder()
    try put(shifts.flatMap { $0 }.withUnsafeBytes { Data($0) }, at: folder.file("d"))
    let text = try Python.run(
      """
      import sys, numpy as np
      d = np.fromfile(sys.argv[1], "<f4").reshape(-1, 64).astype(float)
      print(np.linalg.eigvalsh(d.T @ d)[-1] / (d ** 2).sum())
      """, [folder.file("d")])
    let expected = try #require(Double(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    let share = try #require(parts.firstDirectionShare)
    #expect(expected > 0.6 && share <= expected && share > 0.995 * expected, "\(share), numpy \(expected)")
    #expect(abs((moments(shifts[...]).firstDirectionShare ?? 0) - share) < 1e-12)
  }

  @Test("the parts of the shift and their cross term make up the shift")
  func split() throws {
    let blocks = try blocks(TinyStudy.conditions)
    let shift = column(blocks, "nf4", "noise_floor", "squared_perturbation")
    let parts = ["explained_shift", "missed_shift"].map { column(blocks, "nf4", "features", $0) }
    // 2⟨E, e⟩ is bounded by 2‖E‖‖e‖.
    for (whole, (explained, missed)) in zip(shift, zip(parts[0], parts[1])) {
      let cross = whole - explained - missed
      #expect(abs(cross) <= 2 * (explained * missed).squareRoot() * (1 + 1e-6) + 1e-9)
    }
  }

  @Test("noise is as long as the shift, and the same each time")
  func noise() {
    let noise = TokenNoise(seed: 0, name: "nf4")
    let normals = (0..<200).flatMap { noise.normals(token: $0, count: 63) }
    let mean = normals.reduce(0, +) / Double(normals.count)
    let variance = normals.reduce(0) { $0 + $1 * $1 } / Double(normals.count)
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    #expect(noise.normals(token: 5, count: 8) == TokenNoise(seed: 0, name: "nf4").normals(token: 5, count: 8))
    #expect(noise.normals(token: 5, count: 8) != noise.normals(token: 6, count: 8))
    #expect(noise.normals(token: 5, count: 8) != TokenNoise(seed: 0, name: "int8").normals(token: 5, count: 8))
  }

  @Test("sums are added entry by entry, whatever the order of keys")
  func adding() {
    func sums(_ keys: [Int32], _ x: Float) -> FeatureSums {
      var sums = FeatureSums()
      sums.add(tokens: 3, toGroup: 1)
      for key in keys {
        var entry = FeatureSums.Entry()
        entry.add(x, 2 * x)
        sums.append(key, entry)
      }
      return sums
    }
    let both = sums([1, 4, 9], 1).adding(sums([0, 4], 3))
    #expect(both.keys == [0, 1, 4, 9] && both.tokens[1] == 6)
    #expect(both.counts == [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1])
    #expect(Array(both.sums[12..<18]) == [4, 8, 10, 40, 20, 10])
    #expect(Array(both.peaks[4..<6]) == [3, 6])
  }
}
