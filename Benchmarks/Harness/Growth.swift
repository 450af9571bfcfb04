import Foundation

extension Group {
  /// How cost grows with tokens, layers and autoencoder width. Without the head, so that each shows.
  func growth(_ setting: Setting) throws -> GroupResults {
    var results = GroupResults()
    func curve(_ x: String, _ y: String, _ values: [Int], shape: (Int) throws -> StudyShape, cost: (CommandRun) -> Double) throws {
      let points = try values.map { value in
        let run = try setting.measure(shape(value), name: "growth-\(value)")
        print("   \(value) \(x): \(Measure.number(cost(run))) \(y)")
        return [Double(value), cost(run)]
      }
      results.curves.append(.init(x: x, y: y, points: points))
    }
    let perToken = "µs per token"
    try curve("tokens", perToken, [10_000, 20_000, 50_000, 100_000, 200_000, 500_000]) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: 0, tokens: $0)
    } cost: { 1e6 * (($0.description.provenance.elapsedSeconds ?? .nan) / Double($0.profile.tokens)) }
    try curve("layers", perToken, [1, 3, 6, 9, 12, 15, 18]) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: $0 - 1, tokens: 8192)
    } cost: { 1e6 * ($0.budget - $0.seconds { $0.stage == "weights made and packed" }) / Double($0.profile.threads * $0.profile.tokens) }
    try curve("SAE features", perToken, [2048, 4096, 8192, 16384, 32768, 65536]) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: 0, sae: try setting.widenedSAE(features: $0), tokens: 8192)
    } cost: { 1e6 * ($0.budget - $0.seconds { $0.stage == "weights made and packed" }) / Double($0.profile.threads * $0.profile.tokens) }
    for curve in results.curves {
      results.measures.append(Self.summary(of: curve))
    }
    return results
  }

  /// Tokens: last against first. Layers and widths: how far from a straight line, as a share of the largest cost.
  private static func summary(of curve: GroupResults.Curve) -> Measure {
    let (x, y) = (curve.points.map { $0[0] }, curve.points.map { $0[1] })
    if curve.x == "tokens" {
      return Measure(
        "cost per token at \(Int(x.last!)) against \(Int(x[0])) tokens", [y.last! / y[0]], "×", .atMost(1.1),
        note: "layer 0 and the autoencoder, one condition; wall time of the whole measuring, run file included")
    }
    let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    let worst = zip(x, y).map { abs($1 - my - slope * ($0 - mx)) }.max()! / y.max()!
    return Measure(
      "cost per token by \(curve.x): farthest from a straight line", [100 * worst], "%", .atMost(10),
      note: "\(Int(x[0])) to \(Int(x.last!)) \(curve.x), share of the largest cost")
  }
}
