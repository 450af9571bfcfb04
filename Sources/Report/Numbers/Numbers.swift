import Analysis
import RunFile
import Words

/// Where every number of the report comes from, those of its figures' captions and alt texts too: looks a finding up,
/// formats it once, binds it to its source.
package struct Numbers: Sendable {
  package let findings: Findings
  package let formats: NumberFormats
  /// Set where a report tells of several models; stands before every id.
  package let prefix: String

  package init(_ findings: Findings, prefix: String = "") {
    self.findings = findings
    self.prefix = prefix
    formats = NumberFormats(findings)
  }

  package var baseline: String { findings.baseline?.name ?? "" }
  /// "95%".
  package var level: String {
    (try? NumberText.fixed(findings.description.bootstrap.level * 100, decimals: 0)).map { "\($0)%" } ?? "confidence"
  }

  package func finding(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Finding {
    guard let finding = findings.finding(metric, condition: condition, stratum: stratum) else {
      throw ReportError.missingFinding(metric: metric.name, condition: condition, stratum: stratum.title)
    }
    return finding
  }

  package func has(_ metric: Metric, _ condition: String? = nil, _ stratum: Stratum = .all) -> Bool {
    findings.findings.contains {
      $0.metric.id == metric.id && $0.stratum == stratum && (condition == nil || $0.condition == condition)
    }
  }

  // MARK: Numbers

  package func value(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundNumber {
    try number(
      .measure(MeasureAddress(metric: metric.id, condition: condition, tokens: .stratum(stratum))),
      try finding(metric, condition, stratum).estimate)
  }

  /// Condition minus baseline.
  package func change(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundNumber? {
    guard let change = try finding(metric, condition, stratum).change else { return nil }
    return try number(
      .measure(
        MeasureAddress(metric: metric.id, condition: condition, tokens: .stratum(stratum), quantity: .change)), change)
  }

  package func percentChange(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundNumber? {
    guard let change = try finding(metric, condition, stratum).percentChange else { return nil }
    return try number(
      .measure(
        MeasureAddress(metric: metric.id, condition: condition, tokens: .stratum(stratum), quantity: .percent)), change)
  }

  package func source(_ source: SourceFinding) throws -> BoundNumber {
    try number(.measure(Self.address(source)), source.crossEntropy)
  }

  package func sourceChange(_ source: SourceFinding) throws -> BoundNumber? {
    guard let change = source.percentChange else { return nil }
    return try number(.measure(Self.address(source, .percent)), change)
  }

  package func snapshot(_ snapshot: Snapshot) throws -> BoundNumber {
    try number(
      .measure(
        MeasureAddress(
          metric: snapshot.metric.id, condition: snapshot.condition, tokens: .first(snapshot.tokens, snapshot.stratum))),
      snapshot.estimate)
  }

  /// How much was measured: `50,176`.
  package func count(_ count: SampleCount) throws -> BoundNumber? { try number(.count(count)) }

  /// Any number of the report by its address; nil where the run does not have it.
  package func number(_ address: NumberAddress) throws -> BoundNumber? {
    guard let estimate = findings.estimate(at: address) else { return nil }
    return try number(address, estimate)
  }

  private func number(_ address: NumberAddress, _ estimate: Estimate) throws -> BoundNumber {
    let text = try formats.text(estimate, at: address)
    return BoundNumber(
      text: text, value: estimate.value, id: prefix + address.id, detail: try detail(address, text, estimate),
      isShare: address.isShare(findings.measures))
  }

  private static func address(
    _ source: SourceFinding, _ quantity: MeasureAddress.Quantity = .value
  ) -> MeasureAddress {
    MeasureAddress(
      metric: Metric.crossEntropy.id, condition: source.condition, tokens: .source(source.source), quantity: quantity)
  }

  // MARK: Numbers with their intervals

  /// `+0.97% [+0.84%, +1.10%]`.
  package func percentWithInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> Prose? {
    guard let number = try percentChange(metric, condition, stratum) else { return nil }
    return withInterval(number, try interval(of: try finding(metric, condition, stratum).percentChange, number.id))
  }

  package func changeWithInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> Prose? {
    guard let number = try change(metric, condition, stratum) else { return nil }
    return withInterval(number, try interval(of: try finding(metric, condition, stratum).change, number.id))
  }

  package func valueWithInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> Prose {
    let number = try value(metric, condition, stratum)
    return withInterval(number, try interval(of: try finding(metric, condition, stratum).estimate, number.id))
  }

  package func sourceChangeWithInterval(_ source: SourceFinding) throws -> Prose? {
    guard let number = try sourceChange(source) else { return nil }
    return withInterval(number, try interval(of: source.percentChange, number.id))
  }

  /// The interval alone, for a table's column; nil where there is none.
  package func changeInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundInterval? {
    guard let number = try change(metric, condition, stratum) else { return nil }
    return try interval(of: try finding(metric, condition, stratum).change, number.id)
  }

  package func percentInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundInterval? {
    guard let number = try percentChange(metric, condition, stratum) else { return nil }
    return try interval(of: try finding(metric, condition, stratum).percentChange, number.id)
  }

  private func withInterval(_ number: BoundNumber, _ interval: BoundInterval?) -> Prose {
    guard let interval else { return Prose(number) }
    return "\(number) \(interval)"
  }

  /// - Parameter id: of the number, with its prefix.
  private func interval(of estimate: Estimate?, _ id: String) throws -> BoundInterval? {
    guard let estimate, let interval = estimate.interval, let address = NumberAddress(String(id.dropFirst(prefix.count))),
      let text = try formats.interval(estimate, at: address)
    else { return nil }
    return BoundInterval(text: text, low: interval.low, high: interval.high, id: id)
  }

  // MARK: Binding

  /// What a reader who points at a number learns: what it is, its interval and sample, its definition, and the data sets
  /// and rows that it is computed from.
  private func detail(_ address: NumberAddress, _ text: String, _ estimate: Estimate) throws -> String {
    let model = prefix.isEmpty ? "" : "\(findings.description.model.name): "
    let interval = try formats.interval(estimate, at: address).map { ", \(level) interval \($0)" } ?? ""
    let sample =
      switch address {
      case .measure, .share:
        " \(NumberText.integer(estimate.tokenCount)) tokens in \(NumberText.integer(estimate.clusterCount)) chunks."
      case .size, .count: ""
      }
    let source = Derivation.source(of: address, findings)
    return
      "\(model)\(address.title(findings.measures, against: baseline)): \(text)\(address.unit(findings.measures))\(interval).\(sample) \(source.definition.typeset). \(source.rows)"
  }
}
