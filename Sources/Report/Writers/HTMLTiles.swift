import Plot
import Words

/// Tiles for the page: words and numbers for the template, and a strip of dots that says nothing the words do not.
enum HTMLTiles {
  static func context(_ tiles: Tiles) -> TemplateValue {
    .object([
      "id": .text("table-" + tiles.table.key),
      "tiles": .list(
        tiles.tiles.map { tile in
          .object([
            "title": .text(tile.title), "condition": .text(tile.condition), "role": .text(tile.role.rawValue),
            "verdict": .text(tile.verdict), "number": .text(HTMLText.prose(tile.number)),
            "interval": optional(tile.interval), "value": optional(tile.value), "strip": .text(strip(tile.strip)),
          ])
        }),
    ])
  }

  private static func optional(_ prose: Prose?) -> TemplateValue {
    prose.map { .object(["body": .text(HTMLText.prose($0))]) } ?? .flag(false)
  }

  private static let (width, height) = (160.0, 18.0)

  /// The margin as a shaded field about zero, and a dot for each condition with its interval.
  private static func strip(_ strip: Tile.Strip) -> String {
    let domain = strip.domain
    func place(_ value: Double) -> Double {
      let fraction = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
      return (max(0, min(1, fraction)) * (width - 8) + 4) * 10
    }
    func text(_ tenths: Double) -> String { "\(Double(Int(tenths.rounded())) / 10)" }
    func segment(_ x: ClosedRange<Double>, _ style: String) -> String {
      "<path d=\"M\(text(place(x.lowerBound))) 9H\(text(place(x.upperBound)))\" \(style)/>"
    }
    let (left, right) = (place(-strip.margin), place(strip.margin))
    let zero = text(place(0))
    let dots = strip.dots.reversed().map { dot in
      let color = "var(--fig-\(dot.color.rawValue))"
      let interval = dot.interval.map { segment($0, "stroke=\"\(color)\" stroke-width=\"2\"") } ?? ""
      return interval + "<circle cx=\"\(text(place(dot.value)))\" cy=\"9\" r=\"3.6\" fill=\"\(color)\"/>"
    }
    return """
      <svg class="strip" viewBox="0 0 \(Int(width)) \(Int(height))" aria-hidden="true">\
      <rect x="\(text(left))" y="2" width="\(text(right - left))" height="14" fill="var(--faint)"/>\
      <path d="M4 9H\(Int(width) - 4)" stroke="var(--rule)"/><path d="M\(zero) 1V17" stroke="var(--muted)"/>\
      \(dots.joined())</svg>
      """
  }
}
