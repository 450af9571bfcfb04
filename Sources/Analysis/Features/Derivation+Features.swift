import RunFile

extension Derivation {
  /// From the table by feature.
  init(_ feature: FeatureAddress, _ reported: Estimate, _ reader: RunReader) throws {
    let pairs = reader.description.featurePairs ?? []
    guard let pair = pairs.first(where: { $0.name == feature.pair }), let table = try reader.featureTable(pair) else {
      throw DerivationError.notMeasured(feature.id)
    }
    let own = FeatureFindings(pair, table, reader.description)
    var steps = [
      Step("ordinary tokens", Double(table.shares.tokens))
    ]
    if feature.quantity.columns.contains("count_reference") {
      steps.append(Step(FeatureQuantity.judged.definition, Double(own.judged.count)))
    }
    let value: Double
    if let cut = feature.quantity.cut {
      let column = cut.isActive ? table.correlationActive : table.correlation
      let kept = own.judged.count { Double(column[$0]) >= cut.r }
      steps.append(Step("of these, features with \(feature.quantity.columns[1]) ≥ \(cut.r)", Double(kept)))
      value = Double(kept) / Double(own.judged.count)
      steps.append(Step("share", value))
    } else if let bin = feature.quantity.bin, let flips = table.flips {
      let fires = Double(flips.firesReference[bin] + flips.firesCondition[bin])
      let flipped = Double(flips.lost[bin] + flips.new[bin])
      steps += [
        Step("margin_fires_reference + margin_fires_condition", fires), Step("margin_lost + margin_new", flipped),
      ]
      value = flipped / fires
      steps.append(Step("share", value))
    } else {
      value = own.value(of: feature.quantity) ?? .nan
      if feature.quantity != .judged { steps.append(Step(feature.quantity.definition, value)) }
    }
    self.init(
      address: .feature(feature), definition: feature.quantity.title,
      explanation: feature.quantity.definition + ".", steps: steps, value: value, reported: reported, scale: 1)
  }
}
