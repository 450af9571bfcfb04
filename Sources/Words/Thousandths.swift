/// Small numbers without their zeros: 0.000064 as 0.064, beside a “×10⁻³”.
extension Prose {
  /// Its numbers and intervals in thousandths, with three decimals fewer.
  package func inThousandths() throws(NumberError) -> Prose {
    var result: [Inline] = []
    for inline in inlines {
      switch inline {
      case .number(var number):
        number.text = try Self.scaled(number.value, as: number.text)
        number.isInThousandths = true
        result.append(.number(number))
      case .interval(var interval):
        let ends = interval.text.dropFirst().dropLast().split(separator: ", ").map(String.init)
        if ends.count == 2 {
          // A fall is told with positive amounts, its low end first.
          let isTurned = interval.low < 0 && !ends[0].hasPrefix(NumberText.minus) && !ends[0].hasPrefix("+")
          let values = isTurned ? (-interval.high, -interval.low) : (interval.low, interval.high)
          interval.text =
            "[\(try Self.scaled(values.0, as: ends[0])), \(try Self.scaled(values.1, as: ends[1]))]"
        }
        result.append(.interval(interval))
      default: result.append(inline)
      }
    }
    return Prose(result)
  }

  private static func scaled(_ value: Double, as text: String) throws(NumberError) -> String {
    let decimals = max(0, (text.split(separator: ".").dropFirst().first?.count ?? 0) - 3)
    let isSigned = text.hasPrefix("+")
    let isBare = value < 0 && !text.hasPrefix(NumberText.minus)
    let printed = (isBare ? -value : value) * 1000
    return try isSigned ? NumberText.signed(printed, decimals: decimals) : NumberText.fixed(printed, decimals: decimals)
  }
}
