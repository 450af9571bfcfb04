import Experiments
import Foundation
import Kernels
import RunFile

extension Group {
  /// The default study's conditions and experiments together, and bf16 alone, in turns.
  func conditions(_ setting: Setting) throws -> GroupResults {
    let study = StudyShape(
      conditions: ["bf16", "int8", "nf4"], experiments: ["accuracy", "sae", "stabilization", "noise_floor"],
      tokens: setting.tokens)
    var (together, alone): ([CommandRun], [CommandRun]) = ([], [])
    var sustained: [Double] = []
    for turn in 0..<setting.repeats {
      alone.append(try setting.measure(.init(tokens: setting.tokens), name: "bf16"))
      sustained.append(try alone[turn].shareOfSustained(window: setting.isSmoke ? 0.001 : 0.5))
      together.append(try setting.measure(study, name: "study"))
      say(
        "   turn \(turn + 1): bf16 alone \(Measure.number(alone[turn].tokensPerSecond)) tokens/s, \(Measure.number(sustained[turn])) of its products' time; three conditions \(Measure.number(together[turn].tokensPerSecond)) tokens/s"
      )
    }
    let means = together.map { run in
      Dictionary(
        uniqueKeysWithValues: run.description.conditions.map { condition in
          (condition.kind, run.seconds { $0.condition == condition.name })
        })
    }
    func ratios(_ kind: String) -> [Double] { means.map { $0["bf16"]! / ($0[kind] ?? .nan) } }
    var results = GroupResults()
    let goals = Goals(setting.peaks)
    results.measures = [
      Measure(
        "bf16 with SAE and all metrics, against the CPU's peak", alone.map { $0.shareOfPeak(setting.peaks) }, "×",
        .atLeast(goals.pass),
        note:
          "time of the pass's multiply-adds at \(setting.peaks.line) ÷ threads × wall time of its blocks; of the instructions for a type the fastest counts"
      ),
      Measure(
        "bf16 with SAE and all metrics, against its matrix products alone", sustained, "×", .atLeast(0.80),
        note:
          "time of the same products back to back on all threads, half a second per shape right after the run ÷ threads × wall time of its blocks, from embedding to the blocks' columns"
      ),
      Measure(
        "the same, against the best tenth of a second of each shape", alone.map(\.shareOfBest), "×",
        note: "on a machine that others share, the luckiest moment"),
      Measure(
        "NF4 against bf16", ratios("nf4"), "×", .atLeast(0.97),
        note:
          "each condition's own thread-seconds within one run of all three; quantizing its weights included, but for the first layer's, which the estimate before the run makes; waiting belongs to no condition"
      ),
      Measure("LLM.int8 against bf16, 270M", ratios("int8"), "×", .atLeast(goals.int8), note: "likewise"),
      Measure(
        "bf16 alone, with SAE", alone.map(\.tokensPerSecond), "tokens/s",
        note: "wall time of the blocks, \(setting.tokens) tokens"),
      Measure(
        "three conditions with SAE, noise floor and KL", together.map(\.tokensPerSecond), "tokens/s",
        note: "each token counted once"),
      Measure(
        "from start to the first block, three conditions", together.map(\.profile.startSeconds), "s", .atMost(2),
        note:
          "reading, hashing, tokenizing, and the estimate of the run, which makes the first layer's weights and computes a chunk per thread"
      ),
      Measure(
        "weights of the other layers", together.map { run in run.seconds(.weights) / Double(run.profile.threads) },
        "s", note: "dequantizing GGUF, quantizing, packing, three conditions: inside the first block, per thread"),
      Measure(
        "peak anonymous memory, three conditions",
        together.compactMap { $0.description.provenance.peakAnonymousBytes }.map { Double($0 >> 20) },
        "MiB", .atMost(1536), note: "sampled twenty times a second"),
    ]
    results.roofline = Roofline(alone[0], together[0])
    return results
  }

  /// The default study with an autoencoder of width 16k.
  func wideSAE(_ setting: Setting) throws -> GroupResults {
    let shape = StudyShape(
      conditions: ["bf16", "int8", "nf4"], experiments: ["accuracy", "sae", "stabilization", "noise_floor"],
      sae: try setting.widenedSAE(features: 16384), tokens: min(8192, setting.tokens))
    let run = try setting.measure(shape, name: "study-16k")
    let share = run.seconds(.saeEncoder, .saeDecoder, .metrics, .headSums) / run.budget
    var results = GroupResults()
    results.measures = [
      Measure(
        "SAE of width 16k and metrics, share of the time", [100 * share], "%", .atMost(12),
        note:
          "encode, sparse decode, experiments, and the head's sums in three conditions; the committed autoencoder widened by features that never fire"
      )
    ]
    return results
  }
}

extension CommandRun {
  /// What all matrix products would take back to back, as a share of threads × wall time: each shape that makes one in a
  /// thousand of them is measured now, for half a second, on all threads.
  func shareOfSustained(window: Double) throws -> Double {
    let total = profile.products.reduce(0) { $0 + Double($1.count) * $1.secondsAtBest }
    let seconds = try profile.products.reduce(0.0) { sum, product in
      guard Double(product.count) * product.secondsAtBest > 0.001 * total,
        let precision = ProductPrecision(rawValue: product.precision)
      else { return sum + Double(product.count) * product.secondsAtBest }
      let shape = ProductShape(precision, rows: product.rows, columns: product.columns, depth: product.depth)
      let one = try ProductPeak.seconds(shape, .usual(), threads: profile.threads, window: window, windows: 1)
      return sum + Double(product.count) * one
    }
    return seconds / budget
  }
}
