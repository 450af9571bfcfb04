import Analysis
import Measures
import RunFile

/// The findings, as Analysis would make them of such a run.
extension Fabricated {
  package var findings: Findings {
    var all: [Finding] = []
    func estimate(_ value: Double, half: Double, tokens: Int? = nil) -> Estimate {
      Estimate(
        value: value, interval: hasIntervals ? Interval(low: value - half, high: value + half, level: 0.95) : nil,
        tokenCount: tokens ?? self.tokens, clusterCount: chunks)
    }
    func add(
      _ metric: Metric, _ condition: Condition, _ stratum: Stratum = .all, base: Double, value: Double, half: Double,
      changeHalf: Double, tokens: Int? = nil, isComparison: Bool = false
    ) {
      let isBaseline = condition.name == conditions[0].name
      if isComparison && isBaseline { return }
      all.append(
        Finding(
          metric: metric, condition: condition.name, stratum: stratum,
          estimate: estimate(value, half: half, tokens: tokens),
          change: isComparison || isBaseline ? nil : estimate(value - base, half: changeHalf, tokens: tokens),
          percentChange: isComparison || isBaseline
            ? nil : estimate((value - base) / base * 100, half: changeHalf / base * 100, tokens: tokens)))
    }
    let predictions = tokens - chunks
    if hasAccuracy {
      for c in conditions {
        add(
          .crossEntropy, c, base: crossEntropy, value: crossEntropy + c.change, half: 0.061, changeHalf: c.half,
          tokens: predictions)
      }
      for c in conditions {
        let base = 24.963
        let value = base * exponential(c.change)
        add(
          .perplexity, c, base: base, value: value, half: 1.52, changeHalf: base * c.half * exponential(c.change),
          tokens: predictions)
      }
      for c in conditions {
        add(.kl, c, base: 0, value: c.kl, half: c.kl * 0.05, changeHalf: 0, tokens: predictions, isComparison: true)
      }
      for c in conditions where hasReruns {
        add(
          .klExcess, c, base: 0, value: c.kl * 0.9, half: c.kl * 0.05, changeHalf: 0, tokens: predictions,
          isComparison: true)
        add(
          .disagreementExcess, c, base: 0, value: (1 - c.agreement) * 0.8, half: 0.004, changeHalf: 0,
          tokens: predictions, isComparison: true)
      }
      for c in conditions {
        add(
          .top1Agreement, c, base: 0, value: c.agreement, half: 0.004, changeHalf: 0, tokens: predictions,
          isComparison: true)
      }
    }
    if hasSAE {
      for metric in [Metric.fvuArticle, .fvu] {
        for c in conditions {
          for stratum in Stratum.allCases where !lacking.contains(stratum) {
            guard let pair = baselineFVU[stratum] else { continue }
            let base = metric == .fvu ? pair.textbook : pair.article
            add(
              metric, c, stratum, base: base, value: base * c.fvuFactor, half: base * 0.022,
              changeHalf: base * (0.002 + (c.fvuFactor - 1).magnitude * 0.15))
          }
        }
      }
      for c in conditions {
        add(
          .relativeErrorMedian, c, base: 0.0481, value: 0.0481 * c.fvuFactor, half: 0.0006, changeHalf: 0.0002)
      }
      for c in conditions { add(.l0, c, base: sae.l0, value: sae.l0 + c.change * 4, half: 0.42, changeHalf: 0.08) }
      for c in conditions {
        add(.mse, c, base: 12.41, value: 12.41 * c.fvuFactor, half: 0.21, changeHalf: 0.06)
        if lacking.contains(.ordinary) { continue }
        add(.mse, c, .ordinary, base: 11.92, value: 11.92 * c.fvuFactor, half: 0.2, changeHalf: 0.05)
      }
      for c in conditions {
        add(.cosine, c, base: 0.9312, value: 0.9312 - c.change * 0.01, half: 0.0009, changeHalf: 0.0002)
      }
      for c in conditions {
        for (metric, value, half) in [
          (Metric.massiveGained, 6.0, 2.0), (.massiveLost, 4, 2), (.flippedExcess, 0.0002, 0.0001),
          (.flippedPerturbationShare, 0.62, 0.1), (.flippedDenominatorShare, 0.05, 0.01),
        ] where metric != .flippedExcess || hasReruns {
          add(metric, c, base: 0, value: value, half: half, changeHalf: 0, isComparison: true)
        }
      }
      for c in conditions where hasSplice {
        add(.lossWithSAE, c, base: 3.4, value: 3.4 + c.change, half: 0.06, changeHalf: c.half)
        add(.lossRise, c, base: 0.183, value: 0.183 + c.change / 10, half: 0.01, changeHalf: c.half / 10)
        add(.lossRecoveredZero, c, base: 0.98, value: 0.98 - c.change / 50, half: 0.004, changeHalf: 0.002)
        add(.lossRecoveredMean, c, base: 0.96, value: 0.96 - c.change / 40, half: 0.005, changeHalf: 0.002)
        add(.klWithSAE, c, base: 0.3, value: 0.3 + c.change / 20, half: 0.01, changeHalf: 0.004)
      }
      let floors = [(Metric.perturbation, 1.0), (.noiseFloorArticle, 0.251), (.noiseFloor, 0.262)]
      for (metric, divisor) in floors + (hasReruns ? [(.noiseFloorExcess, 0.28)] : []) {
        for c in conditions {
          for (stratum, factor) in [(Stratum.all, 1.0), (.ordinary, 0.84)] where !lacking.contains(stratum) {
            let value = c.perturbation * factor / divisor
            add(metric, c, stratum, base: 0, value: value, half: value * 0.04, changeHalf: 0, isComparison: true)
          }
        }
      }
    }
    if hasFeatures {
      for c in conditions {
        for stratum in [Stratum.all, .ordinary] where !lacking.contains(stratum) {
          for (metric, value, half) in Self.featureValues(c.change) where metric != .featuresChangedExcess || hasReruns
          {
            add(metric, c, stratum, base: 0, value: value, half: half, changeHalf: 0, isComparison: true)
          }
        }
      }
    }
    var result = Findings(
      description: description, isPartial: isPartial,
      measured: .init(
        tokens: tokens, predictions: predictions, chunks: chunks, batches: (chunks + 3) / 4, documents: min(61, chunks),
        shortBatch: chunks % 4 == 0 ? nil : chunks % 4),
      findings: all, snapshots: hasSAE && hasSnapshots ? snapshots : [],
      buckets: (hasAccuracy ? sourceFindings + kindFindings : []) + featureBucketFindings, cells: hasSAE ? cells : [],
      verdicts: [])
    if hasSAE { (result.massiveTokens, result.noiseRatios) = (massiveTokens, noiseRatios) }
    if hasFeatures { result.features = features }
    // The true rules decide, except where a test wants a certain outcome.
    result.verdicts = VerdictRules.verdicts(of: result).map { verdict in
      var verdict = verdict
      if let wanted = outcomes[verdict.question]?[verdict.condition] ?? outcomes[verdict.question]?["*"] {
        verdict.outcome = wanted
      }
      return verdict
    }
    return result
  }

