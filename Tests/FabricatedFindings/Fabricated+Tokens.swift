import Analysis

/// What findings say of single tokens, made up.
extension Fabricated {
  /// Some that stay massive, a few that are gained and lost, on either side of five times the median norm.
  package var massiveTokens: [MassiveTokens] {
    conditions.dropFirst().enumerated().map { place, condition in
      let threshold = 5 * medianNorm
      let tokens = (0..<180).map { index -> MassiveTokens.Token in
        let base = threshold * (1.2 + 0.1 * Double(index % 60))
        if index % 30 == 7 {
          return .init(id: 236_761 + index % 3, norm: base, referenceNorm: medianNorm * 1.1, kind: .gained)
        }
        if index % 45 == 11 { return .init(id: 108, norm: medianNorm * 0.9, referenceNorm: base, kind: .lost) }
        return .init(
          id: 2, norm: base * (1 + 0.02 * Double(place + index % 3)), referenceNorm: base, kind: .kept)
      }
      return MassiveTokens(condition: condition.name, tokens: tokens)
    }
  }

  /// A hump about a ratio of a tenth and more for stronger compression, and reruns below it.
  package var noiseRatios: [NoiseRatios] {
    conditions.dropFirst().enumerated().flatMap { place, condition in
      (hasReruns ? [false, true] : [false]).map { isRerun in
        let middle = 24 + 3 * (place % 4) - (isRerun ? 5 : 0)
        let counts = (0..<NoiseRatios.binCount).map { bin in max(0, 900 - 90 * abs(bin - middle)) }
        return NoiseRatios(condition: condition.name, isRerun: isRerun, counts: counts)
      }
    }
  }
}
