import Analysis
import Plot
import RunFile

/// Where every number of the report comes from: looks a finding up, formats it once, binds it to its source.
struct Numbers {
  let findings: Findings
  let formats: NumberFormats
  /// Set where a report tells of several models; stands before every id.
  let prefix: String

  init(_ findings: Findings, prefix: String = "") {
    self.findings = findings
    self.prefix = prefix
    formats = NumberFormats(findings)
  }

  var baseline: String { findings.baseline?.name ?? "" }
  /// "95%".
  var level: String {
    (try? NumberText.fixed(findings.description.bootstrap.level * 100, decimals: 0)).map { "\($0)%" } ?? "confidence"
  }

  func finding(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Finding {
    guard let finding = findings.finding(metric, condition: condition, stratum: stratum) else {
      throw ReportError.missingFinding(metric: metric.name, condition: condition, stratum: stratum.title)
    }
    return finding
  }

  func has(_ metric: Metric, _ condition: String? = nil, _ stratum: Stratum = .all) -> Bool {
    findings.findings.contains {
      $0.metric.id == metric.id && $0.stratum == stratum && (condition == nil || $0.condition == condition)
    }
  }

  // MARK: Numbers

  func value(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber {
    let finding = try finding(metric, condition, stratum)
    let unit = NumberFormats.isShare(metric) || metric.unit == "1" ? "" : " \(metric.unit)"
    let text = try formats.value(finding.estimate, metric, stratum)
    return BoundNumber(
      text: text, value: finding.estimate.value, id: id(metric, condition, stratum),
      detail: detail(
        metric, condition, stratum, "\(text)\(unit)", try formats.interval(finding.estimate, metric, stratum),
        finding.estimate))
  }

  /// Condition minus baseline.
  func change(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber? {
    guard let change = try finding(metric, condition, stratum).change else { return nil }
    let text = try formats.change(change, metric, stratum)
    return BoundNumber(
      text: text, value: change.value, id: id(metric, condition, stratum) + "/change",
      detail: detail(
        metric, condition, stratum, "change against \(baseline) \(text)",
        try formats.changeInterval(change, metric, stratum), change))
  }

  func percentChange(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber? {
    guard let change = try finding(metric, condition, stratum).percentChange else { return nil }
    let text = try formats.percentChange(change, metric)
    return BoundNumber(
      text: text, value: change.value, id: id(metric, condition, stratum) + "/percent",
      detail: detail(
        metric, condition, stratum, "change against \(baseline) \(text)", try formats.percentInterval(change, metric),
        change))
  }

  // MARK: Numbers among those of other models

  /// A number with what is needed to round it anew.
  struct Amount {
    var number: BoundNumber
    /// As printed: a share in percent, a fall as a positive amount.
    var printed: Double
    var decimals: Int
    var suffix: String
    var isSigned: Bool

    func rounded(to decimals: Int) throws -> BoundNumber {
      var number = number
      number.text =
        (isSigned
          ? try NumberText.signed(printed, decimals: decimals) : try NumberText.fixed(printed, decimals: decimals))
        + suffix
      return number
    }
  }

  /// Nil where not measured.
  func amount(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Amount? {
    guard has(metric, condition, stratum) else { return nil }
    let number = try value(metric, condition, stratum)
    let isShare = NumberFormats.isShare(metric)
    return Amount(
      number: number, printed: isShare ? number.value * 100 : number.value, decimals: formats.decimals(metric, stratum),
      suffix: isShare ? "%" : "", isSigned: false)
  }

  /// The change against the baseline, signed; nil where there is none.
  func changeAmount(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all, inPercent: Bool
  ) throws -> Amount? {
    guard let finding = findings.finding(metric, condition: condition, stratum: stratum),
      let change = inPercent ? finding.percentChange : finding.change,
      let number = inPercent
        ? try percentChange(metric, condition, stratum) : try self.change(metric, condition, stratum)
    else { return nil }
    return Amount(
      number: number, printed: change.value,
      decimals: inPercent ? formats.percentDecimals(change) : formats.decimals(metric, stratum),
      suffix: inPercent ? "%" : "", isSigned: true)
  }

  // MARK: Numbers with their intervals

  /// `+0.97% [+0.84%, +1.10%]`.
  func percentWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose? {
    guard let number = try percentChange(metric, condition, stratum),
      let change = try finding(metric, condition, stratum).percentChange
    else { return nil }
    return withInterval(number, try formats.percentInterval(change, metric))
  }

  func changeWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose? {
    guard let number = try change(metric, condition, stratum),
      let change = try finding(metric, condition, stratum).change
    else { return nil }
    return withInterval(number, try formats.changeInterval(change, metric, stratum))
  }

  func valueWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose {
    withInterval(
      try value(metric, condition, stratum),
      try formats.interval(try finding(metric, condition, stratum).estimate, metric, stratum))
  }

  /// The interval alone, for a table's column; a dash where there is none.
  func changeInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose {
    guard let change = try finding(metric, condition, stratum).change else { return "–" }
    return try formats.changeInterval(change, metric, stratum).map { "\(interval: $0)" } ?? "–"
  }

  func percentInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose {
    guard let change = try finding(metric, condition, stratum).percentChange else { return "–" }
    return try formats.percentInterval(change, metric).map { "\(interval: $0)" } ?? "–"
  }

  private func withInterval(_ number: BoundNumber, _ interval: String?) -> Prose {
    guard let interval else { return Prose(number) }
    return "\(number) \(interval: interval)"
  }

  // MARK: Binding

  private func id(_ metric: Metric, _ condition: String, _ stratum: Stratum) -> String {
    "\(prefix)\(metric.id)/\(condition)/\(stratum.rawValue)"
  }

  private func detail(
    _ metric: Metric, _ condition: String, _ stratum: Stratum, _ value: String, _ interval: String?,
    _ estimate: Estimate
  ) -> String {
    let bounds = interval.map { "; \(level) interval \($0)" } ?? ""
    return
      """
      \(metric.name.typeset) (\(metric.id)), \(condition), \(stratum.title): \(value)\(bounds); \
      \(NumberText.integer(estimate.tokenCount)) tokens in \(NumberText.integer(estimate.clusterCount)) chunks
      """
  }
}
