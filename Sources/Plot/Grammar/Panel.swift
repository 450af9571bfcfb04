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
  /// Height of the plotting area.
  public var height: Points

  public init(
    title: String? = nil, x: Axis, y: Axis, marks: [Mark], topLabels: [DirectLabel] = [],
    endLabels: [DirectLabel] = [], note: String? = nil, height: Points = 118
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.marks = marks
    self.topLabels = topLabels
    self.endLabels = endLabels
    self.note = note
    self.height = height
  }

  /// All data on the x axis, interval ends included.
  var xValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark.geometry {
      case .line(let data), .points(let data), .values(let data, _): data.map(\.x)
      case .intervals(let ranges), .band(let ranges): ranges.map(\.at)
      case .horizontalIntervals(let ranges): ranges.flatMap { [$0.low, $0.high] }
      case .bars(let data): data.map(\.x) + [0]
      case .verticalRule(let x): [x]
      case .horizontalRule: []
      case .region(let low, let high): [low, high].filter(\.isFinite)
      }
    }
  }

  /// All data on the y axis, interval ends included.
  var yValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark.geometry {
      case .line(let data), .points(let data), .values(let data, _), .bars(let data): data.map(\.y)
      case .intervals(let ranges), .band(let ranges): ranges.flatMap { [$0.low, $0.high] }
      case .horizontalIntervals(let ranges): ranges.map(\.at)
      case .horizontalRule(let y): [y]
      case .verticalRule, .region: []
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
    case .intervals(let ranges), .horizontalIntervals(let ranges), .band(let ranges): ranges
    default: []
    }
  }

  /// True when it shows no datum; rules and regions alone make no figure.
  var isEmpty: Bool {
    switch geometry {
    case .line(let data), .points(let data), .bars(let data), .values(let data, _): data.isEmpty
    case .intervals(let ranges), .horizontalIntervals(let ranges), .band(let ranges): ranges.isEmpty
    case .horizontalRule, .verticalRule, .region: true
    }
  }
}
