import FabricatedFindings
import FabricatedRuns
import Foundation
import Testing

@testable import Plot
@testable import Report

/// Another plotting library's view of where the data stand: matplotlib draws the same panels.
@Suite("Positions against matplotlib")
struct MatplotlibPositionTests {
  private static let pixelsPerPoint = 96.0 / 72
  private static let variants: [(String, [Fabricated])] = [
    ("three", [Fabricated()]), ("two models", Fabricated.article), ("twenty", [.twenty]), ("one point", [.onePoint]),
  ]

  /// A panel of a figure as our drawing has it.
  private struct Ours {
    var name: String
    var list: DrawList
    var panel: PlacedPanel
    /// Numbers of the spots whose marker is rasterised: those of the wide figures.
    var markers: [Int]

    init(name: String, list: DrawList, panel: PlacedPanel) {
      self.name = name
      self.list = list
      self.panel = panel
      markers = panel.spots.indices.filter { panel.spots[$0].marker != nil && list.width == .doubleColumn }
    }
  }

  /// Every panel of every figure that is made of panels.
  private func panels(_ fonts: FontFamily) throws -> [Ours] {
    var result: [Ours] = []
    for kind in StudyFigure.all {
      for (variant, models) in Self.variants {
        guard case .figure(let figure) = try kind.outcome(of: models.map(\.findings)),
          case .panels(let panels, _, _) = figure.content
        else { continue }
        for width in [Points.doubleColumn, .singleColumn] {
          let list = try figure.drawing(width: width, fonts: fonts)
          for (index, panel) in panels.enumerated() {
            let name = "\(kind.key), \(variant), \(width == .doubleColumn ? "double" : "single"), panel \(index + 1)"
            result.append(Ours(name: name, list: list, panel: try PlacedPanel(panel, index: index, of: list)))
          }
        }
      }
    }
    return result
  }

  private struct Request: Encodable {
    struct AxisRange: Encodable { var kind: String, low: Double, high: Double }
    var size: [Double]
    var box: [Double]
    var x: AxisRange
    var y: AxisRange
    var spots: [[Double?]]
    var markers: [Int]

    init(_ ours: Ours) {
      func range(_ scale: Scale) -> AxisRange {
        let kind =
          switch scale.axis.kind {
          case .linear: "linear"
          case .logarithmic: "logarithmic"
          case .symmetricLogarithmic: "symmetric logarithmic"
          case .categories: "categories"
          }
        return AxisRange(kind: kind, low: scale.domain.lowerBound, high: scale.domain.upperBound)
      }
      func pixels(_ length: Points) -> Double { length.value * MatplotlibPositionTests.pixelsPerPoint }
      let box = ours.panel.box
      size = [pixels(ours.list.width), pixels(ours.list.height)]
      self.box = [box.left, box.top, box.width, box.height].map(pixels)
      x = range(ours.panel.x)
      y = range(ours.panel.y)
      spots = ours.panel.spots.map { [$0.x, $0.y, pixels($0.dodge.x), pixels($0.dodge.y)] }
      markers = ours.markers
    }
  }

  private struct Reply: Decodable {
    var spots: [[Double]]
    var centroids: [[Double]]
  }

  private func matplotlib(_ panels: [Ours]) throws -> [Reply] {
    do {
      _ = try Python.run("import matplotlib, numpy")
    } catch {
      throw PlacedPanel.Failure(
        description:
          "\(Python.interpreter) has no matplotlib, which these tests compare with: apt-get install python3-matplotlib, or set CLEARBOX_PYTHON. \(error)"
      )
    }
    let folder = TemporaryFolder()
    let (input, output) = (folder.file("in.json"), folder.file("out.json"))
    try put(JSONEncoder().encode(panels.map(Request.init)), at: input)
    let script = Shipped.root.appendingPathComponent("Tests/PlotTests/Scripts/matplotlib_positions.py")
    _ = try Python.run(try String(contentsOf: script, encoding: .utf8), [input, output])
    return try JSONDecoder().decode([Reply].self, from: bytes(of: output))
  }

