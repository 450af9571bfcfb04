import Analysis
import FabricatedRuns
import Foundation
import Kernels
import Measures
import RunFile
import Testing

@Suite("Verdicts do not depend on the arithmetic")
struct KernelVerdictsTests {
  /// The default study's beginnings of 60 documents, a few dozen tokens each, all measured again.
  private func study(in folder: TemporaryFolder) throws -> String {
    let corpus = try String(
      contentsOf: Command.root.appendingPathComponent("assets/corpus/study.jsonl"), encoding: .utf8)
    var documents: [String] = []
    for line in corpus.split(separator: "\n").prefix(60) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let text = try #require(object["text"] as? String).prefix(160)
      documents.append(String(decoding: try JSONEncoder().encode(["text": String(text)]), as: UTF8.self))
    }
    try put(Data(documents.joined(separator: "\n").utf8), at: folder.file("corpus.jsonl"))
    let text = """
      title: Beginnings
      models:
        - name: gemma-3-270m
          checkpoint: \(try RealModel.path())
          layer: 9
          sae: \(Command.root.path)/assets/sae/gemma-3-270m-layer9-8192
      corpus: { path: corpus.jsonl, text: text }
      packing: { style: article, length: 256, batch: 4 }
      experiments: [accuracy, sae, noise_floor]
      conditions: [bf16, int8, { nf4: { double_quantization: true, compute: bf16 } }]
      tokens: { headline: 2048 }
      reruns: all
      seed: 0
      """
    try put(Data(text.utf8), at: folder.file("study.yaml"))
    return folder.file("study.yaml")
  }

  private struct Measured {
    var findings: Findings
    var contentHash: String
  }

  private func measure(_ study: String, threads: Int, kernels: String? = nil, _ folder: TemporaryFolder) throws
    -> Measured
  {
    let out = folder.file("out-\(threads)-\(kernels ?? "default")")
    let result = try Command.run(
      ["run", study, "--out", out, "--threads", "\(threads)", "--format", "gfm"],
      environment: kernels.map { ["CLEARBOX_KERNELS": $0] } ?? [:])
    try #require(result.status == 0, "\(result.errors)")
    let reader = try RunReader(out + "/gemma-3-270m.h5")
    return Measured(findings: try Findings(of: reader), contentHash: try #require(reader.contentSHA256))
  }

  @Test("One, two and four threads: the same content; other kernels: no two words that exclude each other")
  func kernels() throws {
    let folder = TemporaryFolder()
    let study = try study(in: folder)
    let usual = try measure(study, threads: 2, folder)
    for threads in [1, 4] {
      #expect(try measure(study, threads: threads, folder).contentHash == usual.contentHash, "\(threads) threads")
    }
    let own = try measure(study, threads: 2, kernels: "portable", folder)
    if try KernelChoice.usual() != KernelChoice(.portable) { #expect(own.contentHash != usual.contentHash) }
    let primary = StudyProtocol.primary.compactMap { primary in
      VerdictRules.all.first { rule in
        if case .change(primary.metric, primary.stratum, _) = rule.judgement { true } else { false }
      }?.question
    }
    #expect(primary.count == StudyProtocol.primary.count)
    let words = usual.findings.verdicts.filter { $0.outcome != .notMeasured }
    #expect(words.contains { $0.outcome.direction > 0 }, "a study that is too small for any word shows nothing")
    var changed: [String] = []
    for verdict in words where primary.contains(verdict.question) {
      let other = try #require(own.findings.verdict(verdict.question, condition: verdict.condition))
      #expect(verdict.outcome.isCompatible(with: other), "\(verdict) and \(other) exclude each other")
      if verdict.outcome != other { changed.append("\(verdict) became \(other)") }
    }
    #expect(changed.count <= 2, "\(changed)")
  }
}
