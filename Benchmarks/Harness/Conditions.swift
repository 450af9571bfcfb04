import Foundation

extension Group {
  /// Each condition alone, with the autoencoder and all metrics, in turns.
  func conditions(_ setting: Setting) throws -> GroupResults {
    var runs: [String: [CommandRun]] = [:]
    for turn in 0..<setting.repeats {
      for condition in ["bf16", "int8", "nf4"] {
        let run = try setting.measure(.init(conditions: [condition], tokens: setting.tokens), name: "condition-\(condition)")
        print("   turn \(turn + 1), \(condition): \(Measure.number(run.tokensPerSecond)) tokens/s, products at best \(Measure.number(100 * run.shareOfBest)) %")
        runs[condition, default: []].append(run)
      }
    }
    func ratios(_ condition: String) -> [Double] {
      zip(runs["bf16"]!, runs[condition]!).map { $0.secondsPerToken / $1.secondsPerToken }
    }
    var results = GroupResults()
    results.measures = [
      Measure(
        "bf16 with SAE and all metrics, against its matrix products alone", runs["bf16"]!.map(\.shareOfBest), "×",
        .atLeast(0.80),
        note: "time of the products at the best rate measured for each shape right after, on all threads ÷ threads × wall time of the blocks"),
      Measure(
        "NF4 against bf16", ratios("nf4"), "×", .atLeast(0.97),
        note: "tokens/s, \(setting.tokens) tokens, quantizing the weights included"),
      Measure(
        "LLM.int8 against bf16, 270M", ratios("int8"), "×", .atLeast(1), note: "tokens/s, quantizing the weights included"),
    ]
    for condition in ["bf16", "int8", "nf4"] {
      results.measures.append(
        Measure(
          "\(condition) alone, with SAE", runs[condition]!.map(\.tokensPerSecond), "tokens/s",
          note: "wall time of the blocks"))
    }
    results.roofline = Roofline(runs["bf16"]![0].profile, runs["int8"]![0].profile)
    return results
  }

  /// The default study's conditions and experiments together.
  func defaultStudy(_ setting: Setting) throws -> GroupResults {
    let all = StudyShape(
      conditions: ["bf16", "int8", "nf4"], experiments: ["accuracy", "sae", "stabilization", "noise_floor"],
      tokens: setting.tokens)
    var wide = all
    wide.sae = try setting.widenedSAE(features: 16384)
    wide.tokens = min(8192, setting.tokens)
    let runs = try (0..<setting.repeats).map { try setting.measure(all, name: "study-\($0)") }
    let wideRun = try setting.measure(wide, name: "study-16k")
    let sae = wideRun.seconds { ["SAE encoder", "SAE decoder", "other metrics"].contains($0.stage) }
    var results = GroupResults()
    results.measures = [
      Measure(
        "three conditions with SAE, noise floor and KL", runs.map(\.tokensPerSecond), "tokens/s",
        note: "each token counted once; \(setting.tokens) tokens"),
      Measure(
        "SAE and metrics, width 16k, share of the time", [100 * sae / wideRun.budget], "%", .atMost(12),
        note: "encode, sparse decode and experiments in three conditions; the 8k autoencoder widened by features that never fire"),
      Measure(
        "from start to the first block", runs.map(\.profile.startSeconds), "s", .atMost(2),
        note: "reading, hashing, tokenizing, first weights, and the estimate of the run, which computes a first batch"),
      Measure(
        "weights of all conditions", runs.map { run in run.seconds { $0.stage == "weights made and packed" } / Double(run.profile.threads) },
        "s", note: "dequantizing GGUF, quantizing, packing: inside the first block, per thread"),
      Measure(
        "peak anonymous memory", runs.compactMap { $0.description.provenance.peakAnonymousBytes }.map { Double($0 >> 20) }, "MiB",
        .atMost(1536), note: "sampled twenty times a second"),
    ]
    return results
  }
}
