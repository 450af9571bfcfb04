import Analysis
import Plot
import Words

extension DataTable.Cell {
  /// A dash for what is not defined.
  static func optional(_ value: Double?, shown: (Double) throws -> String) rethrows -> DataTable.Cell {
    try value.map { .number($0, shown: try shown($0)) } ?? .none
  }

  /// An estimate in three columns: value, interval's low end, its high end; dashes for what is not defined.
  static func estimate(
    _ estimate: Estimate?, decimals: Int, signed: Bool = false
  ) throws -> [DataTable.Cell] {
    try [estimate?.value, estimate?.interval?.low, estimate?.interval?.high].map { value in
      try optional(value) { value in
        signed ? try NumberText.signed(value, decimals: decimals) : try NumberText.fixed(value, decimals: decimals)
      }
    }
  }

  /// The same for a change in percent, with the digits of its own interval.
  static func percent(_ percent: Estimate?, _ formats: NumberFormats) throws -> [DataTable.Cell] {
    try estimate(percent, decimals: percent.map { formats.percentDecimals($0) } ?? 1, signed: true)
  }
}
