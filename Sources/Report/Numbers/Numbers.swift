import Analysis
import Measures
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

  package func value(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber {
    let estimate = try finding(metric, condition, stratum).estimate
    return try number(.measure(Self.address(metric, condition, stratum, .value)), estimate)
  }

  /// Condition minus baseline.
  package func change(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber? {
    try bound(metric, condition, stratum, .change)?.number
  }

  package func percentChange(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> BoundNumber? {
    try bound(metric, condition, stratum, .percent)?.number
  }

  package func value(_ finding: BucketFinding) throws -> BoundNumber {
    try number(.measure(Self.address(finding, .value)), finding.estimate)
  }

  package func snapshot(_ snapshot: Snapshot) throws -> BoundNumber {
    try number(
      .measure(
        MeasureAddress(
          metric: snapshot.metric.id, condition: snapshot.condition, tokens: .first(snapshot.tokens, snapshot.stratum))),
      snapshot.estimate)
  }

  /// Its change in percent of the reference; nil where it has none.
  package func snapshotChange(_ snapshot: Snapshot) throws -> BoundNumber? {
    let tokens = MeasureAddress.Tokens.first(snapshot.tokens, snapshot.stratum)
    return try number(
      .measure(
        MeasureAddress(
          metric: snapshot.metric.id, condition: snapshot.condition, tokens: tokens, quantity: .percent)))
  }

  /// How much was measured: `50,176`.
  package func count(_ count: SampleCount) throws -> BoundNumber? { try number(.count(count)) }

  /// Any number of the report by its address; nil where the run does not have it.
  package func number(_ address: NumberAddress) throws -> BoundNumber? {
    guard let estimate = findings.estimate(at: address) else { return nil }
    return try number(address, estimate)
  }

  // MARK: Numbers with their intervals

  /// Any number of the report by its address; nil where the run does not have it.
  package func numberWithInterval(_ address: NumberAddress) throws -> Prose? {
    guard let estimate = findings.estimate(at: address) else { return nil }
    let bound = try number(address, estimate)
    guard let interval = estimate.interval, let text = try formats.interval(estimate, at: address) else {
      return Prose(bound)
    }
    return "\(bound) \(BoundInterval(text: text, low: interval.low, high: interval.high, id: bound.id))"
  }

  /// `+0.97% [+0.84%, +1.10%]`.
  package func percentWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose? {
    try bound(metric, condition, stratum, .percent)?.prose
  }

  package func changeWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose? {
    try bound(metric, condition, stratum, .change)?.prose
  }

  /// Any of its quantities; nil where the run does not have it.
  package func withInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum, _ quantity: MeasureAddress.Quantity
  ) throws -> Prose? {
    try bound(metric, condition, stratum, quantity)?.prose
  }

  package func valueWithInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum = .all) throws -> Prose {
    let estimate = try finding(metric, condition, stratum).estimate
    return try bound(estimate, Self.address(metric, condition, stratum, .value)).prose
  }

  package func valueWithInterval(_ finding: BucketFinding) throws -> Prose {
    try bound(finding.estimate, Self.address(finding, .value)).prose
  }

  package func changeWithInterval(_ finding: BucketFinding) throws -> Prose? {
    try finding.change.map { try bound($0, Self.address(finding, .change)).prose }
  }

  package func percentWithInterval(_ finding: BucketFinding) throws -> Prose? {
    try finding.percentChange.map { try bound($0, Self.address(finding, .percent)).prose }
  }

  /// The interval alone, for a table's column; nil where there is none.
  package func percentInterval(
    _ metric: Metric, _ condition: String, _ stratum: Stratum = .all
  ) throws -> BoundInterval? {
    try bound(metric, condition, stratum, .percent)?.interval
  }

  // MARK: Binding

  private struct Bound {
    var number: BoundNumber
    var interval: BoundInterval?

    var prose: Prose { interval.map { "\(number) \($0)" } ?? Prose(number) }
  }

  private func bound(
    _ metric: Metric, _ condition: String, _ stratum: Stratum, _ quantity: MeasureAddress.Quantity
  ) throws -> Bound? {
    let finding = try finding(metric, condition, stratum)
    let estimate =
      switch quantity {
      case .value: finding.estimate
      case .change: finding.change
      case .percent: finding.percentChange
      case .reference: finding.reference
      }
    return try estimate.map { try bound($0, Self.address(metric, condition, stratum, quantity)) }
  }

  private func bound(_ estimate: Estimate, _ address: MeasureAddress) throws -> Bound {
    var bound = Bound(number: try number(.measure(address), estimate))
    if let interval = estimate.interval, let text = try formats.interval(estimate, at: .measure(address)) {
      bound.interval = BoundInterval(text: text, low: interval.low, high: interval.high, id: bound.number.id)
    }
    return bound
  }

  private static func address(
    _ metric: Metric, _ condition: String, _ stratum: Stratum, _ quantity: MeasureAddress.Quantity
  ) -> MeasureAddress {
    MeasureAddress(metric: metric.id, condition: condition, tokens: .stratum(stratum), quantity: quantity)
  }

  private static func address(_ finding: BucketFinding, _ quantity: MeasureAddress.Quantity) -> MeasureAddress {
    MeasureAddress(
      metric: finding.metric.id, condition: finding.condition, tokens: .bucket(finding.bucket), quantity: quantity)
  }

  private func number(_ address: NumberAddress, _ estimate: Estimate) throws -> BoundNumber {
    let text = try formats.text(estimate, at: address)
    return BoundNumber(
      text: text, value: estimate.value, id: prefix + address.id, detail: try detail(address, text, estimate),
      isShare: address.isShare(findings.measures))
  }

  /// What a reader who points at a number learns: what it is, its interval and sample, its definition, and the data sets
  /// and rows that it is computed from.
  private func detail(_ address: NumberAddress, _ text: String, _ estimate: Estimate) throws -> String {
    let model = prefix.isEmpty ? "" : "\(findings.description.model.name): "
    let interval = try formats.interval(estimate, at: address).map { ", \(level) interval \($0)" } ?? ""
    let sample =
      switch address {
      case .measure, .share:
        " \(NumberText.integer(estimate.tokenCount)) tokens in \(NumberText.integer(estimate.clusterCount)) \(findings.unit.rawValue)s."
      case .feature:
        " \(NumberText.integer(estimate.tokenCount)) ordinary tokens, \(NumberText.integer(estimate.clusterCount)) groups of documents."
      case .size, .count: ""
      }
    let source = Derivation.source(of: address, findings)
    return
      "\(model)\(address.title(findings)): \(text)\(address.unit(findings.measures))\(interval).\(sample) \(source.definition.typeset). \(source.rows)"
  }
}
