import Experiments
import Foundation
import RunFile
import Words

/// Where a run's time went, for people: docs/profile.md says how to read it.
struct ProfileTable {
  private let profile: RunProfile
  private let kernels: String
  /// Conditions in the study's order, reruns together, then nil where something is shared by all.
  private let columns: [String?]

  /// Nil when the run was not profiled.
  init?(_ description: RunDescription) {
    guard var profile = description.provenance.profile else { return nil }
    // Reruns share a column.
    let reruns = Set(description.rerunConditions?.map(\.name) ?? [])
    for index in profile.entries.indices where profile.entries[index].condition.map(reruns.contains) == true {
      profile.entries[index].condition = Self.reruns
    }
    self.profile = profile
    kernels = description.provenance.kernels
    let names = description.conditions.map { Optional($0.name) }
    columns =
      names + (reruns.isEmpty ? [] : [Self.reruns]) + (profile.entries.contains { $0.condition == nil } ? [nil] : [])
  }

  private static let reruns = "reruns"

  /// - Parameter indent: before every line that is not empty.
  func lines(indent: String) -> [String] {
    let threads = "\(profile.threads) \(profile.threads == 1 ? "thread" : "threads")"
    let text =
      ["Where the time went: \(threads), \(kernels)", ""] + stages + [""] + parts + [""] + rates + [""] + summary
    return text.map { $0.isEmpty ? "" : indent + $0 }
  }

  // MARK: Sums

  private typealias Sum = (seconds: Double, multiplyAdds: Double, secondsAtBest: Double)

  private func sum(_ chosen: (RunProfile.Entry) -> Bool) -> Sum {
    profile.entries.filter(chosen).reduce(into: (0, 0, 0)) {
      $0 = ($0.seconds + $1.seconds, $0.multiplyAdds + $1.multiplyAdds, $0.secondsAtBest + $1.secondsAtBest)
    }
  }

  private var total: Double { sum { _ in true }.seconds }

  // MARK: Tables

  private var stages: [String] {
    let head = row("seconds of all threads", columns.map { $0 ?? "shared" } + ["all", "share"])
    let body = profile.entries.map(\.stage).distinct.map { stage in
      secondsRow(stage) { $0.stage == stage }
    }
    return [head] + body + [secondsRow("all") { _ in true }]
  }

  private var parts: [String] {
    let names = profile.entries.compactMap(\.part).distinct
    return ["of which"]
      + names.map { part in secondsRow(part == "product" ? "matrix products" : part) { $0.part == part } }
  }

  private func secondsRow(_ title: String, _ chosen: (RunProfile.Entry) -> Bool) -> String {
    let cells = columns.map { column in
      let seconds = sum { chosen($0) && $0.condition == column }.seconds
      return seconds == 0 ? "" : Self.fixed(seconds, 2)
    }
    let all = sum(chosen).seconds
    return row(title, cells + [Self.fixed(all, 2), Self.percent(all / total)])
  }

  /// Stages that multiply: how fast, and how near to the machine's best.
  private var rates: [String] {
    let conditions = columns.compactMap { $0 }
    let multiplying = profile.entries.filter { $0.multiplyAdds > 0 }.map(\.stage).distinct
    func rateRow(_ title: String, _ chosen: (RunProfile.Entry) -> Bool) -> String {
      let sums = conditions.map { condition in sum { chosen($0) && $0.condition == condition } } + [sum(chosen)]
      return row(
        title,
        sums.flatMap { sum in
          sum.multiplyAdds == 0
            ? ["", ""]
            : [Self.fixed(gigaflops(sum.multiplyAdds, sum.seconds), 1), Self.percent(sum.secondsAtBest / sum.seconds)]
        })
    }
    return [row("GFLOP/s of all threads, share of best", conditions.flatMap { [$0, "best"] } + ["all", "best"])]
      + multiplying.map { stage in rateRow(stage) { $0.stage == stage } }
      + [rateRow("everything, products or not") { _ in true }]
  }

  private var summary: [String] {
    let best = profile.products.map(\.precision).distinct.map { precision in
      let products = profile.products.filter { $0.precision == precision }
      let work = products.reduce(0) { $0 + Double($1.count) * $1.multiplyAdds }
      let seconds = products.reduce(0) { $0 + Double($1.count) * $1.secondsAtBest }
      return "\(precision) \(Self.fixed(gigaflops(work, seconds), 1))"
    }
    let everything = sum { _ in true }
    func share(_ stages: [Stage]) -> String {
      let names = stages.map(\.name)
      return Self.percent(sum { names.contains($0.stage) }.seconds / total)
    }
    let busy = sum { $0.stage != Stage.waiting }.seconds
    var lines: [String] = []
    if profile.processorSeconds < 0.95 * busy {
      lines = [
        "other processes took \(Self.percent(1 - profile.processorSeconds / busy)) of the stages' time: rates and shares are those of a busy machine"
      ]
    }
    return lines + [
      "best of this machine at these shapes, GFLOP/s of all threads: \(best.joined(separator: ", "))",
      "matrix products at that rate: \(Self.fixed(everything.secondsAtBest / Double(profile.threads), 2)) s of \(Self.fixed(profile.wallSeconds, 2)) s, \(Self.percent(everything.secondsAtBest / total))",
      "SAE \(share([.saeEncoder, .saeDecoder])) and metrics \(share([.headSums, .metrics])) of the time (the head's sums are metrics); \(Self.fixed(profile.startSeconds, 2)) s to the first block; \(Self.fixed(Double(profile.tokens) / profile.wallSeconds, 1)) tokens/s",
    ]
  }

  /// The rate of all threads if all did the same: two operations per multiply-add.
  private func gigaflops(_ multiplyAdds: Double, _ seconds: Double) -> Double {
    2e-9 * multiplyAdds / seconds * Double(profile.threads)
  }

  // MARK: Text

  private func row(_ title: String, _ cells: [String]) -> String {
    title.padding(toLength: 38, withPad: " ", startingAt: 0)
      + cells.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
  }

  private static func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
