/// How text is set. The sizes keep to journals' rule: nothing under 7 points at printed size.
public struct TextStyle: Sendable, Hashable {
  public var font: FontStyle
  public var size: Points
  public var role: ColorRole

  public init(_ font: FontStyle, _ size: Points, _ role: ColorRole) {
    self.font = font
    self.size = size
    self.role = role
  }

  /// Height of a capital letter over the baseline, as a part of the size: Inter's 0.727.
  static let capHeight = 0.727
  /// Depth of descenders below the baseline, as a part of the size.
  static let descent = 0.21

  public static let axisTitle = TextStyle(.regular, 8, .ink)
  public static let tick = TextStyle(.regular, 7.5, .muted)
  public static let panelTitle = TextStyle(.semibold, 8.5, .ink)
  public static let label = TextStyle(.semibold, 7.5, .ink)
  public static let value = TextStyle(.regular, 7.5, .ink)
  public static let note = TextStyle(.regular, 7, .muted)

  public func colored(_ role: ColorRole) -> TextStyle { TextStyle(font, size, role) }
}

/// Where a text stands against its anchor.
public enum HorizontalAlignment: Sendable, Hashable { case left, center, right }
/// `middle` centres capital letters on the anchor; `top` hangs the capitals from it; `baseline` stands on it.
public enum VerticalAlignment: Sendable, Hashable { case top, middle, baseline, bottom }
