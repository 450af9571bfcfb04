import Foundation

extension Group {
  /// How cost grows with tokens, layers and autoencoder width. Without the head, so that each shows.
  func growth(_ setting: Setting) throws -> GroupResults {
    var results = GroupResults()
    /// Measures at each size, and appends a curve for each cost.
    func curves(
      _ x: String, _ values: [Int], _ costs: [(String, (CommandRun) -> Double)], _ shape: (Int) throws -> StudyShape
    ) throws {
      let runs = try values.map { value in
        let run = try setting.measure(shape(value), name: "growth")
        say("   \(value) \(x): " + costs.map { "\(Measure.number($0.1(run))) \($0.0)" }.joined(separator: ", "))
        return run
      }
      for (y, cost) in costs {
        results.curves.append(.init(x: x, y: y, points: zip(values, runs).map { [Double($0), cost($1)] }))
      }
    }
    // Weights are made once, whatever is measured with them.
    let perToken: (String, (CommandRun) -> Double) = (
      "µs per token", { run in
        1e6 * (run.budget - run.seconds { $0.stage == "weights made and packed" }) / Double(run.profile.threads * run.profile.tokens)
      }
    )
    try curves("tokens", [10_000, 20_000, 50_000, 100_000, 200_000, 500_000], [perToken, ("s, whole process", { $0.processSeconds })]) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: 0, sae: try setting.widenedSAE(features: 8192, layer: 0), tokens: $0)
    }
    try curves("layers", [1, 3, 6, 9, 12, 15, 18], [perToken]) {
      StudyShape(
        conditions: ["bf16"], experiments: ["sae"], layer: $0 - 1, sae: try setting.widenedSAE(features: 8192, layer: $0 - 1),
        tokens: 8192)
    }
    try curves("SAE features", [2048, 4096, 8192, 16384, 32768, 65536], [perToken]) {
      StudyShape(conditions: ["bf16"], experiments: ["sae"], layer: 0, sae: try setting.widenedSAE(features: $0, layer: 0), tokens: 8192)
    }
    for curve in results.curves {
      results.measures.append(Self.summary(of: curve))
    }
    return results
  }

  /// The cost of a token is flat in tokens; all else grows in a straight line: how far from one, as a share of the largest.
  private static func summary(of curve: GroupResults.Curve) -> Measure {
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
