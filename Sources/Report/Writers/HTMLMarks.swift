import Plot
import Words

/// Places over a drawing at which its marks say what they stand for: what the report knows of the number, or its row of
/// the figure’s numbers. They are found by value: a mark lies where its number is, in the number’s own unit or in the axis’.
struct HTMLMarks {
  /// A cloud of points tells something as a whole.
  private static let most = 60
  let figure: Figure

  /// Elements to be laid over the drawing; nothing for a figure whose marks are too many.
  func html(over list: DrawList) -> String {
    let points = list.commands(.point).filter { !$0.data.isEmpty }
    guard points.count <= Self.most else { return "" }
    return points.compactMap { point in
      guard let place = point.shape.middle, let said = said(of: point) else { return nil }
      let (left, top) = (place.x.value / list.width.value, place.y.value / list.height.value)
      let id = said.id.map { " data-id=\"\(HTMLText.escaped($0))\"" } ?? ""
      return """
        <data class="mark" role="img" aria-label="\(HTMLText.escaped(said.name))" value="\(said.value.description)"\(id) \
        title="\(HTMLText.escaped(said.detail))" style="left:\(percent(left));top:\(percent(top))"></data>
        """
    }.joined(separator: "\n")
  }

  private typealias Said = (name: String, value: Double, id: String?, detail: String)

  private func said(of point: DrawCommand) -> Said? {
    let series = point.series ?? ""
    // Whole numbers may be a row’s place.
    let values = point.data.filter { $0 != $0.rounded() }
    let numbers = figure.altText.inlines.compactMap { if case .number(let number) = $0 { number } else { nil } }
      .filter { values.contains($0.value) }
    if let number = numbers.first(where: { $0.id.contains("/\(series)/") }) ?? numbers.first {
      return ("\(series) \(number.text)", number.value, number.id, "\(series) \(number.text): \(number.detail)")
    }
    let rows = figure.table.rows.filter { row in row.contains { $0.isOne(of: values) } }
    guard let row = rows.first(where: { $0.contains(.text(series)) }) ?? rows.first,
      let cell = row.first(where: { $0.isOne(of: values) }), case .number(let value, let shown) = cell
    else { return nil }
    let words = row.compactMap { if case .text(let text) = $0 { text } else { nil } }.filter { !$0.isEmpty }
    let numeric = zip(figure.table.columns, row).filter { $0.0.isNumeric && $0.1 != .none }.map {
      "\($0.0.title) \($0.1.shown)"
    }
    return (
      "\(words.joined(separator: ", ")) \(shown)", value, nil,
      "\(words.joined(separator: ", ")): \(numeric.joined(separator: "; "))"
    )
  }

  /// "12.34%".
  private func percent(_ fraction: Double) -> String {
    "\(Double(Int((fraction * 10_000).rounded())) / 100)%"
  }
}

extension DataTable.Cell {
  fileprivate func isOne(of values: [Double]) -> Bool {
    if case .number(let value, _) = self { values.contains(value) } else { false }
  }
}

extension DrawCommand.Shape {
  /// Of a marker: where it lies.
  fileprivate var middle: Position? {
    guard case .path(let path, _, _) = self else { return nil }
    var corners: [Position] = []
    for element in path.elements {
      switch element {
      case .move(let to), .line(let to): corners.append(to)
      case .circle(let center, _): return center
      case .box(let box, _): return Position(box.left + box.width * 0.5, box.top + box.height * 0.5)
      default: break
      }
    }
    let (x, y) = (corners.map(\.x.value), corners.map(\.y.value))
    guard let left = x.min(), let right = x.max(), let top = y.min(), let bottom = y.max() else { return nil }
    return Position(Points((left + right) / 2), Points((top + bottom) / 2))
  }
}
