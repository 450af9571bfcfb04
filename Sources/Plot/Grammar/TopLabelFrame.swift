/// Names over a panel, measured: side by side over their data where they fit, climbing where they do not.
struct TopLabelFrame {
  let lines: [[String]]
  /// From the plotting area's left edge.
  let centers: [Points]
  /// True when the names do not fit side by side and climb instead.
  let areVertical: Bool
  /// Of the row of names.
  let height: Points

  private static let gap: Points = 6
  private static let verticalGap: Points = 2
  /// The longest a climbing name gets in one line.
  private static let climb: Points = 96

  /// - Parameters:
  ///   - room: width of the plotting area.
  ///   - left, right: room beside it.
  init(
    _ labels: [DirectLabel], _ scale: Scale, room: Points, left: Points, right: Points, _ pen: Pen
  ) throws(PlotError) {
    var lengths: [Points] = []
    for label in labels { lengths.append(try pen.width(of: label.text, .label)) }
    let needed = lengths.reduce(.zero, +) + Self.gap * Double(max(0, lengths.count - 1))
    areVertical = needed > (room + right + left) * 0.8
    lines =
      areVertical ? try pen.wrapped(labels.map(\.text), .label, width: Self.climb) : labels.map { [$0.text] }
    height = lengths.isEmpty ? 0 : areVertical ? min(Self.climb, lengths.max() ?? 0) : 6
    centers = LabelPlacement.spread(
      labels.map { room * scale.fraction($0.at) + $0.dodge },
      lengths: areVertical ? lines.map { PanelFrame.labelHeight * Double($0.count) - 2 } : lengths,
      gap: areVertical ? Self.verticalGap : Self.gap, within: -left...room + right)
  }
}
