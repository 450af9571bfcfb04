import Analysis
import Plot
import Words

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

  /// Length of the axis that dodging assumes: panels are about this wide in both column widths.
  static let assumedLength: Points = 205

  /// - Parameters:
  ///   - names: compressed conditions of all models of the figure: one name, one style.
  ///   - allSizes: bits per parameter of all models' conditions, which share the axis.
  ///   - separation: least distance between two conditions on paper; less where there are too many.
  init(
    _ findings: Findings, styledAs names: [String], among allSizes: [Double], separation: Points = 10
  ) throws {
    let conditions = findings.description.conditions
    for condition in conditions
    where !(condition.effectiveBitsPerParameter > 0 && condition.effectiveBitsPerParameter.isFinite) {
      throw PlotError.notFinite(
        value: "\(condition.effectiveBitsPerParameter)", place: "bits per parameter of \(condition.name)")
    }
    let sizes = conditions.map { log2(of: $0.effectiveBitsPerParameter) }
    self.allSizes = allSizes
    let shown = allSizes.filter { $0 > 0 && $0.isFinite }.map { log2(of: $0) }
    let low = shown.min() ?? 0
    let span = (shown.max() ?? 0) - low
    let wishes = sizes.map { Self.assumedLength * (span > 0 ? ($0 - low) / span : 0.5) }
    self.separation = min(separation, Self.assumedLength / Double(max(1, conditions.count)))
    let places = LabelPlacement.spread(
      wishes, lengths: wishes.map { _ in 0 }, gap: self.separation, within: 0...Self.assumedLength)
    let dodges = zip(places, wishes).map { $0 - $1 }
    var entries: [Entry] = []
    for (condition, dodge) in zip(conditions, dodges) {
      entries.append(
        Entry(
          name: condition.name, label: condition.label, isBaseline: condition.isBaseline,
          bits: condition.effectiveBitsPerParameter,
          style: condition.isBaseline ? .baseline : .condition(names.firstIndex(of: condition.name) ?? 0),
          dodge: dodge))
    }
    self.entries = entries
  }

  /// From the smallest to the largest.
  var bySize: [Entry] { entries.sorted { ($0.bits, $0.dodge) < ($1.bits, $1.dodge) } }
  var baseline: Entry? { entries.first(where: \.isBaseline) }
  var compressed: [Entry] { entries.filter { !$0.isBaseline } }

  /// Few enough for a number beside each point, and for a band around each line, to be read.
  var areFew: Bool { entries.count <= 8 }

  /// The least distance between two conditions on paper.
  let separation: Points
  private let allSizes: [Double]

  /// All models' conditions' sizes, whether or not a panel has data at each: panels share the axis.
  var axis: Axis {
    Axis("Effective size", unit: "bits per parameter, log scale", .logarithmic, including: allSizes)
  }

  /// "bf16, int8 and nf4".
  var listed: String { entries.map(\.name).listed }
}
