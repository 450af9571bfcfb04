import Digests
import Experiments
import FabricatedRuns
import Foundation
import Kernels
import RunFile

extension Setting {
  /// Encodes the study's corpus document by document, on one thread.
  func tokenizerSeconds(passes: Int) throws -> (seconds: [Double], documents: Int, tokens: Int, sha256: String) {
    let tokenizer = try Tokenizer(for: Gemma3Checkpoint(path: model.path))
    let corpus = try Corpus(path: home.appendingPathComponent("assets/corpus/study.jsonl").path)
    var seconds: [Double] = []
    var ids: [[Int32]] = []
    for _ in 0..<passes {
      seconds.append(
        ContinuousClock().measure { ids = corpus.documents.map { tokenizer.encode(utf8: $0.utf8, addBOS: true) } }
          / .seconds(1))
    }
    var hash = SHA256()
    for document in ids { document.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    let digest = hash.finalize().map { String(format: "%02x", $0) }.joined()
    return (seconds, corpus.documents.count, ids.reduce(0) { $0 + $1.count }, digest)
  }
}

extension Group {
  /// `clearbox render` of a fabricated run of 200,000 tokens, by the clock.
  func rendering(_ setting: Setting) throws -> GroupResults {
    let file = setting.scratch.appendingPathComponent("render-200k.h5").path
    try? FileManager.default.removeItem(atPath: file)
    var run = FabricatedRun()
    run.chunkLength = setting.isSmoke ? 64 : 512
    run.chunkCount = setting.isSmoke ? 16 : 392
    run.batchesPerBlock = 4
    run.dModel = 640
    run.documentLength = 100
    run.snapshots = [5000, 20000, 50000, 100_000, 200_000]
    try run.write(to: file)
    let folder = setting.scratch.appendingPathComponent("render")
    _ = try setting.run(setting.clearbox, ["render", file, "--out", folder.path])
    let seconds = try (0..<(setting.isSmoke ? 1 : 5)).map { _ in
      try ContinuousClock().measure { _ = try setting.run(setting.clearbox, ["render", file, "--out", folder.path]) }
        / .seconds(1)
    }
    var results = GroupResults()
    results.measures = [
      Measure(
        "render of a run of 200,704 tokens", seconds, "s", .atMost(1),
        note:
          "three conditions, 640 dimensions: HTML, GitHub Markdown, all figures and tables, intervals resampled; the whole process by the clock"
      )
    ]
    return results
  }

  /// The linear layers of the 4B's shapes, 1 % of their input columns outliers.
  func linears(_ setting: Setting) throws -> GroupResults {
    // Gemma 3 4B: d_model 2560, 8 heads and 4 key-value heads of 256, intermediate size 10240.
    let shapes = [(4096, 2560), (2560, 2048), (20480, 2560), (2560, 10240)]
    var ratios: [Double] = []
    for _ in 0..<setting.repeats {
      let (bf16, int8) = try LinearTimes.seconds(

        shapes: shapes, rows: setting.isSmoke ? 32 : 2048, outlierShare: 0.01, .usual(), threads: setting.threads)
      ratios.append(bf16 / int8)
    }
    var results = GroupResults()
    results.measures = [
      Measure(
        "LLM.int8 against bf16, the 4B's linear layers, 1 % outlier columns", ratios, "×",
        .atLeast(Goals(setting.peaks).int8In4B),
        note: "all linear layers of a decoder layer on random weights, a batch of 2048 tokens per thread, best of three"
      )
    ]
    return results
  }
}
