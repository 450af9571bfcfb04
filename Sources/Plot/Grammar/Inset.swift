/// A strip of a panel's y range, enlarged where the panel is empty, with a frame around both.
///
/// For values that an axis from zero presses together: the panel keeps its honest zero, the inset shows what differs.
/// Where the panel has no room for it, there is none.
public struct Inset: Sendable, Equatable {
  /// What it shows enlarged; the factor follows: "all tokens, ×12".
  public var title: String
  /// Its marks may differ from the panel's, e.g. have the interval of a difference instead of a value's.
  public var marks: [Mark]

  public init(_ title: String, marks: [Mark]) {
    self.title = title
    self.marks = marks
  }

  /// An enlargement that is less is not worth a frame.
  static let leastFactor = 2.5
  /// What frame and tick labels take of its width, about.
  static let axisRoom: Points = 40
  static let least = (width: Points(96), height: Points(44))
  static let most = (width: Points(170), height: Points(84))
}

extension Mark {
  /// The same with its sideways shifts made smaller or larger, for a place of another size.
  func dodged(by factor: Double) -> Mark {
    func moved(_ data: [Datum]) -> [Datum] { data.map { Datum($0.x, $0.y, dodge: $0.dodge * factor) } }
    func moved(_ ranges: [Extent]) -> [Extent] {
      ranges.map { Extent(at: $0.at, low: $0.low, high: $0.high, dodge: $0.dodge * factor) }
    }
    var mark = self
    switch geometry {
    case .line(let data): mark.geometry = .line(moved(data))
    case .points(let data): mark.geometry = .points(moved(data))
    case .bars(let data): mark.geometry = .bars(moved(data))
    case .values(let data, let texts): mark.geometry = .values(moved(data), texts)
    case .intervals(let ranges): mark.geometry = .intervals(moved(ranges))
    case .horizontalIntervals(let ranges): mark.geometry = .horizontalIntervals(moved(ranges))
    case .band(let ranges): mark.geometry = .band(moved(ranges))
    case .horizontalRule, .verticalRule, .region, .rowRegions: break
    }
    return mark
  }
}

/// The largest free rectangle among obstacles.
enum EmptyPlace {
  /// - Parameters:
  ///   - obstacles: boxes that must stay clear; with `clearance` around each.
  /// - Returns: the rectangle with the largest area after cutting it to `most`, in steps of 2 points; nil where none
  ///   has the size of `least`.
  static func largest(
    in bounds: Box, avoiding obstacles: [Box], clearance: Points = 5, least: (width: Points, height: Points),
    most: (width: Points, height: Points)
  ) -> Box? {
    let step = 2.0
    let columns = Int(bounds.width.value / step)
    let rows = Int(bounds.height.value / step)
    guard columns > 0, rows > 0 else { return nil }
    var isTaken = [Bool](repeating: false, count: rows * columns)
    for box in obstacles.map({ $0.grown(by: clearance) }) where box.intersects(bounds) {
      let left = max(0, Int(((box.left - bounds.left).value / step).rounded(.down)))
      let right = min(columns, Int(((box.right - bounds.left).value / step).rounded(.up)))
      let top = max(0, Int(((box.top - bounds.top).value / step).rounded(.down)))
      let bottom = min(rows, Int(((box.bottom - bounds.top).value / step).rounded(.up)))
      guard left < right, top < bottom else { continue }
      for row in top..<bottom { for column in left..<right { isTaken[row * columns + column] = true } }
    }
    // Every free rectangle that cannot be made wider, row by row as the lower edge moves down.
    var heights = [Int](repeating: 0, count: columns)
    var best: Box?
    var largest = 0.0
    for row in 0..<rows {
      for column in 0..<columns { heights[column] = isTaken[row * columns + column] ? 0 : heights[column] + 1 }
      for column in 0..<columns where heights[column] > 0 {
        let height = heights[column]
        var (first, last) = (column, column)
        while first > 0, heights[first - 1] >= height { first -= 1 }
        while last < columns - 1, heights[last + 1] >= height { last += 1 }
        let free = Box(
          left: bounds.left + Points(Double(first) * step), top: bounds.top + Points(Double(row - height + 1) * step),
          width: Points(Double(last - first + 1) * step), height: Points(Double(height) * step))
        guard free.width >= least.width, free.height >= least.height else { continue }
        let size = (width: min(free.width, most.width), height: min(free.height, most.height))
        let area = size.width.value * size.height.value
        guard area > largest else { continue }
        largest = area
        best = Box(
          left: free.middle.x - size.width / 2.0, top: free.middle.y - size.height / 2.0, width: size.width,
          height: size.height)
      }
    }
    return best
  }
}
