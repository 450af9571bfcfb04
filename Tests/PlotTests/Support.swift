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
