import Testing
import Words

@testable import Plot

@Suite("Scales")
struct ScaleTests {
  private func scale(_ kind: Axis.Kind, _ values: [Double], including: [Double] = []) throws -> Scale {
    try Scale(
      Axis("x", unit: "1", kind, including: including), values: values, length: 200, spacing: 40, place: "figure t")
  }

  @Test("A linear axis from zero starts at zero and has room above its data")
  func fromZero() throws {
    let scale = try scale(.linear(fromZero: true), [2, 10])
    #expect(scale.domain.lowerBound == 0)
    #expect(scale.domain.upperBound > 10)
    #expect(scale.ticks.map(\.label) == ["0.0", "2.5", "5.0", "7.5", "10.0"])
  }

  @Test("Ticks have round values with equal decimals and a true minus sign")
  func roundTicks() throws {
    let scale = try scale(.linear(fromZero: false), [-0.31, 0.42])
    #expect(scale.ticks.map(\.label) == ["−0.2", "0.0", "0.2", "0.4"])
  }

  @Test("Equal ratios take equal lengths on a logarithmic axis")
  func logarithmic() throws {
    let scale = try scale(.logarithmic, [1, 100])
    let step = scale.fraction(10) - scale.fraction(1)
    #expect(abs(scale.fraction(100) - scale.fraction(10) - step) < 1e-12)
    #expect(scale.ticks.map(\.label) == ["1", "10", "100"] || scale.ticks.map(\.label).contains("10"))
  }

  @Test("A symmetric logarithmic axis is linear to 1, and a decade long beyond for every tenfold, on both sides")
  func symmetric() throws {
    let scale = try scale(.symmetricLogarithmic, [-0.5, 30])
    let step = scale.fraction(1) - scale.fraction(0)
    for (a, b) in [(-1.0, 0.0), (1, 10), (2, 20)] {
      #expect(abs(scale.fraction(b) - scale.fraction(a) - step) < 1e-12, "\(a)")
    }
    #expect(scale.ticks.map(\.label) == ["−1", "0", "1", "10"])
    #expect(scale.domain.contains(30) && scale.domain.lowerBound < -1)
  }

  @Test("A narrow logarithmic range has round numbers for ticks")
  func narrowLogarithmic() throws {
    #expect(try scale(.logarithmic, [11.6, 16]).ticks.map(\.label) == ["12", "14", "16"])
  }

  @Test("One value stands in the middle", arguments: [Axis.Kind.linear(fromZero: false), .logarithmic])
  func oneValue(kind: Axis.Kind) throws {
    #expect(abs(try scale(kind, [7]).fraction(7) - 0.5) < 1e-12)
  }

  @Test("Values that must be shown are inside the domain")
  func including() throws {
    let scale = try scale(.linear(fromZero: false), [0.3, 0.5], including: [1])
    #expect(scale.domain.contains(1))
  }

  @Test("No data, NaN, and zero on a logarithmic axis are errors that say so")
  func errors() {
    #expect(throws: PlotError.noData(place: "figure t")) { try scale(.linear(fromZero: true), []) }
    #expect(throws: PlotError.notFinite(value: "nan", place: "figure t")) {
      try scale(.linear(fromZero: true), [1, .nan])
    }
    #expect(throws: PlotError.notPositive(value: 0, place: "figure t")) { try scale(.logarithmic, [0, 1]) }
  }

  @Test("Every tick of many ranges lies inside its domain, and ticks are at least two where there is room")
  func manyRanges() throws {
    for exponent in -6...6 {
      for span in [1.0, 1.7, 3.3, 9.9] {
        let low = -0.4 * span * exp10(of: Double(exponent))
        let scale = try scale(.linear(fromZero: false), [low, low + span * exp10(of: Double(exponent))])
        #expect(scale.ticks.count >= 2)
        #expect(scale.ticks.count <= 6)
        #expect(scale.ticks.allSatisfy { scale.domain.contains($0.value) })
        #expect(Set(scale.ticks.map(\.label)).count == scale.ticks.count)
      }
    }
  }
}