  package var snapshots: [Snapshot] {
    var result: [Snapshot] = []
    for (metric, stratum) in [
      (Metric.fvuArticle, Stratum.all), (.fvuArticle, .ordinary), (.fvu, .all), (.fvu, .ordinary),
    ] {
      for c in conditions {
        for (asked, actual, drift) in snapshotCounts where actual <= (longest ?? tokens) && !lacking.contains(stratum) {
          guard let pair = baselineFVU[stratum] else { continue }
          let value = (metric == .fvu ? pair.textbook : pair.article) * c.fvuFactor * (1 + drift)
          let half = value * 0.022 * (51_200 / Double(actual)).squareRoot()
          result.append(
            Snapshot(
              condition: c.name, requestedTokens: asked, tokens: actual, metric: metric, stratum: stratum,
              estimate: Estimate(
                value: value,
                interval: hasIntervals ? Interval(low: value - half, high: value + half, level: 0.95) : nil,
                tokenCount: actual, clusterCount: actual / 512)))
          if c.name != conditions[0].name {
            let percent = (c.fvuFactor - 1) * 100 * (1 + drift)
            result[result.count - 1].percentChange = Estimate(
              value: percent, interval: hasIntervals ? Interval(low: percent - 1, high: percent + 1, level: 0.95) : nil,
              tokenCount: actual, clusterCount: actual / 512)
          }
        }
      }
    }
    return result
  }

