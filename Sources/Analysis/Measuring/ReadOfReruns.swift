import Measures
import RunFile

extension [Measure] {
  /// Columns of reruns that findings read: those of the excesses, and of the distribution of the per-token ratio.
  /// What a rerun has besides is for those who read the run file themselves.
  public var readOfReruns: [Column] {
    metrics.flatMap(\.rerunSums).flatMap { $0.columns + $0.referenceColumns } + [.squaredPerturbation]
  }
}
