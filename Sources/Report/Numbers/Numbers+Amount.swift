import Analysis
import Measures
import Words

/// Numbers among those of other models.
extension Numbers {
  /// A number with what is needed to round it anew.
  package struct Amount {
    package var number: BoundNumber
    /// As printed: a share in percent, a fall as a positive amount.
    package var printed: Double
    package var decimals: Int
    package var suffix = ""
    package var isSigned = false

    package func rounded(to decimals: Int) throws(NumberError) -> BoundNumber {
      var number = number
      number.text =
        (isSigned
          ? try NumberText.signed(printed, decimals: decimals) : try NumberText.fixed(printed, decimals: decimals))
        + suffix
      return number
    }
  }

  /// Nil where not measured.
  package func amount(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> Amount? {
    guard has(metric, condition, stratum) else { return nil }
    let number = try value(metric, condition, stratum)
    let isShare = metric.isShare
    return Amount(
      number: number, printed: isShare ? number.value * 100 : number.value, decimals: formats.decimals(metric, stratum),
      suffix: isShare ? "%" : "")
  }

  /// The change against the baseline, signed; nil where there is none.
  package func changeAmount(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all, inPercent: Bool
  ) throws -> Amount? {
    guard let finding = findings.finding(metric, condition: condition, stratum: stratum),
      let change = inPercent ? finding.percentChange : finding.change,
      let number = inPercent
        ? try percentChange(metric, condition, stratum) : try self.change(metric, condition, stratum)
    else { return nil }
    return Amount(
      number: number, printed: change.value,
      decimals: inPercent ? formats.percentDecimals(change) : formats.changeDecimals(metric, stratum),
      suffix: inPercent ? "%" : "", isSigned: true)
  }
}
