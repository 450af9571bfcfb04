import Testing

import Words

@Suite("Numbers as people read them")
struct NumberTextTests {
  @Test(
    "A number has the decimals asked for, rounded half away from zero on its decimal digits",
    arguments: [
      (0.125, 2, "0.13"), (-0.125, 2, "−0.13"), (2.675, 2, "2.68"), (1.005, 2, "1.01"), (0.1 + 0.2, 3, "0.300"),
      (1234567.891, 1, "1,234,567.9"), (999.96, 1, "1,000.0"), (0.00049, 3, "0.000"), (-0.00049, 3, "0.000"),
      (-0.0, 1, "0.0"), (5e-324, 2, "0.00"), (1e22, 0, "10,000,000,000,000,000,000,000"), (123.5, 0, "124"),
      (9.9999, 3, "10.000"), (0.95, 1, "1.0"), (1e-7, 7, "0.0000001"), (100, 2, "100.00"),
    ])
  func fixed(value: Double, decimals: Int, expected: String) throws {
    #expect(try NumberText.fixed(value, decimals: decimals) == expected)
  }

  @Test("A signed number says plus, unless it rounds to zero")
  func signed() throws {
    #expect(try NumberText.signed(1.26, decimals: 1) == "+1.3")
    #expect(try NumberText.signed(-1.26, decimals: 1) == "−1.3")
    #expect(try NumberText.signed(0.04, decimals: 1) == "0.0")
    #expect(try NumberText.signed(-0.04, decimals: 1) == "0.0")
  }

  @Test(
    "Significant digits, with powers of ten for what is very small",
    arguments: [
      (0.012345, 3, "0.0123"), (1234.5, 2, "1,235"), (0.000021, 2, "2.1 × 10⁻⁵"), (0.0, 3, "0"), (-0.5, 2, "−0.50"),
      (20.48, 3, "20.5"),
    ])
  func significant(value: Double, digits: Int, expected: String) throws {
    #expect(try NumberText.significant(value, digits: digits) == expected)
  }

  @Test(
    "An uncertainty shows one digit, two where that digit is 1 or 2",
    arguments: [(0.6, 1), (0.031, 2), (0.021, 3), (0.29, 2), (0.3, 1), (12.0, 0), (3.0, 0), (1.5, 1), (0.0001, 5)])
  func decimals(halfWidth: Double, expected: Int) {
    #expect(NumberText.decimals(forHalfWidth: halfWidth) == expected)
  }

  @Test("No uncertainty, no rule")
  func noUncertainty() {
    #expect(NumberText.decimals(forHalfWidth: 0) == nil)
    #expect(NumberText.decimals(forHalfWidth: .nan) == nil)
  }

  @Test("NaN and infinity are errors that name what they are of", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(value: Double) {
    #expect(throws: NumberError(value: "\(value)", place: "loss")) {
      try NumberText.fixed(value, decimals: 1, of: "loss")
    }
  }

  @Test("Integers have commas")
  func integers() {
    #expect(NumberText.integer(51_200) == "51,200")
    #expect(NumberText.integer(-1_000_000) == "−1,000,000")
    #expect(NumberText.integer(999) == "999")
  }
}
