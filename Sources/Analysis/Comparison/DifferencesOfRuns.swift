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
    var samples: [RunComparison.Sample] = []
    var differences: [MetricDifference] = []
    for stretch in stretches() {
      let metrics = options.measures.filter { stretch.experiments.contains($0.experiment) }.metrics
        .filter { $0.part == stretch.part }
      guard let sample = try SampledPair(a, b, stretch, metrics, options) else { continue }
      samples.append(sample.sample(of: stretch))
      differences += StretchOfDifferences(
        sample: sample, a: a, b: b, comparability: Comparability(a: a, b: b), options: options,
        model: a.description.model.name
      ).differences(metrics, pairs)
    }
    let order = options.measures.metrics
    func place(_ difference: MetricDifference) -> Int { order.firstIndex(of: difference.metric) ?? order.count }
    let sorted = differences.enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
    return (samples, sorted.map(\.element))
  }

  /// Experiments that stand on the same tokens share one set of resamples.
  private func stretches() -> [ComparedStretch] {
    var stretches: [ComparedStretch] = []
    for measure in options.measures where !measure.metrics.isEmpty {
      let experiment = measure.experiment
      guard a.description.experiments.contains(experiment) || b.description.experiments.contains(experiment) else {
        continue
      }
      for part in RunPart.allCases where measure.metrics.contains(where: { $0.part == part }) {
        let (inA, inB) = (a.chunkCount(of: experiment), b.chunkCount(of: experiment))
        if let index = stretches.firstIndex(where: {
          $0.chunksA == inA && $0.chunksB == inB && $0.part == part
        }) {
          stretches[index].experiments.append(experiment)
        } else {
          stretches.append(
            ComparedStretch(chunksA: inA, chunksB: inB, part: part, experiments: [experiment]))
        }
      }
    }
    return RunPart.allCases.flatMap { part in stretches.filter { $0.part == part } }
  }
}
