/// What an experiment measures, as one value: the columns that it leaves in a run file, the numbers that are computed
/// from them, and what is concluded from these.
///
/// Read this file first. The module states each fact about a measure once: analysis, `explain`, comparisons, gates,
/// import and export, number formats and the metric reference iterate over `[Measure].all`. It knows run files' columns
/// (`RunFile`) and nothing else: neither models, nor statistics, nor words of a report. To add a measure, write its file
/// beside `Measure+Accuracy.swift` and give it a place in the list below.
///
/// `Column` is a stored quantity per token or segment, `Sum` what is added up over tokens, `Metric` a formula over named
/// sums, `VerdictRule` a declared conclusion.
public struct Measure: Sendable {
  /// Study key of its experiment, and the name of its group in the run file.
  public var experiment: String
  /// Heading in the metric reference.
  public var title: String
  /// Over which tokens, and from where: a sentence or two for the metric reference.
  public var about: String
  /// Experiments whose columns it works on.
  public var requires: [String] = []
  /// Whether its experiment reads the study's sparse autoencoder.
  public var readsAutoencoder = false
  public var columns: [Column] = []
  public var metrics: [Metric] = []
  /// Metrics that it takes over growing parts of the run, and the strata that it takes them for.
  public var snapshots: [(metric: Metric, strata: [Stratum])] = []
  public var rules: [VerdictRule] = []

  public init(experiment: String, title: String, about: String) {
    self.experiment = experiment
    self.title = title
    self.about = about
  }
}

extension Measure: Equatable {
  /// An experiment has one measure.
  public static func == (a: Measure, b: Measure) -> Bool { a.experiment == b.experiment }
}

extension [Measure] {
  /// Every measure of this clearbox, in the order in which a report presents them.
  public static let all: [Measure] = [.accuracy, .reconstruction, .splice, .stabilization, .noiseFloor, .features]

  public var metrics: [Metric] { flatMap(\.metrics) }
  public var columns: [Column] { flatMap(\.columns) }
  public var rules: [VerdictRule] { flatMap(\.rules) }

  /// The metric with an id, `fvu@1`.
  public func metric(_ id: String) -> Metric? { metrics.first { $0.id == id } }
}

extension Metric {
  /// Every metric that this clearbox computes, in the order in which findings are listed.
  public static let all: [Metric] = [Measure].all.metrics
}
