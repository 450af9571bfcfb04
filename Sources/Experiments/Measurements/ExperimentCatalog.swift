import Kernels
import Measures

/// The experiments that a study can select: to add one, write its file and give it a line here.
public struct ExperimentCatalog: Sendable {
  /// Makes the experiment of a measure; those that read an autoencoder get the study's.
  typealias Make =
    @Sendable (_ autoencoder: SparseAutoencoder?) throws -> any Experiment

  public let measures: [Measure]
  private let makers: [String: Make]

  public static let all = ExperimentCatalog(
    .all,
    [
      "accuracy": { _ in Accuracy() },
      "sae": { autoencoder in
        guard let autoencoder else { throw StudyRunError.needsAutoencoder("sae") }
        return SAEReconstruction(autoencoder)
      },
      "noise_floor": { _ in NoiseFloor() },
      "features": { autoencoder in
        guard let autoencoder else { throw StudyRunError.needsAutoencoder("features") }
        return FeatureComparison(autoencoder)
      },
      "splice": { autoencoder in
        guard let autoencoder else { throw StudyRunError.needsAutoencoder("splice") }
        return Splice(autoencoder)
      },
    ])

  /// - Parameter makers: by experiment; a measure without one observes nothing, and is computed from others' columns.
  init(_ measures: [Measure], _ makers: [String: Make]) {
    self.measures = measures
    self.makers = makers
  }

  /// With one experiment more.
  func adding(_ measure: Measure, _ make: @escaping Make) -> ExperimentCatalog {
    ExperimentCatalog(measures + [measure], makers.merging([measure.experiment: make]) { $1 })
  }

  /// In the order in which a report presents them.
  public var names: [String] { measures.map(\.experiment) }

  /// - Parameters:
  ///   - sae: the study's autoencoder, if it names one.
  ///   - kernels: what the run multiplies with.
  /// - Throws: `StudyRunError` for an unknown name, or an experiment that lacks what it reads.
  func make(_ names: [String], sae: SparseAutoencoderWeights?, _ kernels: KernelChoice) throws -> [any Experiment] {
    var autoencoder = try sae.map { try SparseAutoencoder($0, kernels) }
    autoencoder?.keepsCodes = names.contains(Measure.features.experiment)
    return try names.compactMap { name in
      guard let measure = measures.first(where: { $0.experiment == name }) else {
        throw StudyRunError.unknownExperiment(name, self.names)
      }
      for other in measure.requires where !names.contains(other) { throw StudyRunError.needsExperiment(name, other) }
      return try makers[name]?(autoencoder)
    }
  }
}
