/// The outlines of markers, all of about the same area.
extension Marker {
  /// - Parameter size: diameter of the circle that the others match.
  func path(at center: Position, size: Points) -> Path {
    let r = size / 2.0
    switch self {
    case .circle:
      return .circle(center, r)
    case .square:
      let half = r * 0.89
      return .box(Box(left: center.x - half, top: center.y - half, width: half * 2, height: half * 2))
    case .triangle: return .polyline(ring(center, r * 1.3, [-90, 30, 150]), closed: true)
    case .triangleDown: return .polyline(ring(center, r * 1.3, [90, 210, 330]), closed: true)
    case .diamond: return .polyline(ring(center, r * 1.25, [-90, 0, 90, 180]), closed: true)
    case .pentagon: return .polyline(ring(center, r * 1.13, [-90, -18, 54, 126, 198]), closed: true)
    case .hexagon: return .polyline(ring(center, r * 1.08, [0, 60, 120, 180, 240, 300]), closed: true)
    case .cross:
      let (a, b) = (r * 1.05, r * 0.42)
      let corners: [(Points, Points)] = [
        (-a, -b), (-b, -b), (-b, -a), (b, -a), (b, -b), (a, -b), (a, b), (b, b), (b, a), (-b, a), (-b, b), (-a, b),
      ]
      return .polyline(corners.map { center.moved($0.0, $0.1) }, closed: true)
    }
  }

  private func ring(_ center: Position, _ radius: Points, _ degrees: [Double]) -> [Position] {
    degrees.map { center.moved(radius * cosine(degrees: $0), radius * sine(degrees: $0)) }
  }
}

extension MarkStyle {
  /// A marker with a thin rim of the ground's colour, so that neighbours which touch stay apart.
  func drawMarker(
    _ pen: inout Pen, at center: Position, size: Points = 5.6, part: DrawCommand.Part = .point, series: String,
    data: [Double] = []
  ) {
    let path = marker.path(at: center, size: size)
    if isHollow {
      pen.draw(
        part, path, fill: Paint(.ground), stroke: Stroke(role, width: 1.2), series: series, data: data)
    } else {
      pen.draw(
        part, path, fill: Paint(role), stroke: Stroke(.ground, width: 0.6), series: series, data: data)
    }
  }
}