  @Test("Markers, interval ends, lines, bands, bars and ticks stand where matplotlib puts them")
  func positions() throws {
    let fonts = try Shipped.fonts()
    let panels = try panels(fonts)
    let replies = try matplotlib(panels)
    try #require(replies.count == panels.count && !panels.isEmpty)

    var counts: [String: Int] = [:]
    var worst = (distance: 0.0, name: "")
    var worstRaster = (distance: 0.0, name: "")
    for (ours, theirs) in zip(panels, replies) {
      let spots = ours.panel.spots
      try #require(theirs.spots.count == spots.count)
      #expect(spots.contains { $0.what == "x tick" }, "\(ours.name): no ticks")
      for (spot, place) in zip(spots, theirs.spots) {
        counts[spot.what, default: 0] += 1
        let dx = spot.x == nil ? 0 : spot.place.x.value * Self.pixelsPerPoint - place[0]
        let dy = spot.y == nil ? 0 : spot.place.y.value * Self.pixelsPerPoint - place[1]
        let distance = (dx * dx + dy * dy).squareRoot()
        #expect(distance < 0.01, "\(ours.name): \(spot.what) at \(spot.x ?? .nan), \(spot.y ?? .nan)")
        if distance > worst.distance { worst = (distance, "\(spot.what), \(ours.name)") }
      }
      let markers = ours.markers.compactMap { spots[$0].marker }
      try #require(theirs.centroids.count == markers.count)
      for (marker, theirs) in zip(markers, theirs.centroids) {
        let own = try centroid(marker, of: ours.list, fonts)
        let distance = ((own.x - theirs[0]) * (own.x - theirs[0]) + (own.y - theirs[1]) * (own.y - theirs[1]))
          .squareRoot()
        #expect(distance < 0.5, "\(ours.name): \(marker.series ?? "") at \(own)")
        if distance > worstRaster.distance { worstRaster = (distance, ours.name) }
      }
    }
    #expect(
      counts["point", default: 0] > 50 && counts["interval end", default: 0] > 50 && counts["y tick", default: 0] > 50)
    print(
      """
      positions against matplotlib: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")) \
      in \(panels.count) panels; worst distance \(worst.distance) px (\(worst.name)); \
      of rasterised markers’ centroids \(worstRaster.distance) px (\(worstRaster.name))
      """)
  }

  /// Our rasterised marker's centroid in pixels, each pixel weighted by how far it is from the ground.
  private func centroid(_ marker: DrawCommand, of list: DrawList, _ fonts: FontFamily) throws -> (x: Double, y: Double)
  {
    var alone = DrawList(width: list.width, height: list.height)
    alone.commands = [marker]
    let picture = try Picture.drawing(alone, fonts: fonts)
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for (index, pixel) in picture.pixels.enumerated() where pixel != 0xffffff {
      let weight = [16, 8, 0].map { 255 - Double(pixel >> $0 & 0xff) }.reduce(0, +)
      sum += weight
      x += weight * (Double(index % picture.width) + 0.5)
      y += weight * (Double(index / picture.width) + 0.5)
    }
    try #require(sum > 0)
    return (x / sum, y / sum)
  }

  @Test("Every marker stands in its plotting area, conditions set side by side too")
  func inside() throws {
    let fonts = try Shipped.fonts()
    for ours in try panels(fonts) {
      let box = ours.panel.box
      for spot in ours.panel.spots where spot.marker != nil {
        let isInside =
          spot.place.x >= box.left && spot.place.x <= box.right && spot.place.y >= box.top && spot.place.y <= box.bottom
        #expect(isInside, "\(ours.name): \(spot.marker?.series ?? "") at \(spot.place.x.value), \(spot.place.y.value)")
      }
    }
  }

  @Test("A datum moved by a fiftieth of a pixel would be noticed")
  func sensitivity() throws {
    let fonts = try Shipped.fonts()
    var ours = try #require(try panels(fonts).first)
    let index = try #require(ours.panel.spots.firstIndex { $0.what == "point" })
    let reply = try matplotlib([ours])[0]
    ours.panel.spots[index].place.x += 0.015
    let dx = ours.panel.spots[index].place.x.value * Self.pixelsPerPoint - reply.spots[index][0]
    #expect(dx.magnitude > 0.01)
  }
}
