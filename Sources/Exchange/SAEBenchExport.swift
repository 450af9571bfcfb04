import Analysis
import Codecs
import Digests
import Foundation
import Measures
import RunFile

/// A run as SAEBench's core results, one JSON file per condition: the layout of sae-bench 0.6.0's `CoreEvalOutput`.
///
/// SAEBench has no word for "not measured", and its schema wants a number everywhere: it is −1 here, as SAELens' own
/// tables write what is missing.
public enum SAEBenchExport {
  public struct File: Sendable, Equatable {
    /// `<model>_<condition>_core_eval_results.json`.
    public var name: String
    public var data: Data
  }

  static let missing = -1.0

  /// - Throws: `ExchangeError.unfinished`, `.notThisFormat` for a run without an SAE; `RunFileError`, `AnalysisError`.
  public static func files(_ run: RunReader) throws -> [File] {
    let description = run.description
    guard let hash = run.contentSHA256 else { throw ExchangeError.unfinished(run: run.path) }
    guard description.sae != nil else {
      throw ExchangeError.notThisFormat(
        run: run.path, format: "SAEBench's core results", reason: "it measured no autoencoder")
    }
    let findings = try Findings(of: run)
    let model = description.model.name.split(separator: "/").last.map(String.init) ?? description.model.name
    return try description.conditions.compactMap { condition in
      // Of a condition that could not be measured there is no result.
      guard findings.findings.contains(where: { $0.condition == condition.name && $0.metric.id == Metric.mse.id })
      else {
        return nil
      }
      let shrinkage = try Shrinkage(run, condition: condition.name, findings)
      let value = output(run.description, condition, findings, shrinkage, contentSHA256: hash)
      return File(name: "\(model)_\(condition.name)_core_eval_results.json", data: try value.data())
    }
  }

