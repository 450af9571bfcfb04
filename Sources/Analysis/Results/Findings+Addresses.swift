import Measures
import RunFile

/// Numbers by their addresses, and all addresses.
extension Findings {
  /// The number at an address; nil where there is none.
  public func estimate(at address: NumberAddress) -> Estimate? {
    switch address {
    case .measure(let measure): return estimate(at: measure)
    case .share(let group, let whole):
      let own = cells.filter { group.cells.contains($0.cell) }
      guard !own.isEmpty else { return nil }
      let sample = measured(by: "sae")
      return Estimate(
        value: own.map { $0.share(of: whole) }.reduce(0, +), tokenCount: sample.tokens, clusterCount: sample.chunks)
    case .feature(let feature):
      return features.first { $0.pair.name == feature.pair }?.estimate(
        of: feature.quantity, level: description.bootstrap.level)
    case .size(let size):
      func exact(_ value: Double) -> Estimate { Estimate(value: value, tokenCount: 0, clusterCount: 0) }
      func condition(_ name: String) -> RunDescription.Condition? {
        description.conditions.first { $0.name == name && $0.effectiveBitsPerParameter > 0 }
      }
      switch size {
      case .linear(let name):
        return condition(name).flatMap {
          $0.bitsPerCompressedParameter > 0 ? exact($0.bitsPerCompressedParameter) : nil
        }
      case .model(let name): return condition(name).map { exact($0.effectiveBitsPerParameter) }
      case .saved(let name):
        guard let own = condition(name), let base = baseline, base.effectiveBitsPerParameter > 0 else { return nil }
        return exact(100 * (1 - own.effectiveBitsPerParameter / base.effectiveBitsPerParameter))
      case .compressedShare:
        let model = description.model
        guard model.parameterCount > 0 else { return nil }
        return exact(100 * Double(model.compressibleParameterCount) / Double(model.parameterCount))
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
      return value > 0
        ? Estimate(value: Double(value), tokenCount: measured.tokens, clusterCount: measured.chunks) : nil
    }
  }

  private func estimate(at address: MeasureAddress) -> Estimate? {
    if let site = address.site, site != "layer-\(description.model.layer)" { return nil }
    if let named = address.reference, named != reference(of: address.condition)?.name { return nil }
    func snapshot(_ count: Int, _ stratum: Stratum) -> Estimate? {
      let found = snapshots.first {
        $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum
          && $0.tokens == count
      }
      switch address.quantity {
      case .value: return found?.estimate
      case .change: return found?.change
      case .percent: return found?.percentChange
      case .reference: return nil
      }
    }
    switch address.tokens {
    case .stratum(let stratum):
      guard
        let finding = findings.first(where: {
          $0.metric.id == address.metric && $0.condition == address.condition && $0.stratum == stratum
        })
      else { return nil }
      switch address.quantity {
      case .value: return finding.estimate
      case .change: return finding.change
      case .percent: return finding.percentChange
      case .reference: return finding.reference
      }
    case .bucket(let bucket):
      let found = buckets.first {
        $0.bucket == bucket && $0.metric.id == address.metric && $0.condition == address.condition
      }
      switch address.quantity {
      case .value: return found?.estimate
      case .change: return found?.change
      case .percent: return found?.percentChange
      case .reference: return nil
      }
    case .first(let count, let stratum):
      return snapshot(count, stratum)
    case .between(let first, let last, let stratum):
      guard address.quantity == .value, let before = snapshot(first, stratum), let after = snapshot(last, stratum)
      else { return nil }
      return Estimate(
        value: after.value - before.value, tokenCount: after.tokenCount, clusterCount: after.clusterCount)
    }
  }

  /// The id of every number that can be derived, in the report's order; of differences between snapshots those of
  /// neighbours.
  public var numberIDs: [String] {
    var ids: [String] = []
    for finding in findings {
      let tokens = MeasureAddress.Tokens.stratum(finding.stratum)
      func id(_ quantity: MeasureAddress.Quantity) -> String {
        MeasureAddress(metric: finding.metric.id, condition: finding.condition, tokens: tokens, quantity: quantity).id
      }
      ids.append(id(.value))
      if finding.change != nil { ids.append(id(.change)) }
      if finding.percentChange != nil { ids.append(id(.percent)) }
      if finding.reference != nil { ids.append(id(.reference)) }
    }
    for finding in buckets {
      let value = MeasureAddress(
        metric: finding.metric.id, condition: finding.condition, tokens: .bucket(finding.bucket))
      ids.append(value.id)
      if finding.change != nil { ids.append(value.id + "/change") }
      if finding.percentChange != nil { ids.append(value.id + "/percent") }
    }
    for snapshot in snapshots {
      let own = snapshots.filter {
        $0.metric.id == snapshot.metric.id && $0.condition == snapshot.condition && $0.stratum == snapshot.stratum
      }
      let before = own.filter { $0.tokens < snapshot.tokens }.map(\.tokens).max()
      for tokens in [
        .first(snapshot.tokens, snapshot.stratum), before.map { .between($0, snapshot.tokens, snapshot.stratum) },
      ].compactMap({ $0 as MeasureAddress.Tokens? }) {
        for quantity in [MeasureAddress.Quantity.value, .change, .percent] {
          let address = MeasureAddress(
            metric: snapshot.metric.id, condition: snapshot.condition, tokens: tokens, quantity: quantity)
          if estimate(at: .measure(address)) != nil, !ids.contains(address.id) { ids.append(address.id) }
        }
      }
    }
    let shares = CellGroup.allCases.flatMap { group in CellShare.Whole.allCases.map { NumberAddress.share(group, $0) } }
    let names = description.conditions.map(\.name)
    let sizes: [SizeAddress] =
      names.flatMap { [.linear($0), .model($0)] } + compressed.map { .saved($0.name) } + [.compressedShare]
    let others = shares + sizes.map(NumberAddress.size) + SampleCount.allCases.map(NumberAddress.count)
    let kept = features.flatMap { own in
      FeatureQuantity.allCases.map { NumberAddress.feature(FeatureAddress(pair: own.pair.name, quantity: $0)) }
    }
    return ids + (others + kept).filter { estimate(at: $0) != nil }.map(\.id)
  }
}
