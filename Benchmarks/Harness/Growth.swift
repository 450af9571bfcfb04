import Foundation

/// How cost grows. Without the head, and in bf16 alone, so that what grows shows.
extension Group {
  private typealias Cost = (name: String, of: (CommandRun) -> Double)

  /// Wall time of the blocks. Weights are made once, whatever is measured with them.
  private static var perToken: Cost {
    (
      "µs per token",
      { run in
        1e6 * (run.budget - run.seconds(.weights)) / Double(run.profile.threads * run.profile.tokens)
      }
    )
  }

  func growthByTokens(_ setting: Setting) throws -> GroupResults {
    let sae = try setting.widenedSAE(features: 8192, layer: 0)
    return try growth(
      "tokens", setting.isSmoke ? [128, 256] : [10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
      [Self.perToken, ("s, whole process", \.processSeconds)], setting
    ) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: 0, sae: sae, tokens: $0)
    }
  }

  func growthByLayers(_ setting: Setting) throws -> GroupResults {
    try growth("layers", setting.isSmoke ? [1, 2] : [1, 3, 6, 9, 12, 15, 18], [Self.perToken], setting) {
      StudyShape(
        conditions: ["bf16"], experiments: ["sae"], layer: $0 - 1,
        sae: try setting.widenedSAE(features: 8192, layer: $0 - 1),
        tokens: min(8192, setting.tokens))
    }
  }

  func growthByFeatures(_ setting: Setting) throws -> GroupResults {
    try growth(
      "SAE features", setting.isSmoke ? [2048, 4096] : [2048, 4096, 8192, 16384, 32768, 65536], [Self.perToken], setting
    ) {
      StudyShape(
        conditions: ["bf16"], experiments: ["sae"], layer: 0, sae: try setting.widenedSAE(features: $0, layer: 0),
        tokens: min(8192, setting.tokens))
    }
  }

  /// Measures at each size; a curve and a line of the table for each cost.
  private func growth(
    _ x: String, _ sizes: [Int], _ costs: [Cost], _ setting: Setting, _ shape: (Int) throws -> StudyShape
  ) throws -> GroupResults {
    let runs = try sizes.map { size in
      let run = try setting.measure(shape(size), name: "growth")
      say("   \(size) \(x): " + costs.map { "\(Measure.number($0.of(run))) \($0.name)" }.joined(separator: ", "))
      return run
    }
    var results = GroupResults()
    results.curves = costs.map { cost in
      GroupResults.Curve(x: x, y: cost.name, points: zip(sizes, runs).map { [Double($0), cost.of($1)] })
    }
    results.measures = results.curves.map(Self.summary)
    return results
  }

  /// The cost of a token is flat in tokens; all else grows in a straight line: how far from one, as a share of the largest.
  private static func summary(_ curve: GroupResults.Curve) -> Measure {
    let (x, y) = (curve.points.map { $0[0] }, curve.points.map { $0[1] })
    if curve.x == "tokens", curve.y == "µs per token" {
      return Measure(
        "cost per token at \(Int(x.last!)) against \(Int(x[0])) tokens", [y.last! / y[0]], "×", .atMost(1.1),
        note: "layer 0 and the autoencoder, bf16; wall time of the blocks")
    }
    let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    let worst = zip(x, y).map { abs($1 - my - slope * ($0 - mx)) }.max()! / y.max()!
    let what = curve.y == "µs per token" ? "cost per token" : "seconds of the whole process"
    return Measure(
      "\(what) by \(curve.x): farthest from a straight line", [100 * worst], "%", .atMost(10),
      note: "\(Int(x[0])) to \(Int(x.last!)) \(curve.x), share of the largest")
  }
}
