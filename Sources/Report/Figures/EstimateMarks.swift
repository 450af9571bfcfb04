import Analysis
import Plot

extension [Mark] {
  /// A value at a place on the x axis: its interval where it has one, its point, and words beside it.
  ///
  /// - Parameter interval: of the value, or of its paired difference standing on the baseline's value.
  static func vertical(
    _ value: Double, _ interval: Interval?, at x: Double, dodge: Points, _ style: MarkStyle, series: String,
    text: String? = nil
  ) -> [Mark] {
    let datum = Datum(x, value, dodge: dodge)
    var marks: [Mark] = []
    if let interval {
      let extent = Extent(at: x, low: interval.low, high: interval.high, dodge: dodge)
      marks.append(Mark(.intervals([extent]), style, series: series))
    }
    marks.append(Mark(.points([datum]), style, series: series))
    if let text { marks.append(Mark(.values([datum], [text]), MarkStyle(style.role), series: series)) }
    return marks
  }

  /// An estimate in a category's row, lying down.
  ///
  /// - Parameter meaning: the value in its own unit, where the axis has another.
  static func horizontal(
    _ estimate: Estimate, row: Int, dodge: Points, _ style: MarkStyle, series: String, text: String? = nil,
    meaning: Double? = nil
  ) -> [Mark] {
    let datum = Datum(estimate.value, Double(row), dodge: dodge, meaning: meaning)
    var marks: [Mark] = []
    if let interval = estimate.interval {
      let extent = Extent(at: Double(row), low: interval.low, high: interval.high, dodge: dodge)
      marks.append(Mark(.horizontalIntervals([extent]), style, series: series))
    }
    marks.append(Mark(.points([datum]), style, series: series))
    if let text { marks.append(Mark(.values([datum], [text]), MarkStyle(.ink), series: series)) }
    return marks
  }
}

extension Estimate {
  /// What an axis must reach to show it: its value, and its interval's ends where it has one.
  var reach: [Double] { [value] + (interval.map { [$0.low, $0.high] } ?? []) }
}

extension Finding {
  /// The paired interval of the change, standing on the baseline's value: the sampling error that both share is no part
  /// of the comparison.
  func intervalOfChange(on base: Estimate) -> Interval? {
    change?.interval.map { Interval(low: base.value + $0.low, high: base.value + $0.high, level: $0.level) }
  }
}
