import Plot
import Words

/// Prose as HTML.
enum HTMLText {
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for character in VisibleText.of(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }

  static func prose(_ prose: Prose) -> String {
    prose.inlines.map { inline in
      switch inline {
      case .text(let text): escaped(text)
      case .strong(let text): "<strong>\(escaped(text))</strong>"
      case .emphasis(let text): "<em>\(escaped(text))</em>"
      case .code(let text): "<code>\(escaped(text))</code>"
      case .interval(let interval): "<span class=\"interval\">\(escaped(interval.text))</span>"
      case .number(let number):
        """
        <data value="\(number.value.description)" data-id="\(escaped(number.id))" \
        title="\(escaped(number.detail))">\(escaped(number.text))</data>
        """
      case .reference(let anchor, let text): "<a href=\"#\(escaped(anchor))\">\(escaped(text))</a>"
      case .link(let url, let text): "<a href=\"\(escaped(url))\">\(escaped(text))</a>"
      case .marked(.changed, let text): "<mark>\(escaped(text))</mark>"
      case .marked(let role, let text): "<span class=\"\(role.rawValue)\">\(escaped(text))</span>"
      }
    }.joined()
  }

  /// A cell of a figure's numbers: what is shown, and the value that it is sorted by.
  static func cell(_ cell: DataTable.Cell) -> String {
    switch cell {
    case .number(let value, let shown) where value.isFinite:
      "<data value=\"\(value.description)\">\(escaped(shown))</data>"
    default: escaped(cell.shown)
    }
  }
}
