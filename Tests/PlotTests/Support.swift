import Foundation

@testable import Plot

/// The repository and its font, found from this file: tests run in any working directory.
enum Shipped {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let fontsFolder = root.appendingPathComponent("assets/fonts")

  static func fonts() throws -> FontFamily { try FontFamily(folder: fontsFolder) }
}

/// A plain figure of three points with intervals.
func sampleFigure(key: String = "sample", label: String = "FVU 0.123", panels count: Int = 1) -> Figure {
  let marks = [
    Mark(.line([Datum(1, 10), Datum(2, 20), Datum(4, 15)]), .condition(0), series: "a"),
    Mark(
      .intervals([Extent(at: 1, low: 8, high: 12), Extent(at: 2, low: 19, high: 22)]), .condition(0), series: "a"),
    Mark(.points([Datum(1, 10), Datum(2, 20), Datum(4, 15)]), .condition(0), series: "a"),
    Mark(.values([Datum(2, 20)], [label]), .condition(0), series: "a"),
  ]
  let panel = Panel(
    x: Axis("Size", unit: "bits", .logarithmic), y: Axis("Loss", unit: "nats", .linear(fromZero: true)), marks: marks)
  return Figure(
    key: key, title: "Sample \(label)", caption: "A caption.", altText: "A chart of <three> points & more.",
    table: DataTable(columns: [.init("x"), .init("y")], rows: [[.count(1), .number(10, shown: "10.0")]]),
    content: .panels(Array(repeating: panel, count: count), columns: 2, key: []))
}

extension DrawCommand {
  /// The rectangle around a path's points, without the width of its stroke; nil for text.
  var pathBox: Box? {
    guard case .path(let path, _, _) = shape else { return nil }
    let boxes = path.elements.flatMap { element -> [Box] in
      switch element {
      case .move(let p), .line(let p): [Box(left: p.x, top: p.y, width: 0, height: 0)]
      case .curve(let a, let b, let c): [a, b, c].map { Box(left: $0.x, top: $0.y, width: 0, height: 0) }
      case .circle(let center, let radius):
        [Box(left: center.x - radius, top: center.y - radius, width: radius * 2, height: radius * 2)]
      case .box(let box, _): [box]
      case .close: []
      }
    }
    return boxes.dropFirst().reduce(boxes.first) { $0?.union($1) }
  }
}
