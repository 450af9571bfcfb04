import Kernels
import Measures
import RunFile

/// What an autoencoder's reconstruction is worth to the model: it takes the residual stream's place, and the rest of the
/// model runs on it. Beside it two ablations, which show what there is to lose: zeros, and the mean.
///
/// As sae-bench 0.6 `core` has it with `--exclude_special_tokens_from_reconstruction`, and SAELens 6.54's `run_evals`: BOS,
/// EOS and padding keep their own values where the reconstruction is spliced in, and predictions made at them are not
/// scored; an ablation replaces every position. The ablation by the mean is our own.
///
/// What it leaves in the run file and what is computed from that: `Measure.splice`.
public struct Splice: Experiment {
  public let measure = Measure.splice
  public let observes: ObservationPoints = [.residual, .logits]
  private var autoencoder: SparseAutoencoder

  init(_ autoencoder: SparseAutoencoder) {
    self.autoencoder = autoencoder
    self.autoencoder.keepsCodes = false
  }

  public init(_ weights: SparseAutoencoderWeights, _ kernels: KernelChoice) throws {
    self.init(try SparseAutoencoder(weights, kernels))
  }

  private enum Replacement: Int, CaseIterable { case reconstruction, zero, mean }
  /// In the order of `branches`.
  private static let columns: [(loss: Column, divergence: Column)] = [
    (.nllSAE, .klSAE), (.nllZero, .klZero), (.nllMean, .klMean),
  ]

  public let branches = ["sae", "zero", "mean"]

  public func replace(
    _ streams: BranchedStreams, inBranch branch: Int, by out: [UnsafeMutablePointer<Float>], _ workspace: Workspace
  ) throws {
    let (tokens, d) = (streams.tokenCount, streams.dModel)
    switch Replacement.allCases[branch] {
    case .reconstruction:
      let own = out.indices.compactMap { streams.stream($0).baseAddress }
      for (condition, encoded) in try autoencoder.encoded(own, rows: tokens, workspace).enumerated() {
        for row in 0..<tokens {
          let kept = streams.chunk.isSpecial[row]
          let source = kept ? own[condition] : UnsafePointer(encoded.reconstruction.pointer)
          (out[condition] + row * d).update(from: source + row * d, count: d)
        }
      }
    case .zero:
      for place in out { place.update(repeating: 0, count: tokens * d) }
    case .mean:
      for (condition, place) in out.enumerated() {
        let mean = streams.mean(condition)
        for row in 0..<tokens { (place + row * d).update(from: mean, count: d) }
      }
    }
  }

  public func measure(logits: LogitObservation) throws -> [ColumnSlice] {
    (0..<logits.branchCount).flatMap { branch in
      (0..<logits.branchedCount).flatMap { condition in
        func scored(_ values: [Float]) -> ColumnValues {
          .float32(zip(values, logits.chunk.isSpecial).map { $1 ? .missing : $0 })
        }
        let columns = Self.columns[branch]
        return [
          ColumnSlice(
            condition: condition, column: columns.loss,
            values: scored(logits.negativeLogLikelihood(condition, inBranch: branch))),
          ColumnSlice(
            condition: condition, column: columns.divergence,
            values: scored(logits.divergence(condition, inBranch: branch))),
        ]
      }
    }
  }
}
