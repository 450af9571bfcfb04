import Measures
import RunFile

/// What the report has: values by address, and all addresses.
extension Derivation {
  /// What the findings say of an address; nil where they say nothing.
  public static func reported(_ address: NumberAddress, _ findings: Findings) -> Estimate? {
    let measured = findings.measured
    switch address {
    case .measure(let measure): return reported(measure, findings)
    case .share(let group, let whole):
      let own = findings.cells.filter { group.cells.contains($0.cell) }
      guard !own.isEmpty else { return nil }
      let sample = findings.measured(by: "sae")
      return Estimate(
        value: own.map { $0.share(of: whole) }.reduce(0, +), tokenCount: sample.tokens, clusterCount: sample.chunks)
    case .size(let size):
      func estimate(_ value: Double) -> Estimate { Estimate(value: value, tokenCount: 0, clusterCount: 0) }
      func condition(_ name: String) -> RunDescription.Condition? {
        findings.description.conditions.first { $0.name == name && $0.effectiveBitsPerParameter > 0 }
      }
      switch size {
      case .linear(let name):
        return condition(name).flatMap { $0.bitsPerCompressedParameter > 0 ? estimate($0.bitsPerCompressedParameter) : nil }
      case .model(let name): return condition(name).map { estimate($0.effectiveBitsPerParameter) }
      case .saved(let name):
        guard let own = condition(name), let base = findings.baseline, base.effectiveBitsPerParameter > 0 else { return nil }
        return estimate(100 * (1 - own.effectiveBitsPerParameter / base.effectiveBitsPerParameter))
      case .compressedShare:
        let model = findings.description.model
        guard model.parameterCount > 0 else { return nil }
        return estimate(100 * Double(model.compressibleParameterCount) / Double(model.parameterCount))
      }
    case .count(let count):
      let value =
        switch count {
        case .tokens: measured.tokens
        case .predictions: measured.predictions
        case .chunks: measured.chunks
        case .batches: measured.batches
        case .documents: measured.documents
        }
      return value > 0 ? Estimate(value: Double(value), tokenCount: measured.tokens, clusterCount: measured.chunks) : nil
    }
  }

  private static func reported(_ address: MeasureAddress, _ findings: Findings) -> Estimate? {
    func snapshot(_ count: Int, _ stratum: Stratum) -> Estimate? {
      findings.snapshots.first {
        $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum && $0.tokens == count
      }?.estimate
    }
    switch address.tokens {
    case .stratum(let stratum):
      guard
        let finding = findings.findings.first(where: {
          $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum
        })
      else { return nil }
      switch address.quantity {
      case .value: return finding.estimate
      case .change: return finding.change
      case .percent: return finding.percentChange
      }
    case .source(let name):
      guard address.metric == Metric.crossEntropy.id,
        let source = findings.sources.first(where: { $0.source == name && $0.condition == address.condition })
      else { return nil }
      switch address.quantity {
      case .value: return source.crossEntropy
      case .change: return nil
      case .percent: return source.percentChange
      }
    case .first(let count, let stratum):
      return address.quantity == .value ? snapshot(count, stratum) : nil
    case .between(let first, let last, let stratum):
      guard address.quantity == .value, let before = snapshot(first, stratum), let after = snapshot(last, stratum) else { return nil }
      return Estimate(
        value: after.value - before.value, tokenCount: after.tokenCount, clusterCount: after.clusterCount)
    }
  }

  /// Every id that can be derived in these findings, in the report's order; of differences between snapshots those of
  /// neighbours.
  public static func ids(in findings: Findings) -> [String] {
    var ids: [String] = []
    for finding in findings.findings {
      let tokens = MeasureAddress.Tokens.stratum(finding.stratum)
      func id(_ quantity: MeasureAddress.Quantity) -> String {
        MeasureAddress(metric: finding.metric.id, condition: finding.condition, tokens: tokens, quantity: quantity).id
      }
      ids.append(id(.value))
      if finding.change != nil { ids.append(id(.change)) }
      if finding.percentChange != nil { ids.append(id(.percent)) }
    }
    for source in findings.sources {
      let value = MeasureAddress(
        metric: Metric.crossEntropy.id, condition: source.condition, tokens: .source(source.source))
      ids.append(value.id)
      if source.percentChange != nil { ids.append(value.id + "/percent") }
    }
    for snapshot in findings.snapshots {
      let own = findings.snapshots.filter {
        $0.metric.id == snapshot.metric.id && $0.condition == snapshot.condition && $0.stratum == snapshot.stratum
      }
      let before = own.filter { $0.tokens < snapshot.tokens }.map(\.tokens).max()
      for tokens in [
        .first(snapshot.tokens, snapshot.stratum), before.map { .between($0, snapshot.tokens, snapshot.stratum) },
      ].compactMap({ $0 as MeasureAddress.Tokens? }) {
        let id = MeasureAddress(metric: snapshot.metric.id, condition: snapshot.condition, tokens: tokens).id
        if !ids.contains(id) { ids.append(id) }
      }
    }
    let shares = CellGroup.allCases.flatMap { group in CellShare.Whole.allCases.map { NumberAddress.share(group, $0) } }
    let names = findings.description.conditions.map(\.name)
    let sizes: [SizeAddress] =
      names.flatMap { [.linear($0), .model($0)] } + findings.compressed.map { .saved($0.name) } + [.compressedShare]
    let others = shares + sizes.map(NumberAddress.size) + SampleCount.allCases.map(NumberAddress.count)
    return ids + others.filter { reported($0, findings) != nil }.map(\.id)
  }

  /// Ids with the most parts in common.
  static func similar(_ id: String, _ findings: Findings) -> [String] {
    let parts = Set(id.split(separator: "/"))
    let ranked = ids(in: findings).enumerated().map { ($0.offset, $0.element, parts.intersection($0.element.split(separator: "/")).count) }
    let most = ranked.map(\.2).max() ?? 0
    return ranked.filter { $0.2 == most }.prefix(5).map(\.1)
  }
}
