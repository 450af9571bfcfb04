import Words

/// An axis fitted to data: where each value stands between 0 and 1, and where the ticks are.
public struct Scale: Sendable, Equatable {
  public let axis: Axis
  /// The range shown, in data units.
  public let domain: ClosedRange<Double>
  public let ticks: [Axis.Tick]

  /// Room left between the data and the ends of the axis, as a part of its length.
  static let padding = 0.07

  /// - Parameters:
  ///   - values: all data of the axis; an interval's ends count.
  ///   - length: of the axis on paper; longer axes get more ticks.
  ///   - spacing: the least distance between two ticks.
  ///   - place: names the figure in errors.
  public init(
    _ axis: Axis, values: [Double], length: Points, spacing: Points, place: String
  ) throws(PlotError) {
    self.axis = axis
    if case .categories(let names, _) = axis.kind {
      guard !names.isEmpty else { throw .noData(place: place) }
      domain = -0.5...Double(names.count) - 0.5
      ticks = names.enumerated().map { Axis.Tick(Double($0.offset), $0.element) }
      return
    }
    guard !values.isEmpty else { throw .noData(place: place) }
    let isLog = axis.kind == .logarithmic
    let everything = values + axis.including
    for value in everything {
      guard value.isFinite else { throw .notFinite(value: "\(value)", place: place) }
      if isLog, value <= 0 { throw .notPositive(value: value, place: place) }
    }
    domain = Self.domain(of: everything, axis.kind)
    if let given = axis.ticks {
      let range = domain
      ticks = given.filter { range.contains($0.value) }
    } else {
      let count = min(12, max(2, Int((length / spacing).rounded(.down))))
      ticks =
        try axis.kind == .symmetricLogarithmic
        ? Ticks.symmetricLogarithmic(domain)
        : isLog ? Ticks.logarithmic(domain, atMost: count) : Ticks.linear(domain, atMost: count)
    }
  }

  /// 0 at the lower end, 1 at the upper.
  public func fraction(_ value: Double) -> Double {
    let (low, high) = (Self.place(domain.lowerBound, axis.kind), Self.place(domain.upperBound, axis.kind))
    return (Self.place(value, axis.kind) - low) / (high - low)
  }

  /// On a line where equal lengths are equal steps of the axis.
  private static func place(_ value: Double, _ kind: Axis.Kind) -> Double {
    switch kind {
    case .logarithmic: log10(of: value)
    case .symmetricLogarithmic where value.magnitude > 1: (value < 0 ? -1 : 1) * (1 + log10(of: value.magnitude))
    case .linear, .symmetricLogarithmic, .categories: value
    }
  }

  /// Data range and padding. One value alone gets room on both sides, so that it stands in the middle.
  private static func domain(of values: [Double], _ kind: Axis.Kind) -> ClosedRange<Double> {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    switch kind {
    case .logarithmic:
      let (a, b) = (log10(of: low), log10(of: high))
      let margin = a == b ? 0.08 : (b - a) * padding
      return exp10(of: a - margin)...exp10(of: b + margin)
    case .linear(let fromZero):
      if fromZero {
        let span = max(high, 0) - min(low, 0)
        let margin = span == 0 ? 1 : span * padding
        return (low < 0 ? low - margin : 0)...(high > 0 ? high + margin : low < 0 ? 0 : margin)
      }
      let margin = low == high ? max(low.magnitude * 0.1, 1e-12) : (high - low) * padding
      return low - margin...high + margin
    case .symmetricLogarithmic:
      let (a, b) = (place(min(low, -1), kind), place(max(high, 1), kind))
      let margin = (b - a) * padding
      return -exp10(of: margin - a - 1)...exp10(of: margin + b - 1)
    case .categories:
      return low...high
    }
  }
}

/// Round numbers for axes.
enum Ticks {
  /// Multiples of 1, 2, 2.5 or 5 × 10ᵏ, all with the same decimals; two or more, even where that is more than `count`.
  static func linear(_ domain: ClosedRange<Double>, atMost count: Int) throws(PlotError) -> [Axis.Tick] {
    let span = domain.upperBound - domain.lowerBound
    for finer in 0..<4 {
      let (step, decimals) = step(for: span / Double(count + finer))
      // Counting in whole steps keeps 0.30000000000000004 out of the labels.
      let first = Int((domain.lowerBound / step - 1e-9).rounded(.up))
      let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
      guard last > first || finer == 3 && first == last else { continue }
      var ticks: [Axis.Tick] = []
      for index in first...last {
        let value = Double(index) * step
        ticks.append(Axis.Tick(value, try label(value, decimals: decimals)))
      }
      return ticks
    }
    return []
  }

  /// Powers of ten with their 2 and 5 folds where there is room; round numbers inside a narrow range.
  static func logarithmic(_ domain: ClosedRange<Double>, atMost count: Int) throws(PlotError) -> [Axis.Tick] {
    let low = Int(log10(of: domain.lowerBound).rounded(.down))
    let high = Int(log10(of: domain.upperBound).rounded(.up))
    for multiples in [[1.0, 2, 5], [1, 3], [1]] {
      var ticks: [Axis.Tick] = []
      for exponent in low...high {
        for multiple in multiples {
          let value = multiple * exp10(of: Double(exponent))
          guard domain.contains(value) else { continue }
          let label =
            exponent < -4 || exponent > 6
            ? (multiple == 1 ? "" : "\(Int(multiple)) × ") + "10" + NumberText.superscript(exponent)
            : try label(value, decimals: max(0, -exponent))
          ticks.append(Axis.Tick(value, label))
        }
      }
      if multiples.count == 3, ticks.count < 3 { return try linear(domain, atMost: count) }
      if ticks.count <= count || multiples.count == 1 { return ticks }
    }
    return []
  }

  /// Zero, and powers of ten from 1 on to both sides.
  static func symmetricLogarithmic(_ domain: ClosedRange<Double>) throws(PlotError) -> [Axis.Tick] {
    var ticks: [Axis.Tick] = []
    for exponent in (0...12).reversed() { ticks.append(Axis.Tick(-exp10(of: Double(exponent)), "")) }
    ticks.append(Axis.Tick(0, ""))
    for exponent in 0...12 { ticks.append(Axis.Tick(exp10(of: Double(exponent)), "")) }
    ticks = ticks.filter { domain.contains($0.value) }
    for index in ticks.indices { ticks[index].label = try label(ticks[index].value, decimals: 0) }
    return ticks
  }

  /// A number as it stands at a tick.
  static func label(_ value: Double, decimals: Int) throws(PlotError) -> String {
    do throws(NumberError) { return try NumberText.fixed(value, decimals: decimals) } catch {
      throw .notFinite(value: error.value, place: error.place)
    }
  }

  /// The smallest round step that is at least `least`, and the decimals its multiples need.
  private static func step(for least: Double) -> (step: Double, decimals: Int) {
    let exponent = Int(log10(of: least).rounded(.down))
    for (multiple, extra) in [(1.0, 0), (2, 0), (2.5, 1), (5, 0), (10, -1)] {
      let step = multiple * exp10(of: Double(exponent))
      if step >= least * (1 - 1e-9) { return (step, max(0, extra - exponent)) }
    }
    return (10 * exp10(of: Double(exponent)), max(0, -exponent - 1))
  }
}
