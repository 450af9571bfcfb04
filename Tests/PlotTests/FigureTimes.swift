import FabricatedFindings
import Foundation
import Testing

@testable import Plot
@testable import Report

/// How long each figure takes, from findings to the bytes of PNG, SVG and PDF. Runs only when asked to, by
/// `Benchmarks/figures/times.py`, with the number of repeats in `CLEARBOX_TIME_FIGURES`.
@Suite("Times of figures")
struct FigureTimes {
  private static let repeats = ProcessInfo.processInfo.environment["CLEARBOX_TIME_FIGURES"].flatMap { Int($0) }

  private struct Entry: Encodable {
    var seconds: [String: Double]
    var bytes: [String: Int]
  }

  @Test("Each figure in PNG, SVG and PDF, the median of some repeats", .enabled(if: repeats != nil))
  func times() throws {
    let repeats = try #require(Self.repeats)
    let folder = Shipped.root.appendingPathComponent(".build-test/figure-times")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let renderer = FigureRenderer(
      fonts: try Shipped.fonts(), date: "2026-03-01T10:11:42Z", creator: "clearbox 1.0.0")
    let findings = [Fabricated().findings]
    var entries: [String: Entry] = [:]
    for kind in StudyFigure.all {
      var times: [String: [Double]] = [:]
      var bytes: [String: Int] = [:]
      // The first turn warms up.
      for turn in 0...repeats {
        let clock = ContinuousClock()
        func time(_ name: String, _ work: () throws -> Void) rethrows {
          let spent = try clock.measure(work) / .seconds(1)
          if turn > 0 { times[name, default: []].append(spent) }
        }
        try time("all") {
          guard case .figure(let figure) = try kind.outcome(of: findings) else { return }
          try time("png") { bytes["png"] = try renderer.png(figure, pixelRatio: 2).count }
          try time("svg") { bytes["svg"] = try renderer.svg(figure, theme: .light).utf8.count }
          try time("pdf") { bytes["pdf"] = try renderer.pdf(figure).count }
        }
      }
      guard case .figure(let figure) = try kind.outcome(of: findings) else { continue }
      entries[kind.key] = Entry(
        seconds: times.mapValues { $0.sorted()[$0.count / 2] }, bytes: bytes)
      try Data(figure.table.csv.utf8).write(to: folder.appendingPathComponent("\(kind.key).csv"))
      try Data(try renderer.png(figure, pixelRatio: 2)).write(to: folder.appendingPathComponent("\(kind.key).png"))
    }
    #expect(!entries.isEmpty)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(entries).write(to: folder.appendingPathComponent("times.json"))
  }
}
