import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

/// What tools/golden/splice.py computed of the tiny checkpoint with an SAE after its first layer.
struct SpliceGolden: Decodable {
  var ids: [Int32]
  var special: [Int32]
  var nll, nll_sae, nll_zero, nll_mean: [Double]
  var kl_sae, kl_zero, kl_mean: [Double]
  var sae_bench, sae_lens: [String: Double]

  init() throws {
    let file = URL(fileURLWithPath: Goldens.path("splice/golden.json"))
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }

  static func autoencoder() throws -> SparseAutoencoderWeights {
    try SparseAutoencoderWeights(path: Goldens.path("splice/sae"))
  }
}

@Suite("The SAE spliced in")
struct SpliceTests {
  private static let f32 = Sweep.Condition(name: "f32", method: Uncompressed(precision: .f32))

  private func blocks(_ conditions: [Sweep.Condition], _ sae: SparseAutoencoderWeights) throws -> [RunBlock] {
    try TinyStudy.blocks(
      TinyStudy.sweep(
        conditions, experiments: [Accuracy(), Splice(sae, .usual())],
        branches: BatchShare(count: 2, total: 3, skipped: 1), ids: SpliceGolden().ids))
  }

  private func values(_ blocks: [RunBlock], _ column: Column, _ condition: String = "f32") -> [Double] {
    blocks.flatMap { $0.columns[column.key(condition)]?.doubles ?? [] }
  }

  @Test("per token as transformers with forward hooks, in float32")
  func transformers() throws {
    let golden = try SpliceGolden()
    let blocks = try blocks([Self.f32], SpliceGolden.autoencoder())
    func expect(_ column: Column, _ expected: [Double], width: Int, within tolerance: Double) {
      let measured = values(blocks, column)
      var (count, worst) = (0, 0.0)
      for row in 0..<450 {
        let (chunk, position) = (row / 150, row % 150)
        let isScored = chunk > 0 && position < 149 && !golden.special.contains(golden.ids[row])
        #expect(measured[row].isNaN != isScored, "\(column.name) \(row)")
        guard isScored else { continue }
        count += 1
        worst = max(worst, abs(measured[row] - expected[(chunk - 1) * width + position]))
      }
      #expect(count > 280 && worst < tolerance, "\(column.name): \(worst)")
    }
    expect(.nllSAE, golden.nll_sae, width: 149, within: 2e-5)
    expect(.nllMean, golden.nll_mean, width: 149, within: 2e-5)
    expect(.nllZero, golden.nll_zero, width: 149, within: 2e-6)
    expect(.klSAE, golden.kl_sae, width: 150, within: 1e-5)
    expect(.klMean, golden.kl_mean, width: 150, within: 1e-5)
    expect(.klZero, golden.kl_zero, width: 150, within: 1e-5)
  }

  @Test("on average as sae-bench's core evaluation and SAELens' own", arguments: ["sae_bench", "sae_lens"])
  func libraries(name: String) throws {
    let golden = try SpliceGolden()
    let theirs = name == "sae_bench" ? golden.sae_bench : golden.sae_lens
    let blocks = try blocks([Self.f32], SpliceGolden.autoencoder())
    func mean(_ column: Column) -> Double {
      let scored = values(blocks, column).filter { !$0.isNaN }
      return scored.reduce(0, +) / Double(scored.count)
    }
    // They take the divergence of a chunk's last token too, which predicts nothing.
    func mean(_ column: Column, _ last: [Double]) -> Double {
      let rest = [149, 299].filter { !golden.special.contains(golden.ids[150 + $0]) }.map { last[$0] }
      let scored = values(blocks, column).filter { !$0.isNaN } + rest
      return scored.reduce(0, +) / Double(scored.count)
    }
    let own = zip(values(blocks, .nll), values(blocks, .nllSAE)).filter { !$1.isNaN }.map(\.0)
    let without = own.reduce(0, +) / Double(own.count)
    let (spliced, zero) = (mean(.nllSAE), mean(.nllZero))
    let (klSpliced, klZero) = (mean(.klSAE, golden.kl_sae), mean(.klZero, golden.kl_zero))
    for (key, value) in [
      ("ce_loss_without_sae", without), ("ce_loss_with_sae", spliced), ("ce_loss_with_ablation", zero),
      ("kl_div_with_sae", klSpliced), ("kl_div_with_ablation", klZero),
      ("ce_loss_score", (zero - spliced) / (zero - without)), ("kl_div_score", (klZero - klSpliced) / klZero),
    ] {
      let other = try #require(theirs[key])
      #expect(abs(value - other) < 1e-5 * max(1, abs(other)), "\(key): \(value), theirs \(other)")
    }
  }

  @Test("an SAE that rebuilds exactly changes no bit, in any condition; special tokens need no SAE")
  func exact() throws {
    let scratch = try ScratchFolder()
    // Features ±x_i: relu(x) − relu(−x) = x, each product with 1, each sum with 0.
    let path = try SyntheticSAE(d: 64, f: 128) { name, index in
      switch name {
      case "W_enc": index % 128 == index / 128 ? 1 : index % 128 == index / 128 + 64 ? -1 : 0
      case "W_dec": index % 64 == index / 64 % 64 ? (index / 64 < 64 ? 1 : -1) : 0
      default: 0
      }
    }.write(in: scratch)
    let blocks = try blocks(TinyStudy.conditions, SparseAutoencoderWeights(path: path))
    for name in TinyStudy.conditions.map(\.name) {
      let (own, spliced) = (values(blocks, .nll, name), values(blocks, .nllSAE, name))
      let scored = spliced.indices.filter { !spliced[$0].isNaN }
      #expect(scored.count > 280 && scored.allSatisfy { own[$0] == spliced[$0] }, "\(name)")
      #expect(values(blocks, .klSAE, name).allSatisfy { $0.isNaN || $0 == 0 }, "\(name)")
    }
  }

  @Test("without biases, zeros stay zeros: every next token is as likely as any other")
  func zeros() throws {
    let blocks = try blocks(TinyStudy.conditions, SpliceGolden.autoencoder())
    let uniform = log(Double(try TinyStudy.checkpoint().configuration.vocabularySize))
    for name in TinyStudy.conditions.map(\.name) {
      #expect(values(blocks, .nllZero, name).allSatisfy { $0.isNaN || abs($0 - uniform) < 1e-6 }, "\(name)")
    }
  }

  @Test("a study without it has nothing of it; one that asks for it without the experiment is refused")
  func study() throws {
    let text = """
      title: t
      models: [{ name: m, checkpoint: c, layer: 0, sae: s }]
      corpus: { path: p }
      conditions: [bf16]
      tokens: { headline: 100 }
      """
    func study(_ more: String) throws -> Study { try StudyFile(text: text + "\n" + more, path: "s.yaml").study }
    let plain = try study("experiments: [accuracy]")
    #expect(!plain.keys.contains { $0.key.hasPrefix("splice") })
    let spliced = try study("experiments: [accuracy, splice]")
    #expect(spliced.splice.tokens == 50_000)
    #expect(spliced.keys.contains { $0.key == "splice.tokens" && $0.value == "50000" })
    #expect(try study("experiments: [accuracy, splice]\nsplice: { tokens: 8192 }").splice.tokens == 8192)
    let refused = message { _ = try study("experiments: [accuracy]\nsplice: { tokens: 8192 }") } ?? ""
    #expect(refused.contains("does not select the experiment 'splice'"), "\(refused)")
  }
}