  private static func output(
    _ description: RunDescription, _ condition: RunDescription.Condition, _ findings: Findings, _ shrinkage: Shrinkage,
    contentSHA256: String
  ) -> SortedJSON {
    func value(_ metric: Metric) -> Double? { findings.finding(metric, condition: condition.name)?.estimate.value }
    func number(_ value: Double?) -> SortedJSON { .real(value ?? missing) }
    func tokens(_ metric: Metric) -> Int? { findings.finding(metric, condition: condition.name)?.estimate.tokenCount }
    func absent(_ keys: String...) -> SortedJSON {
      .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, .real(missing)) }))
    }
    // As in core, all of them over the predictions of the batches that were measured with and without the SAE.
    let isSpliced = value(.lossWithSAE) != nil
    let dModel = Double(description.model.dModel)
    let p = description.provenance
    return .object([
      "eval_type_id": .text("core"),
      "eval_config": config(
        description, condition, findings, measuresLoss: value(.crossEntropy) != nil, isSpliced: isSpliced),
      "eval_id": .text(identifier(contentSHA256, condition.name)),
      "datetime_epoch_millis": .integer(milliseconds(p.startTime)),
      "eval_result_metrics": .object([
        "model_behavior_preservation": .object([
          "kl_div_score": number(value(.klRecoveredZero)), "kl_div_with_ablation": number(value(.klWithZero)),
          "kl_div_with_sae": number(value(.klWithSAE)),
        ]),
        "model_performance_preservation": .object([
          "ce_loss_score": number(value(.lossRecoveredZero)), "ce_loss_with_ablation": number(value(.lossWithZero)),
          "ce_loss_with_sae": number(value(.lossWithSAE)),
          "ce_loss_without_sae": number(value(isSpliced ? .lossWithout : .crossEntropy)),
        ]),
        "reconstruction_quality": .object([
          "explained_variance": number(value(.fvu).map { 1 - $0 }), "explained_variance_legacy": .real(missing),
          "mse": number(value(.mse).flatMap { dModel > 0 ? $0 * dModel : nil }), "cossim": number(value(.cosine)),
        ]),
        "shrinkage": .object([
          "l2_norm_in": number(shrinkage.normIn), "l2_norm_out": number(shrinkage.normOut),
          "l2_ratio": number(shrinkage.ratio), "relative_reconstruction_bias": number(shrinkage.bias),
        ]),
        "sparsity": .object(["l0": number(value(.l0)), "l1": .real(missing)]),
        "token_stats": .object([
          "total_tokens_eval_reconstruction": .integer(tokens(isSpliced ? .lossWithSAE : .crossEntropy) ?? -1),
          "total_tokens_eval_sparsity_variance": .integer(tokens(.mse) ?? -1),
        ]),
        "misc_metrics": absent(
          "freq_over_1_percent", "freq_over_10_percent", "normalized_freq_over_1_percent",
          "normalized_freq_over_10_percent", "average_max_encoder_cosine_sim", "average_max_decoder_cosine_sim",
          "frac_alive"),
      ]),
      "eval_result_details": .list([]),
      "sae_bench_commit_hash": .text("clearbox \(p.clearboxVersion) (\(p.commit)), not SAEBench"),
      "sae_lens_id": description.sae.map { .text($0.name) } ?? .null,
      "sae_lens_release_id": .null,
      "sae_lens_version": .null,
      "sae_cfg_dict": autoencoder(description),
      "eval_result_unstructured": .object([
        "condition": .text(condition.name), "label": .text(condition.label), "origin": .text(condition.origin.rawValue),
        "checkpoint_sha256": condition.checkpoint.map { .text($0.sha256) } ?? .text(description.model.checkpointSHA256),
        "bits_per_parameter": condition.effectiveBitsPerParameter > 0
          ? .real(condition.effectiveBitsPerParameter) : .null,
        "content_sha256": .text(contentSHA256), "missing_value": .real(missing),
        "fvu_article": value(.fvuArticle).map { .real($0) } ?? .null,
        "fvu": value(.fvu).map { .real($0) } ?? .null,
      ]),
    ])
  }

  private static func config(
    _ description: RunDescription, _ condition: RunDescription.Condition, _ findings: Findings, measuresLoss: Bool,
    isSpliced: Bool
  ) -> SortedJSON {
    let types = ["bf16": "bfloat16", "f32": "float32"]
    let batches = findings.measured.batches
    return .object([
      "model_name": .text(description.model.name), "llm_dtype": .text(types[condition.kind] ?? condition.kind),
      "batch_size_prompts": .integer(description.corpus.batchSize),
      "n_eval_reconstruction_batches": .integer(isSpliced ? description.branches?.batches ?? batches : batches),
      "n_eval_sparsity_variance_batches": .integer(batches),
      "dataset": .text(description.corpus.name), "context_size": .integer(description.corpus.chunkLength),
      "compute_kl": .bool(isSpliced), "compute_ce_loss": .bool(measuresLoss), "compute_l2_norms": .bool(true),
      "compute_sparsity_metrics": .bool(true), "compute_variance_metrics": .bool(true),
      "compute_featurewise_density_statistics": .bool(false), "compute_featurewise_weight_based_metrics": .bool(false),
      "exclude_special_tokens_from_reconstruction": .bool(isSpliced), "verbose": .bool(false),
    ])
  }

  private static func autoencoder(_ description: RunDescription) -> SortedJSON {
    guard let sae = description.sae else { return .null }
    var members: [String: SortedJSON] = [
      "architecture": .text(sae.architecture), "model_name": .text(description.model.name),
    ]
    if description.model.layer >= 0 {
      members["hook_layer"] = .integer(description.model.layer)
      members["hook_name"] = .text("blocks.\(description.model.layer).hook_resid_post")
    }
    if description.model.dModel > 0 { members["d_in"] = .integer(description.model.dModel) }
    if sae.featureCount > 0 { members["d_sae"] = .integer(sae.featureCount) }
    return .object(members)
  }

  /// A UUID of version 8 (RFC 9562: made as one likes), from SHA-256 of the run's content hash and the condition's name.
  static func identifier(_ contentSHA256: String, _ condition: String) -> String {
    var bytes = Array(SHA256.hash(data: Data("\(contentSHA256) \(condition)".utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { bytes[$0].hexadecimal }.joined(separator: "-")
  }

  /// Milliseconds since 1970 of an ISO 8601 time, without a zone taken as UTC; 0 for a time that is not recorded.
  static func milliseconds(_ time: String) -> Int {
    let zoned = time.count == 19 ? time + "Z" : time
    guard let date = try? Date(zoned, strategy: .iso8601) else { return 0 }
    return max(0, Int((date.timeIntervalSince1970 * 1000).rounded()))
  }
}

/// How long the reconstruction is against the input, over the tokens of the headline, by SAEBench's definitions.
struct Shrinkage {
  /// Mean ‖x‖.
  var normIn: Double?
  /// Mean ‖x̂‖; ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂.
  var normOut: Double?
  /// Mean ‖x̂‖ ∕ ‖x‖; an ‖x‖ below 0.0001 counts as 1.
  var ratio: Double?
  /// Σ‖x̂‖² ∕ Σ x·x̂: equation 10 of arXiv 2404.16014, formed once over all tokens.
  var bias: Double?

  init(_ run: RunReader, condition: String, _ findings: Findings) throws {
    func column(_ name: String) throws -> [Double]? {
      let key = ColumnKey(condition: condition, experiment: "sae", name: name)
      return run.has(key) ? try run.doubles(key) : nil
    }
    guard let errors = try column("squared_error"), let norms = try column("squared_norm"),
      let dots = try column("dot"),
      let tokens = findings.finding(.mse, condition: condition)?.estimate.tokenCount, tokens > 0
    else { return }
    var (sumIn, sumOut, sumRatio, squared, dot) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for row in 0..<tokens {
      let square = max(0, errors[row] - norms[row] + 2 * dots[row])
      let (length, reconstructed) = (norms[row].squareRoot(), square.squareRoot())
      sumIn += length
      sumOut += reconstructed
      sumRatio += reconstructed / (length < 0.0001 ? 1 : length)
      squared += square
      dot += dots[row]
    }
    let count = Double(tokens)
    (normIn, normOut, ratio) = (sumIn / count, sumOut / count, sumRatio / count)
    bias = dot == 0 ? nil : squared / dot
  }
}
