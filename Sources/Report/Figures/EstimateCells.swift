import Analysis
import Plot
import Words

extension DataTable.Cell {
  /// A dash for what is not defined.
  static func optional(_ value: Double?, shown: (Double) throws -> String) rethrows -> DataTable.Cell {
    guard let value else { return .none }
    return .number(value, shown: try shown(value))
  }

  /// An estimate in three columns: value, interval's low end, its high end; dashes for what is not defined.
  static func estimate(
    _ estimate: Estimate?, decimals: Int, signed: Bool = false
  ) throws -> [DataTable.Cell] {
    // A loop: the compiler's optimizer breaks the error's way out of a closure here.
    var cells: [DataTable.Cell] = []
    for value in [estimate?.value, estimate?.interval?.low, estimate?.interval?.high] {
      guard let value else {
        cells.append(.none)
        continue
      }
      let shown =
        signed ? try NumberText.signed(value, decimals: decimals) : try NumberText.fixed(value, decimals: decimals)
      cells.append(.number(value, shown: shown))
    }
    return cells
  }

  /// The same for a change in percent, with the digits of its own interval.
  static func percent(_ percent: Estimate?, _ formats: NumberFormats) throws -> [DataTable.Cell] {
    try estimate(percent, decimals: percent.map { formats.percentDecimals($0) } ?? 1, signed: true)
  }
}
