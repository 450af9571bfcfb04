import Analysis
import RunFile

/// The conditions of a run as a figure shows them: each with its place on the axis of bits per parameter and its style,
/// the same in all figures.
struct StudyConditions {
  struct Entry {
    let name: String
    let label: String
    let isBaseline: Bool
    let bits: Double
    let style: MarkStyle
    /// Sets conditions of the same size side by side.
    let dodge: Points
  }

  let entries: [Entry]

  /// Conditions closer than this part of the axis share a place and are set side by side.
  static let sameSize = 0.02
  static let dodgeStep: Points = 9

  init(_ findings: Findings) throws(PlotError) {
    let conditions = findings.description.conditions
    for condition in conditions where !(condition.effectiveBitsPerParameter > 0 && condition.effectiveBitsPerParameter.isFinite) {
      throw .notFinite(
        value: "\(condition.effectiveBitsPerParameter)", place: "bits per parameter of \(condition.name)")
    }
    let positions = conditions.map { log2(of: $0.effectiveBitsPerParameter) }
    let span = (positions.max() ?? 0) - (positions.min() ?? 0)
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    var dodges = [Points](repeating: 0, count: conditions.count)
    var group: [Int] = []
    func settle() {
      for (rank, index) in group.enumerated() {
        dodges[index] = Self.dodgeStep * (Double(rank) - Double(group.count - 1) / 2)
      }
      group = []
    }
    for index in order {
      if let last = group.last, positions[index] - positions[last] > span * Self.sameSize { settle() }
      group.append(index)
    }
    settle()
    var compressed = 0
    var entries: [Entry] = []
    for (condition, dodge) in zip(conditions, dodges) {
      entries.append(
        Entry(
          name: condition.name, label: condition.label, isBaseline: condition.isBaseline,
          bits: condition.effectiveBitsPerParameter,
          style: condition.isBaseline ? .baseline : .condition(compressed), dodge: dodge))
      if !condition.isBaseline { compressed += 1 }
    }
    self.entries = entries
  }

  var baseline: Entry? { entries.first(where: \.isBaseline) }
  var compressed: [Entry] { entries.filter { !$0.isBaseline } }

  static let axis = Axis("Effective size", unit: "bits per parameter, log scale", .logarithmic)

  /// Names over the data.
  func topLabels() -> [DirectLabel] {
    entries.map { DirectLabel($0.name, at: $0.bits, $0.style, dodge: $0.dodge) }
  }

  /// "bf16, int8 and nf4".
  var listed: String { Self.list(entries.map(\.name)) }

  static func list(_ words: [String]) -> String {
    switch words.count {
    case 0: ""
    case 1: words[0]
    default: words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
    }
  }
}
