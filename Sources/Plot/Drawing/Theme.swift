/// What a colour is for. Drawings name roles; a theme gives each its colour, so one drawing serves light and dark.
public enum ColorRole: String, Sendable, Hashable, CaseIterable {
  /// The paper.
  case ground
  /// Axis titles, labels, whatever must be read.
  case ink
  /// Tick labels and notes.
  case muted
  /// Axis lines and ticks.
  case axis
  /// Grid and guides, which may be overlooked.
  case grid
  /// Shaded regions behind the marks.
  case shade
  /// The baseline condition and lines that others are judged against.
  case reference
  /// Conditions, in the study's order.
  case series1, series2, series3, series4, series5, series6, series7
  /// The two definitions of FVU, apart from every condition's colour.
  case articleForm, textbookForm
  /// What the autoencoder misses.
  case error

  /// Role of the n-th compressed condition, from 0; after seven the colours repeat while markers go on changing.
  static func series(_ index: Int) -> ColorRole {
    let all: [ColorRole] = [.series1, .series2, .series3, .series4, .series5, .series6, .series7]
    return all[index % all.count]
  }
}

/// An sRGB colour.
public struct RGB: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ hex: UInt32) {
    red = UInt8(hex >> 16 & 0xff)
    green = UInt8(hex >> 8 & 0xff)
    blue = UInt8(hex & 0xff)
  }

  /// `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Contrast ratio by WCAG 2.2, from 1 to 21.
  public func contrast(with other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private var luminance: Double {
    func linear(_ byte: UInt8) -> Double {
      let s = Double(byte) / 255
      return s <= 0.04045 ? s / 12.92 : power((s + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}

/// Colours for every role.
///
/// The condition colours follow Okabe and Ito's order of hues (blue, vermilion, green, …), which people with any common
/// colour blindness can tell apart, darkened on the light ground and lightened on the dark one until each has a contrast
/// of 4.5:1 or more (their orange, sky blue and yellow have less than 3:1 on white), for labels are set in them too. The
/// later ones were searched for, so that any two differ under simulated protanopia and deuteranopia. Marker shape and
/// dash repeat what colour says.
public struct Theme: Sendable, Hashable {
  public var name: String
  private var colors: [ColorRole: RGB]

  public subscript(role: ColorRole) -> RGB { colors[role] ?? RGB(0) }

  public static let light = Theme(
    name: "light",
    colors: [
      .ground: RGB(0xffffff), .ink: RGB(0x16191d), .muted: RGB(0x555d66), .axis: RGB(0x7a828b),
      .grid: RGB(0xe3e6ea), .shade: RGB(0xf1f3f5), .reference: RGB(0x41484f),
      .series1: RGB(0x0067a5), .series2: RGB(0xc4500b), .series3: RGB(0x00795a), .series4: RGB(0x7c0a74),
      .series5: RGB(0x866e3c), .series6: RGB(0x1f7c8a), .series7: RGB(0x88110c),
      .articleForm: RGB(0x7b4fa3), .textbookForm: RGB(0x1d6f6a), .error: RGB(0x985a00),
    ])

  public static let dark = Theme(
    name: "dark",
    colors: [
      .ground: RGB(0x14171a), .ink: RGB(0xeceff2), .muted: RGB(0xaab3bc), .axis: RGB(0x7f8993),
      .grid: RGB(0x2b3036), .shade: RGB(0x1d2125), .reference: RGB(0xcdd4db),
      .series1: RGB(0x66b2ec), .series2: RGB(0xf59a56), .series3: RGB(0x4fc59d), .series4: RGB(0xcd5595),
      .series5: RGB(0xe4ca04), .series6: RGB(0x17a4b8), .series7: RGB(0xe75158),
      .articleForm: RGB(0xc3a0ea), .textbookForm: RGB(0x6fd0c6), .error: RGB(0xf2bd4c),
    ])
}
