import Foundation
import Kernels

/// One line of the table.
struct Measure: Codable {
  var title: String
  /// In words: "at least 0.80"; empty where there is none.
  var goal: String
  /// Nil where there is no goal.
  var met: Bool?
  var values: [Double]
  /// "×", "%", "s", "MiB", "tokens/s", …
  var unit: String
  /// How it was measured, and what it leaves out.
  var note: String

  enum Goal {
    case none
    case atLeast(Double)
    case atMost(Double)
  }

  init(_ title: String, _ values: [Double], _ unit: String, _ goal: Goal = .none, note: String) {
    self.title = title
    self.values = values
    self.unit = unit
    self.note = note
    let median = Self.median(values)
    switch goal {
    case .none: (self.goal, met) = ("", nil)
    case .atLeast(let least): (self.goal, met) = ("at least \(Self.number(least)) \(unit)", median >= least)
    case .atMost(let most): (self.goal, met) = ("at most \(Self.number(most)) \(unit)", median <= most)
    }
  }

  var withoutGoal: Measure {
    var measure = self
    (measure.goal, measure.met) = ("", nil)
    return measure
  }

  var median: Double { Self.median(values) }

  /// Median, and the range where it was measured more than once.
  var value: String {
    let middle = "\(Self.number(median)) \(unit)"
    guard values.count > 1, let low = values.min(), let high = values.max() else { return middle }
    return "\(middle) (\(Self.number(low)) to \(Self.number(high)))"
  }

  var verdict: String { met.map { $0 ? "met" : "**missed**" } ?? "" }

  var line: String {
    [title + ": " + value, goal, met.map { $0 ? "met" : "MISSED" } ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Three significant digits, none lost before the point.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let decimals = value == 0 ? 0 : max(0, 2 - Int(log10(abs(value)).rounded(.down)))
    return String(format: "%.\(decimals)f", value)
  }
}

/// What a group found: lines of the table, and points for figures.
struct GroupResults: Codable {
  var machine = Machine.current
  var measures: [Measure] = []
  /// By the name of a curve.
  var curves: [Curve] = []
  var roofline: Roofline?

  struct Curve: Codable {
    /// What grows: "tokens", "layers", "SAE features".
    var x: String
    /// What is counted at each x.
    var y: String
    var points: [[Double]]
  }
}

/// Where it was measured.
struct Machine: Codable, Equatable {
  var cpu: String
  var threads: Int
  var kernels: String
  var date: String

  static var current: Machine {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func field(_ name: String) -> String? {
      info.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: ":").last?.trimmingCharacters(
        in: .whitespaces)
    }
    let family = [field("cpu family"), field("model\t")].compactMap { $0 }.joined(separator: "/")
    let day = ISO8601DateFormatter().string(from: Date()).prefix(10)
    return Machine(
      cpu: (field("model name") ?? "unknown CPU") + (family.isEmpty ? "" : " (family/model \(family))"),
      threads: ProcessInfo.processInfo.activeProcessorCount, kernels: (try? KernelChoice.usual().summary) ?? "unknown",
      date: String(day))
  }
}