  package var sourceFindings: [BucketFinding] {
    sources.flatMap { name, factor in
      conditions.enumerated().map { index, c in
        let base = crossEntropy * factor
        let change = c.change * (1.3 - factor * 0.3)
        let count = tokens / sources.count
        return BucketFinding(
          bucket: Bucket(.source, name), metric: .crossEntropy, condition: c.name,
          estimate: Estimate(
            value: base + change,
            interval: hasIntervals
              ? Interval(low: base + change - 0.11, high: base + change + 0.11, level: 0.95) : nil,
            tokenCount: count, clusterCount: chunks / sources.count + 3),
          percentChange: index == 0
            ? nil
            : Estimate(
              value: change / base * 100,
              interval: hasIntervals
                ? Interval(
                  low: (change - c.half * 2) / base * 100, high: (change + c.half * 2) / base * 100, level: 0.95) : nil,
              tokenCount: count, clusterCount: chunks / sources.count + 3))
      }
    }
  }

  /// By entropy, position and script: the surer the baseline, the less changes.
  package var kindFindings: [BucketFinding] {
    let buckets =
      ["q1", "q2", "q3", "q4"].map { Bucket(.entropy, $0) }
      + ["1-15", "16-63", "64-255", "256-up"].map { Bucket(.position, $0) }
      + ["latin", "han", "digits", "other"].map { Bucket(.script, $0) }
    return [Metric.crossEntropy, .kl, .top1Agreement].flatMap { metric in
      buckets.enumerated().flatMap { place, bucket in
        conditions.enumerated().compactMap { index, c -> BucketFinding? in
          if index == 0, metric.isComparison { return nil }
          let factor = 0.4 + 0.4 * Double(place % 4)
          func estimate(_ value: Double, _ half: Double) -> Estimate {
            Estimate(
              value: value,
              interval: hasIntervals ? Interval(low: value - half, high: value + half, level: 0.95) : nil,
              tokenCount: tokens / 4, clusterCount: chunks)
          }
          switch metric.id {
          case Metric.kl.id:
            return BucketFinding(
              bucket: bucket, metric: metric, condition: c.name, estimate: estimate(c.kl * factor, c.kl * 0.05))
          case Metric.top1Agreement.id:
            return BucketFinding(bucket: bucket, metric: metric, condition: c.name, estimate: estimate(0.8, 0.02))
          default:
            let base = crossEntropy * factor
            return BucketFinding(
              bucket: bucket, metric: metric, condition: c.name, estimate: estimate(base + c.change, 0.1),
              change: index == 0 ? nil : estimate(c.change, c.half),
              percentChange: index == 0 ? nil : estimate(100 * c.change / base, 100 * c.half / base))
          }
        }
      }
    }
  }

  package var cells: [CellShare] {
    let first = 4 * chunks
    let massive = tokens / 130
    let both = chunks / 10
    let ordinary = tokens - first - massive - both
    func share(_ n: Int) -> Double { Double(n) / Double(tokens) }
    return [
      CellShare(
        cell: .ordinary, tokens: ordinary, tokenShare: share(ordinary), energyShare: 0.471, varianceShare: 0.061,
        errorShare: 0.412),
      CellShare(
        cell: .first, tokens: first, tokenShare: share(first), energyShare: 0.018, varianceShare: 0.012,
        errorShare: 0.033),
      CellShare(
        cell: .massive, tokens: massive, tokenShare: share(massive), energyShare: 0.463, varianceShare: 0.842,
        errorShare: 0.487),
      CellShare(
        cell: .firstAndMassive, tokens: both, tokenShare: share(both), energyShare: 0.048, varianceShare: 0.085,
        errorShare: 0.068),
    ]
  }

