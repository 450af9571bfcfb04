import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

/// The same two models and the same text through `llama-perplexity --kl-divergence` and through the sweep: the checkpoint's
/// weights, and what NF4 gives back of them in bf16, both computed in float32 (tools/golden/llama_cpp.py).
@Suite("Percentiles of the divergence and of the change of a token's probability are those that llama.cpp prints")
struct LlamaComparisonTests {
  struct Golden: Decodable {
    var documents: Int
    var context: Int
    var chunks: Int
    var ids_sha256: String
    var printed: [String: Double]
  }

  /// NF4's weights, dequantized to bf16, in a float32 model.
  struct RoundedNF4: CompressionMethod {
    let kind = "nf4"
    let name = "nf4"
    let label = "NF4 in float32"
    let parameters: [RunDescription.Parameter] = []
    var linears: LinearMaker {
      .f32 { parts, _, kernels, _ in
        let weights = parts.flatMap { part in
          [UInt16](unsafeUninitializedCapacity: part.count) { out, count in
            if let base = out.baseAddress {
              withExtendedLifetime(part) {
                FourBitWeights(
                  quantizing: part.pointer, rows: part.rows, columns: part.columns, levels: .nf4, blockSize: 64,
                  doubleQuantization: false
                ).dequantize(into: base)
              }
            }
            count = part.count
          }
        }
        return try DenseLinear<F32>(
          weights, outputs: parts.reduce(0) { $0 + $1.rows }, inputs: parts[0].columns, kernels)
      }
    }
    func with(_ options: StudyNode) throws -> RoundedNF4 { self }
    func bits(rows: Int, columns: Int) -> Double { 4.5 * Double(rows * columns) }
    func residentBytes(parameters: Int) -> Int { 4 * parameters }
  }

  /// Per token, where a prediction is scored.
  struct Measured {
    var kl: [Double] = []
    /// p_c − p_b of the next token.
    var change: [Double] = []
    var agreement: [Double] = []
  }

  @Test("ten contexts of 512 tokens")
  func tenContexts() throws {
    let golden = try JSONDecoder().decode(Golden.self, from: RealModel.golden("llama_cpp.json"))
    let measured = try measure(golden)
    #expect(measured.kl.count == golden.chunks * (golden.context / 2 - 1))
    // llama.cpp keeps the base model's log-probabilities in steps of at most 16 ∕ 65535: each is off by half a step, and a
    // probability by no more. What lies below e⁻¹⁶ it leaves out: up to 0.33 % of a distribution here.
    let halfStep = 16.0 / 65535 / 2
    let tail = 1e-3
    var worst: [String: Double] = [:]
    func check(_ label: String, _ own: Double, within tolerance: Double) throws {
      let printed = try #require(golden.printed[label], "llama.cpp printed no \(label)")
      worst[label] = own - printed
      #expect(abs(own - printed) <= tolerance, "\(label): \(own), llama.cpp printed \(printed)")
    }
    let (kl, change) = (measured.kl.sorted(), measured.change.sorted())
    try check("Mean KLD", kl.mean, within: halfStep)
    try check("Median KLD", percentile(50, of: kl), within: halfStep + tail)
    for share in ["99.9", "99.0", "95.0", "90.0", "10.0", "5.0", "1.0", "0.1"] {
      let own = percentile(Double(share) ?? .nan, of: kl)
      try check("\(share)% KLD", own, within: halfStep + min(tail, own / 50))
    }
    try check("Maximum KLD", kl.last ?? .nan, within: halfStep + tail)
    try check("Minimum KLD", kl.first ?? .nan, within: halfStep)
    // Printed in percent with three decimals.
    let tolerance = 100 * halfStep + 0.0005
    try check("Mean Δp", 100 * change.mean, within: tolerance)
    try check("RMS Δp", 100 * change.map { $0 * $0 }.mean.squareRoot(), within: tolerance)
    try check("Median Δp", 100 * percentile(50, of: change), within: tolerance)
    for share in ["99.9", "99.0", "95.0", "90.0", "75.0", "25.0", "10.0", "5.0", "1.0", "0.1"] {
      try check("\(share)% Δp", 100 * percentile(Double(share) ?? .nan, of: change), within: tolerance)
    }
    try check("Maximum Δp", 100 * (change.last ?? .nan), within: tolerance)
    try check("Minimum Δp", 100 * (change.first ?? .nan), within: tolerance)
    // Logits within half a step of one another may change places.
    try check("Same top p", 100 * measured.agreement.mean, within: 100 * 3 / Double(measured.agreement.count))
    for (label, difference) in worst.sorted(by: { $0.key < $1.key }) { print("llama.cpp \(label): \(difference)") }
  }

  /// As llama.cpp and numpy have it: between the two values around share·(n − 1).
  private func percentile(_ percent: Double, of sorted: [Double]) -> Double {
    let place = percent / 100 * Double(sorted.count - 1)
    let lower = Int(place)
    return sorted[lower] + (place - Double(lower)) * (sorted[min(lower + 1, sorted.count - 1)] - sorted[lower])
  }

  private func measure(_ golden: Golden) throws -> Measured {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let lines = try String(contentsOf: root.appendingPathComponent("assets/corpus/study.jsonl"), encoding: .utf8)
      .split(separator: "\n").prefix(golden.documents).joined(separator: "\n")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-llama-\(getpid()).jsonl")
    try lines.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    let tokenizer = try Tokenizer(for: checkpoint)
    let packed = try PackedCorpus(
      Corpus(path: file.path, textField: "text", sourceField: "source"), tokenizer: tokenizer, order: .file,
      style: .llamaCpp, chunkLength: golden.context, batchSize: 2, target: golden.context * golden.chunks)
    try #require(packed.sha256 == golden.ids_sha256, "llama.cpp's tokenizer makes other ids of the text")
    let sweep = try Sweep(
      [checkpoint], corpus: packed, bos: tokenizer.bos,
      conditions: [
        .init(name: "f32", method: Uncompressed(precision: .f32)), .init(name: "nf4", method: RoundedNF4()),
      ],
      experiments: [Accuracy()],
      plan: .init(
        layer: 9, firstPositions: 4, massiveMultiple: 5, batchesPerBlock: 5,
        threads: ProcessInfo.processInfo.activeProcessorCount, kernels: .usual(), keepsWeights: true))
    var measured = Measured()
    try sweep.run { block, _ in
      func floats(_ condition: String, _ column: Column) -> [Double] {
        block.columns[column.key(condition)]?.doubles ?? []
      }
      let (base, own) = (floats("f32", .nll), floats("nf4", .nll))
      let (kl, agreement) = (floats("nf4", .kl), floats("nf4", .top1Agreement))
      for row in base.indices where !base[row].isNaN {
        measured.kl.append(kl[row])
        measured.change.append(exp(-own[row]) - exp(-base[row]))
        measured.agreement.append(agreement[row])
      }
    }
    return measured
  }
}
