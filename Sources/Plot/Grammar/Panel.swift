/// One coordinate system: two axes, marks, and words that name them.
public struct Panel: Sendable, Equatable {
  /// A line above the y axis title, e.g. the facet's name.
  public var title: String?
  public var x: Axis
  public var y: Axis
  public var marks: [Mark]
  /// Names along the top with a guide down to the data: the conditions at their bits per parameter.
  public var topLabels: [DirectLabel]
  /// Names at the right ends of lines.
  public var endLabels: [DirectLabel]
  /// A remark under the x axis title, e.g. that the y axis does not start at zero.
  public var note: String?
  /// A second scale along the top, of what the x axis says in another unit.
  public var upper: UpperAxis?
  /// Height of the plotting area; rows and labels that need more get more.
  public var height: Points
  /// True for a panel across the figure's whole width, whatever the number of columns.
  public var isWide: Bool

  public init(
    title: String? = nil, x: Axis, y: Axis, marks: [Mark], topLabels: [DirectLabel] = [],
    endLabels: [DirectLabel] = [], note: String? = nil, upper: UpperAxis? = nil, height: Points = 118,
    isWide: Bool = false
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.marks = marks
    self.topLabels = topLabels
    self.endLabels = endLabels
    self.note = note
    self.upper = upper
    self.height = height
    self.isWide = isWide
  }

  /// All data on the x axis, interval ends included.
  var xValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark.geometry {
      case .line(let data), .points(let data), .values(let data, _): data.map(\.x)
      case .intervals(let ranges), .band(let ranges): ranges.map(\.at)
      case .horizontalIntervals(let ranges), .segments(let ranges): ranges.flatMap { [$0.low, $0.high] }
      case .bars(let data): data.map(\.x) + [0]
      case .verticalRule(let x): [x]
      case .horizontalRule: []
      case .region(let low, let high): [low, high].filter(\.isFinite)
      case .rowRegions: []
      }
    }
  }

  /// All data on the y axis, interval ends included.
  var yValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark.geometry {
      case .line(let data), .points(let data), .values(let data, _), .bars(let data): data.map(\.y)
      case .intervals(let ranges), .band(let ranges): ranges.flatMap { [$0.low, $0.high] }
      case .horizontalIntervals(let ranges), .segments(let ranges): ranges.map(\.at)
      case .horizontalRule(let y): [y]
      case .verticalRule, .region, .rowRegions: []
      }
    }
  }

  /// Words that stand right of what a category row shows, and how far that reaches on the x axis.
  var rowValues: [(reach: Double, text: String)] {
    guard case .categories = y.kind else { return [] }
    return marks.flatMap { mark -> [(Double, String)] in
      guard case .values(let data, let texts) = mark.geometry else { return [] }
      return zip(data, texts).map { datum, text in
        let ends = marks.filter { $0.series == mark.series }.flatMap { other -> [Double] in
          guard case .horizontalIntervals(let ranges) = other.geometry else { return [] }
          return ranges.filter { $0.at == datum.y && $0.dodge == datum.dodge }.map(\.high)
        }
        return (ends.reduce(datum.x, max), text)
      }
    }
  }

  /// Refuses what would be drawn wrong: no data, NaN, reversed intervals.
  func check(place: String) throws(PlotError) {
    guard marks.contains(where: { !$0.isEmpty }) else { throw .noData(place: place) }
    for mark in marks {
      for range in mark.ranges {
        guard range.low.isFinite else { throw .notFinite(value: "\(range.low)", place: "\(place), \(mark.series)") }
        guard range.high.isFinite else { throw .notFinite(value: "\(range.high)", place: "\(place), \(mark.series)") }
        guard range.low <= range.high else {
          throw .reversedInterval(low: range.low, high: range.high, place: "\(place), \(mark.series)")
        }
      }
    }
  }
}

extension Mark {
  var ranges: [Extent] {
    switch geometry {
    case .intervals(let ranges), .horizontalIntervals(let ranges), .band(let ranges), .rowRegions(let ranges),
      .segments(let ranges):
      ranges
    default: []
    }
  }

  /// True when it shows no datum; rules and regions alone make no figure.
  var isEmpty: Bool {
    switch geometry {
    case .line(let data), .points(let data), .bars(let data), .values(let data, _): data.isEmpty
    case .intervals(let ranges), .horizontalIntervals(let ranges), .band(let ranges), .segments(let ranges):
      ranges.isEmpty
    case .horizontalRule, .verticalRule, .region, .rowRegions: true
    }
  }
}