  package var description: RunDescription {
    var description = RunDescription(
      title: title, study: study,
      studyText: "title: What quantization does to Gemma 3 270M\nmodels:\n  - name: gemma-3-270m\n",
      model: .init(
        name: modelName, architecture: "gemma3", layer: shape.layer, layerCount: shape.layers, dModel: shape.width,
        vocabularySize: 262_144, parameterCount: parameters.all, compressibleParameterCount: parameters.compressible,
        storage: isDequantized ? "GGUF: Q5_0 ×90, Q8_0 ×19, Q6_K ×18, F32 ×109" : "safetensors: BF16 ×236",
        isDequantized: isDequantized, checkpointFiles: ["gemma-3-270m-q4_k_m.gguf"],
        checkpointSHA256: String(repeating: hash, count: 16), tokenizerSHA256: String(repeating: "b81c", count: 16)),
      sae: hasSAE
        ? .init(
          name: sae.name, format: "SAELens", architecture: "jumprelu", featureCount: sae.features,
          sha256: String(repeating: hash, count: 16)) : nil,
      corpus: .init(
        name: "default corpus", files: ["assets/corpus/default.jsonl"], sha256: String(repeating: "5ce2", count: 16),
        sources: sources.map(\.0), documentCount: 812, order: "shuffled as numpy does, seed 0, buffer 10000",
        packing: "article", chunkLength: 512, batchSize: 4, tokenStreamSHA256: String(repeating: tokenStream, count: 16)
      ),
      conditions: conditions.enumerated().map { index, c in
        .init(
          name: c.name, label: c.label, kind: c.kind, isBaseline: index == 0,
          parameters: c.kind == "int8"
            ? [.init(key: "epilogue", value: "cuda"), .init(key: "threshold", value: "6.0")]
            : c.kind == "nf4"
              ? [.init(key: "compute", value: "bf16"), .init(key: "double_quantization", value: "true")] : [],
          effectiveBitsPerParameter: c.bits,
          bitsPerCompressedParameter: c.compressedBits
            ?? ["int8": 8.05, "nf4": 4.13, "q8": 8.5, "q4": 4.5, "q2": 2.63][c.kind] ?? 16)
      },
      experiments: experiments, budget: .init(headline: headline, snapshots: snapshotCounts.map(\.asked)),
      strata: .init(firstPositions: 4, massiveMultiple: 5, medianNorm: hasSAE ? medianNorm : nil),
      bootstrap: .init(replicates: 2000, level: 0.95), seed: 0,
      provenance: .init(
        clearboxVersion: "1.0.0", commit: "0123456789abcdef0123456789abcdef01234567", cpu: "Intel Xeon, 2 cores",
        threads: 2, kernels: "oneDNN, AVX-512 bf16", libraries: ["oneDNN 2.6.3", "OpenBLAS 0.3.21", "HDF5 1.10.8"],
        operatingSystem: "Debian GNU/Linux 12", startTime: "2026-03-01T10:00:00Z",
        finishTime: isPartial ? nil : "2026-03-01T10:11:42Z", elapsedSeconds: isPartial ? nil : 702,
        peakAnonymousBytes: 1_912_602_624))
    for (index, condition) in conditions.enumerated() {
      description.conditions[index].onGridShare = condition.shareOnGrid
    }
    if hasReruns {
      description.rerunConditions = description.conditions.map(\.rerun)
      description.reruns = .init(batches: 25, seed: 0, tokens: tokens, documents: 61)
    }
    return description
  }

  /// A first, small replacement for the C library's exp, enough for made-up numbers.
  private func exponential(_ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    for n in 1...20 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }
}
