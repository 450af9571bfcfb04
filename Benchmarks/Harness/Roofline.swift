import Experiments
import Foundation
import Kernels
import Plot
import RunFile
import Synchronization
import Words

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
  private static let stages: [(stage: Stage, name: String, columns: Int, depth: Int)] = [
    (.queryKeyValue, "q, k, v", 1536, 640), (.output, "attention output", 640, 1024),
    (.gateUp, "gate, up", 4096, 640), (.down, "down", 640, 2048), (.head, "head", 2048, 640),
  ]

  /// From a run in bf16 alone, and one that has LLM.int8 among its conditions.
  init(_ bf16: CommandRun, _ int8: CommandRun) {
    bandwidth = Self.readBandwidth(threads: bf16.profile.threads)
    peaks = []
    points = []
    for (precision, run) in [("bf16", bf16), ("int8", int8)] {
      let profile = run.profile
      let condition = run.description.conditions.first { $0.kind == precision }?.name
      let products = profile.products.filter { $0.precision == precision }
      let rates = products.map { 2 * $0.multiplyAdds / $0.secondsAtBest * Double(profile.threads) }
      guard let best = rates.max() else { continue }
      peaks.append(Peak(precision: precision, rate: best))
      for (stage, name, columns, depth) in Self.stages {
        guard let shape = products.first(where: { $0.columns == columns && $0.depth == depth }) else { continue }
        let entries = profile.entries.filter {
          $0.condition == condition && $0.stage == stage.name && $0.part == "product"
        }
        let seconds = entries.reduce(0) { $0 + $1.seconds }
        guard seconds > 0 else { continue }
        let inputBytes = precision == "int8" ? 1.0 : 2.0, outputBytes = precision == "int8" ? 4.0 : 2.0
        let bytes =
          inputBytes * Double(shape.columns * shape.depth + shape.rows * shape.depth) + outputBytes
          * Double(shape.rows * shape.columns)
        points.append(
          Point(
            name: name, precision: precision, intensity: 2 * shape.multiplyAdds / bytes,
            rate: 2 * entries.reduce(0) { $0 + $1.multiplyAdds } / seconds * Double(profile.threads)))
      }
    }
  }

  /// Every thread reads 64 MiB of its own, all at once; the best of five rounds.
  private static func readBandwidth(threads: Int) -> Double {
    let count = 1 << 24
    let buffers = (0..<threads).map { _ in AlignedBuffer<Float>(count: count) }
    for buffer in buffers { buffer.pointer.update(repeating: 1, count: count) }
    let kept = Mutex<Float>(0)
    let rounds = (0..<5).map { _ in
      ContinuousClock().measure {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
          let vectors = UnsafeRawPointer(buffers[thread].pointer).assumingMemoryBound(to: SIMD16<Float>.self)
          var sums = (SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>())
          for i in stride(from: 0, to: count / 16, by: 4) {
            sums.0 += vectors[i]
            sums.1 += vectors[i + 1]
            sums.2 += vectors[i + 2]
            sums.3 += vectors[i + 3]
          }
          let sum = (sums.0 + sums.1 + sums.2 + sums.3).sum()
          kept.withLock { $0 += sum }
        }
      } / .seconds(1)
    }
    return Double(4 * count * threads) / (rounds.min() ?? .infinity)
  }

  // MARK: Figure

  func figure(_ machine: Machine) throws -> Figure {
    let styles = ["bf16": MarkStyle(.series1, .circle), "int8": MarkStyle(.series2, .square, dash: [4, 2])]
    let ridges = peaks.map { $0.rate / bandwidth }
    let (low, high) = ((ridges.min() ?? 1) / 4, (points.map(\.intensity).max() ?? 1) * 1.6)
    let names = Self.stages.map(\.name)
    var roofs: [Mark] = []
    var ends: [DirectLabel] = []
    var rates: [Mark] = []
    for (peak, ridge) in zip(peaks, ridges) {
      guard let style = styles[peak.precision] else { continue }
      let corners = [low, ridge, high].map { Datum($0, min($0 * bandwidth, peak.rate) / 1e9) }
      let mine = points.filter { $0.precision == peak.precision }
      roofs.append(Mark(.line(corners), style, series: "\(peak.precision) roof"))
      roofs.append(Mark(.points(mine.map { Datum($0.intensity, $0.rate / 1e9) }), style, series: peak.precision))
      ends.append(DirectLabel(peak.precision, at: peak.rate / 1e9, style))
      rates.append(Mark(.verticalRule(peak.rate / 1e9), style, series: "\(peak.precision) best"))
      rates.append(
        Mark(
          .points(
            mine.compactMap { point in names.firstIndex(of: point.name).map { Datum(point.rate / 1e9, Double($0)) } }),
          style, series: peak.precision))
    }
    let rows = points.map { point -> [DataTable.Cell] in
      [
        .text(point.name), .text(point.precision), .number(point.intensity, shown: Measure.number(point.intensity)),
        .number(point.rate / 1e9, shown: Measure.number(point.rate / 1e9)),
      ]
    }
    let told = points.map { "\($0.name) in \($0.precision) \(Measure.number($0.rate / 1e9))" }.joined(separator: ", ")
    let caption: Prose =
      "Matrix products of Gemma 3 270M during a pass (points) under what the machine does at best (lines: memory bandwidth \(Measure.number(bandwidth / 1e9)) GB/s, then the fastest shape). Right: the same points by product. \(machine.cpu), \(count: machine.threads) threads, \(machine.kernels)."
    return Figure(
      key: "roofline", title: "Products against the machine's roof", caption: caption,
      altText:
        "Scatter chart of the rate of matrix products against their arithmetic intensity, in billions of operations per second: \(told).",
      table: DataTable(
        columns: [
          .init("product", isNumeric: false), .init("precision", isNumeric: false), .init("operations per byte"),
          .init("10⁹ operations per second"),
        ], rows: rows),
      content: .panels(
        [
          Panel(
            x: Axis("Operations per byte", unit: "log scale", .logarithmic, including: [low, high]),
            y: Axis("10⁹ operations per second", unit: "log scale", .logarithmic), marks: roofs, endLabels: ends,
            height: 150),
          Panel(
            x: Axis("10⁹ operations per second", unit: "", .linear(fromZero: true)),
            y: Axis("", unit: "", .categories(names, names.map { _ in .ink })), marks: rates, height: 150),
        ], columns: 2,
        key: peaks.compactMap { peak in
          styles[peak.precision].map { DirectLabel("\(peak.precision); line: best", at: 0, $0) }
        }))
  }
}
