import Digests
import Foundation

@testable import Plot

/// A draw list as text: a line per command, lengths to 0.01 points, data to six digits. What no pixel shows, such as a
/// datum, is in it all the same.
extension DrawList {
  var dump: String {
    (["page \(Self.text(width)) × \(Self.text(height))"] + commands.map(\.dump)).joined(separator: "\n") + "\n"
  }

  /// SHA-256 of the dump, in hexadecimal.
  var digest: String { SHA256.hash(data: Data(dump.utf8)).map { String(format: "%02x", $0) }.joined() }

  fileprivate static func text(_ length: Points) -> String {
    let text = String(format: "%.2f", length.value)
    return text == "-0.00" ? "0.00" : text
  }

  fileprivate static func text(_ position: Position) -> String { "\(text(position.x)),\(text(position.y))" }
}

extension DrawCommand {
  fileprivate var dump: String {
    var words = [part.rawValue, "panel \(panel)"]
    if let series { words.append("of “\(series)”") }
    if !data.isEmpty { words.append("data " + data.map { String(format: "%.6g", $0 + 0) }.joined(separator: " ")) }
    switch shape {
    case .text(let text):
      words.append(
        """
        “\(text.text)” at \(DrawList.text(text.origin)) wide \(DrawList.text(text.width)) \(text.style.font.rawValue) \
        \(DrawList.text(text.style.size)) \(text.style.role.rawValue)\(text.isVertical ? " vertical" : "")
        """)
    case .path(let path, let fill, let stroke):
      if let fill { words.append("fill \(fill.role.rawValue) \(String(format: "%.2f", fill.opacity))") }
      if let stroke {
        words.append(
          """
          stroke \(stroke.paint.role.rawValue) \(String(format: "%.2f", stroke.paint.opacity)) \
          \(DrawList.text(stroke.width))[\(stroke.dash.map(DrawList.text).joined(separator: " "))]\
          \(stroke.isRound ? " round" : "")
          """)
      }
      words.append("path " + path.elements.map(Self.text).joined(separator: " "))
    }
    return words.joined(separator: "; ")
  }

  private static func text(_ element: Path.Element) -> String {
    switch element {
    case .move(let to): "M\(DrawList.text(to))"
    case .line(let to): "L\(DrawList.text(to))"
    case .curve(let a, let b, let to): "C\(DrawList.text(a)) \(DrawList.text(b)) \(DrawList.text(to))"
    case .circle(let center, let radius): "O\(DrawList.text(center)) r\(DrawList.text(radius))"
    case .box(let box, let corner):
      "B\(DrawList.text(Position(box.left, box.top))) \(DrawList.text(Position(box.width, box.height))) r\(DrawList.text(corner))"
    case .close: "Z"
    }
  }
}
