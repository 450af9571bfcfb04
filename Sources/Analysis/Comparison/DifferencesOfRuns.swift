import Measures
import RunFile

/// Every metric of two runs with raw measurements, set against each other.
struct DifferencesOfRuns {
  let a: ComparedRun
  let b: ComparedRun
  let options: RunComparison.Options

  /// - Throws: `RunFileError`, `HDF5Error`, `AnalysisError` for runs that cannot be read or cannot be true.
  func computed(
    _ pairs: [RunComparison.Options.Match]
  ) throws -> (samples: [RunComparison.Sample], differences: [MetricDifference]) {
    // Experiments that stand on the same tokens share one set of resamples.
    var stretches: [(a: Int, b: Int, experiments: [String])] = []
    for experiment in options.measures.filter({ !$0.metrics.isEmpty }).map(\.experiment)
    where a.description.experiments.contains(experiment) || b.description.experiments.contains(experiment) {
      let (inA, inB) = (a.tokenCount(of: experiment), b.tokenCount(of: experiment))
      if let index = stretches.firstIndex(where: { $0.a == inA && $0.b == inB }) {
        stretches[index].experiments.append(experiment)
      } else {
        stretches.append((inA, inB, [experiment]))
      }
    }
    var samples: [RunComparison.Sample] = []
    var differences: [MetricDifference] = []
    for stretch in stretches {
      let metrics = options.measures.filter { stretch.experiments.contains($0.experiment) }.metrics
      let sample = try ResampledPair(a, b, tokensA: stretch.a, tokensB: stretch.b, metrics, options)
      samples.append(sample.sample(of: stretch.experiments))
      differences += StretchOfDifferences(
        sample: sample, comparability: Comparability(a: a.reader, b: b.reader), options: options,
        model: a.description.model.name
      ).differences(metrics, pairs)
    }
    return (samples, differences)
  }
}

/// The same stretch of tokens of two runs, resampled: together where the tokens are the same, each by itself otherwise.
struct ResampledPair {
  let a: ResampledRun
  let b: ResampledRun
  let isPaired: Bool
  private let sharedDocuments: Int

  init(
    _ runA: ComparedRun, _ runB: ComparedRun, tokensA: Int, tokensB: Int, _ metrics: [Metric],
    _ options: RunComparison.Options
  ) throws {
    let (clustersA, clustersB) = Self.clusters(runA, runB, tokensA, tokensB, options.unit)
    isPaired =
      clustersA.hasSameBounds(as: clustersB) && runA.tokens.id.prefix(tokensA) == runB.tokens.id.prefix(tokensB)
    sharedDocuments = isPaired ? 0 : Self.sharedDocuments(runA, runB, tokensA, tokensB)
    let (sumsA, sumsB) = try inParallel(
      { try clustersA.sums(of: runA.reader, tokens: runA.tokens, segments: runA.segments, for: metrics) },
      { try clustersB.sums(of: runB.reader, tokens: runB.tokens, segments: runB.segments, for: metrics) })
    let resamples = Resamples(chunkCount: clustersA.count, replicates: options.replicates, seed: options.seed)
    let others =
      isPaired
      ? resamples : Resamples(chunkCount: clustersB.count, replicates: options.replicates, seed: options.seed &+ 1)
    a = ResampledRun(runA, clustersA, sumsA, resamples)
    b = ResampledRun(runB, clustersB, sumsB, others, like: isPaired ? a : nil)
  }

  /// Documents where both runs have at least two that do not come back, else chunks.
  private static func clusters(
    _ a: ComparedRun, _ b: ComparedRun, _ tokensA: Int, _ tokensB: Int, _ unit: ResamplingUnit?
  ) -> (Clusters, Clusters) {
    if unit != .chunk, let inA = a.clusters(.document, tokenCount: tokensA),
      let inB = b.clusters(.document, tokenCount: tokensB), unit == .document || min(inA.count, inB.count) > 1
    {
      return (inA, inB)
    }
    return (
      Clusters(chunks: a.chunks, segments: a.segments, tokenCount: tokensA),
      Clusters(chunks: b.chunks, segments: b.segments, tokenCount: tokensB)
    )
  }

  /// Documents whose tokens, as far as they were measured, are the same in both runs.
  private static func sharedDocuments(_ a: ComparedRun, _ b: ComparedRun, _ tokensA: Int, _ tokensB: Int) -> Int {
    func documents(_ run: ComparedRun, _ tokens: Int) -> Set<[Int32]> {
      guard let clusters = run.clusters(.document, tokenCount: tokens) else { return [] }
      // The first tokens tell documents apart; the last one of a run may be cut short.
      return Set(
        (0..<clusters.count).map { cluster in
          let first = Int(clusters.firstToken[cluster])
          return Array(run.tokens.id[first..<first + min(32, Int(clusters.tokenCounts[cluster]))])
        })
    }
    return documents(a, tokensA).intersection(documents(b, tokensB)).count
  }

  func sample(of experiments: [String]) -> RunComparison.Sample {
    RunComparison.Sample(
      experiments: experiments, tokensA: a.clusters.tokenCount, tokensB: b.clusters.tokenCount, unit: a.clusters.unit,
      clustersA: a.clusters.count, clustersB: b.clusters.count, isPaired: isPaired, sharedDocuments: sharedDocuments)
  }
}
