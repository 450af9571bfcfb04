import FabricatedRuns
import Foundation
import Kernels
import RunFile

@testable import Experiments

/// The tiny checkpoint measured as the command measures a model: from its files to its run file.
struct TinyRun {
  let folder = TemporaryFolder()
  private let scratch: ScratchFolder
  var checkpoint: String
  private let sae: String
  var experiments = ["accuracy", "sae", "noise_floor", "features"]
  var conditions = TinyStudy.conditions.map { Study.Condition($0.method) }
  var chunkLength = 25
  var batchSize = 2
  var tokens = 1000
  var kernels = KernelSelection(named: try? .usual())
  var replaces = false
  var reruns = Study.Reruns(tokens: 0, isCapped: false, seed: 0)
  var splice = Study.Splice()
  /// Paths by conditions' names.
  var conditionCheckpoints: [String: String] = [:]

  init() throws {
    scratch = try ScratchFolder()
    checkpoint = folder.file("checkpoint")
    try FileManager.default.copyItem(atPath: Goldens.path("checkpoint/tiny"), toPath: checkpoint)
    try FileManager.default.copyItem(
      atPath: Goldens.path("tokenizer/small.json"), toPath: checkpoint + "/tokenizer.json")
    // Letters that the tokenizer does not know become bytes, whose ids the tiny vocabulary has.
    let lines = (0..<24).map { document in
      let text = (0..<40).map { String(UnicodeScalar(UInt32(0x1401 + (document * 97 + $0 * 31) % 600))!) }.joined()
      return "{\"text\": \"\(text)\"}\n"
    }
    try put(Data(lines.joined().utf8), at: folder.file("text.jsonl"))
    var draws = Draws(state: 7)
    let numbers = (0..<64 * 96).map { _ in draws.unit() }
    sae = try SyntheticSAE(
      d: 64, f: 96, value: { name, index in name == "b_enc" ? 0.1 : numbers[index % numbers.count] }
    )
    .write(in: scratch)
  }

  var plan: ModelRun.Plan {
    ModelRun.Plan(
      title: "A tiny run", study: "tiny", studyText: "", studyKeys: [], model: "tiny", checkpoint: checkpoint, layer: 0,
      sae: sae,
      corpus: [folder.file("text.jsonl")], textField: "text", order: .file, packing: .article, chunkLength: chunkLength,
      batchSize: batchSize, experiments: experiments, conditions: conditions,
      conditionCheckpoints: conditionCheckpoints, headline: tokens, snapshots: [], counts: [:], firstPositions: 4,
      massiveMultiple: 1.2,
      reruns: reruns, splice: splice, bootstrap: .init(replicates: 10, level: 0.95), seed: 0, fetched: [])
  }

  /// Measures into a file of the folder, and returns what it holds.
  @discardableResult
  func measure(
    _ name: String, threads: Int = 2, blockScale: Int = 1, freeMemory: Int? = nil, profiles: Bool = false,
    _ tell: @escaping (ModelRun.Event) -> Void = { _ in }
  ) throws -> RunReader {
    var run = ModelRun(plan, threads: threads, commit: "unknown", kernels: kernels)
    run.productWindow = 0.001
    run.blockScale = blockScale
    run.replaces = replaces
    if let freeMemory { run.freeMemory = freeMemory }
    try run.measure(to: folder.file(name), profiles: profiles, tell)
    return try RunReader(folder.file(name))
  }
}
