import Foundation
import Kernels
import Plot
import RunFile
import Synchronization

/// What the machine can do at best, and what the products of a pass did.
struct Roofline: Codable {
  /// Bytes per second that all threads read together.
  var bandwidth: Double
  /// Best rate of all threads together, in operations per second, by precision.
  var peaks: [Peak]
  var points: [Point]

  struct Peak: Codable {
    var precision: String
    var rate: Double
  }
  struct Point: Codable {
    var name: String
    var precision: String
    /// Operations per byte of weights, input and output, each counted once per product.
    var intensity: Double
    /// Operations per second of all threads together, in the pass.
    var rate: Double
  }

  /// Which shapes of Gemma 3 270M belong to a stage: columns and depth.
  private static let stages: [(stage: String, name: String, columns: Int, depth: Int)] = [
    ("query, key, value", "q, k, v", 1536, 640), ("attention output", "attention output", 640, 1024),
    ("gate and up", "gate, up", 4096, 640), ("down", "down", 640, 2048), ("head", "head", 2048, 640),
  ]

  /// From a run in bf16 and one under LLM.int8.
  init(_ bf16: RunProfile, _ int8: RunProfile) {
    bandwidth = Self.readBandwidth(threads: bf16.threads)
    peaks = []
    points = []
    for (precision, profile) in [("bf16", bf16), ("int8", int8)] {
      let products = profile.products.filter { $0.precision == precision }
      let rates = products.map { 2 * $0.multiplyAdds / $0.secondsAtBest * Double(profile.threads) }
      guard let best = rates.max() else { continue }
      peaks.append(Peak(precision: precision, rate: best))
      for (stage, name, columns, depth) in Self.stages {
        guard let shape = products.first(where: { $0.columns == columns && $0.depth == depth }) else { continue }
        let entries = profile.entries.filter { $0.stage == stage && $0.part == "product" }
        let seconds = entries.reduce(0) { $0 + $1.seconds }
        guard seconds > 0 else { continue }
        let inputBytes = precision == "int8" ? 1.0 : 2.0, outputBytes = precision == "int8" ? 4.0 : 2.0
        let bytes =
          inputBytes * Double(shape.columns * shape.depth + shape.rows * shape.depth) + outputBytes * Double(shape.rows * shape.columns)
        points.append(
          Point(
            name: name, precision: precision, intensity: 2 * shape.multiplyAdds / bytes,
            rate: 2 * entries.reduce(0) { $0 + $1.multiplyAdds } / seconds * Double(profile.threads)))
      }
    }
  }

  /// Every thread reads 64 MiB of its own, over and over; the best of five.
  private static func readBandwidth(threads: Int) -> Double {
    let count = 1 << 24
    let rates = Mutex<[Double]>([])
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let data = AlignedBuffer<Float>(count: count)
      data.pointer.update(repeating: 1, count: count)
      var best = 0.0, keep: Float = 0
      for _ in 0..<5 {
        let seconds = ContinuousClock().measure {
          let vectors = UnsafeRawPointer(data.pointer).assumingMemoryBound(to: SIMD16<Float>.self)
          var sums = (SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>())
          for i in stride(from: 0, to: count / 16, by: 4) {
            sums.0 += vectors[i]
            sums.1 += vectors[i + 1]
            sums.2 += vectors[i + 2]
            sums.3 += vectors[i + 3]
          }
          keep += (sums.0 + sums.1 + sums.2 + sums.3).sum()
        } / .seconds(1)
        best = max(best, Double(4 * count) / seconds)
      }
      if keep.isFinite { rates.withLock { $0.append(best) } }
    }
    return rates.withLock { $0.reduce(0, +) }
  }

  // MARK: Figure

  func figure(_ machine: Machine) throws -> Figure {
    let styles = ["bf16": MarkStyle(.series1, .circle), "int8": MarkStyle(.series2, .square, dash: [4, 2])]
    let xs = points.map(\.intensity)
    let (low, high) = ((xs.min() ?? 1) / 12, (xs.max() ?? 1) * 1.6)
    var marks: [Mark] = []
    var ends: [DirectLabel] = []
    for peak in peaks {
      guard let style = styles[peak.precision] else { continue }
      let ridge = peak.rate / bandwidth
      let corners = [low, min(max(ridge, low), high), high].map { Datum($0, min($0 * bandwidth, peak.rate) / 1e9) }
      marks.append(Mark(.line(corners), style, series: "\(peak.precision) roof"))
      ends.append(DirectLabel("\(peak.precision), best product", at: peak.rate / 1e9, style))
      let mine = points.filter { $0.precision == peak.precision }
      let data = mine.map { Datum($0.intensity, $0.rate / 1e9) }
      marks.append(Mark(.points(data), style, series: peak.precision))
      marks.append(Mark(.values(data, mine.map(\.name)), style, series: "\(peak.precision) names"))
    }
    let rows = points.map { point -> [DataTable.Cell] in
      [
        .text(point.name), .text(point.precision), .number(point.intensity, shown: Measure.number(point.intensity)),
        .number(point.rate / 1e9, shown: Measure.number(point.rate / 1e9)),
      ]
    }
    let told = points.map { "\($0.name) in \($0.precision) \(Measure.number($0.rate / 1e9))" }.joined(separator: ", ")
    let caption =
      "Matrix products of Gemma 3 270M during a pass (points) under what the machine does at best (lines: memory bandwidth \(Measure.number(bandwidth / 1e9)) GB/s, then the fastest shape). \(machine.cpu), \(machine.threads) threads, \(machine.kernels)."
    return Figure(
      key: "roofline", title: "Products against the machine's roof", caption: caption,
      altText: "Scatter chart of the rate of matrix products against their arithmetic intensity, in billions of operations per second: \(told).",
      table: DataTable(
        columns: [
          .init("product", isNumeric: false), .init("precision", isNumeric: false), .init("operations per byte"), .init("10⁹ operations per second"),
        ], rows: rows),
      content: .panels(
        [
          Panel(
            x: Axis("Operations per byte of weights, input and output", unit: "log scale", .logarithmic, including: [low, high]),
            y: Axis("10⁹ operations per second", unit: "log scale", .logarithmic), marks: marks, endLabels: ends, height: 190)
        ], columns: 1, key: []))
  }
}
