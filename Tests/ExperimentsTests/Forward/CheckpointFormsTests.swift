import Foundation
import Kernels
import Testing

@testable import Experiments

/// The bars: in float32 the largest difference is at most 10⁻⁵ of the largest magnitude. In bf16 single roundings fall on the
/// other side: the mean loss within 10⁻³, and neither a single loss nor the residual stream farther from transformers' bf16 than
/// the farthest that bf16 itself moves it from float32.
@Suite("Every form of a Gemma 3 checkpoint computes what transformers computes from it")
struct CheckpointFormsTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test("all golden entries are tested")
  func nothingLeftOut() throws {
    #expect(
      try Set(GoldenForms.shared.get().entries.keys) == Set(GoldenForms.saved + GoldenForms.variants + ["formula"]))
  }

  @Test("a form that save_pretrained wrote", arguments: GoldenForms.saved)
  func saved(name: String) throws {
    let checkpoint = try Gemma3Checkpoint(path: GoldenForms.folder(name, in: scratch))
    #expect(checkpoint.configuration.assumed == [])
    try compare(checkpoint, name, GoldenForms.shared.get().ids)
  }

  @Test("a config.json in another spelling", arguments: GoldenForms.variants)
  func variant(name: String) throws {
    let checkpoint = try Gemma3Checkpoint(path: GoldenForms.folder(name, in: scratch))
    try compare(checkpoint, name, GoldenForms.shared.get().ids)
  }

  @Test("the published sparse configuration with its 262,208 rows, more than the tokenizer has tokens")
  func wideVocabulary() throws {
    let checkpoint = try Gemma3Checkpoint(path: GoldenForms.writeFormula(in: scratch))
    #expect(checkpoint.configuration.vocabularySize == 262_208)
    // The logits compared are those of the last 128 rows, 64 of which no token has.
    try compare(checkpoint, "formula", GoldenForms.shared.get().wide_ids, columns: 262_080..<262_208)
  }

  @Test(
    "stored types",
    arguments: [
      ("text-5", TensorElement.bf16), ("text-4.57", .f32), ("multimodal-5", .f32), ("multimodal-4.57", .f16),
      ("multimodal-4.50", .bf16), ("bare-text-5", .f16),
    ])
  func storedType(name: String, element: TensorElement) throws {
    let checkpoint = try Gemma3Checkpoint(path: GoldenForms.folder(name, in: scratch))
    #expect(checkpoint.summary.types.map(\.element) == [element])
  }

  @Test(
    "a prefix before the tensors' names changes no bit",
    arguments: [
      "language_model.model.", "model.language_model.", "model.language_model.model.", "",
    ])
  func prefix(prefix: String) throws {
    let folder = try scratch.copy("forms/text-5", as: "model")
    var writing = try SafetensorsWriting(copying: folder)
    for index in writing.tensors.indices {
      writing.tensors[index].name = prefix + writing.tensors[index].name.dropFirst("model.".count)
    }
    try scratch.write(writing.file, as: "model/model.safetensors")
    let ids = try GoldenForms.shared.get().ids
    let plain = try TinyForward(
      Gemma3Checkpoint(path: Goldens.path("forms/text-5")), ids: ids, layer: 0, .bf16)
    let renamed = try TinyForward(Gemma3Checkpoint(path: folder), ids: ids, layer: 0, .bf16)
    #expect(plain.logits.map(\.bitPattern) == renamed.logits.map(\.bitPattern))
  }

  private func compare(
    _ checkpoint: Gemma3Checkpoint, _ name: String, _ ids: [Int32], columns: Range<Int>? = nil
  ) throws {
    let entry = try GoldenForms.entry(name)
    #expect(GoldenForms.Dimensions(checkpoint.configuration) == entry.resolved)
    let (d, v) = (checkpoint.configuration.dModel, checkpoint.configuration.vocabularySize)
    let columns = columns ?? 0..<v
    func everyFifth(_ x: [Float]) -> [Float] {
      stride(from: 4, to: ids.count, by: 5).flatMap { x[$0 * d..<($0 + 1) * d] }
    }

    let exact = try TinyForward(checkpoint, ids: ids, layer: entry.layer, .f32)
    let rows = stride(from: 19, to: ids.count, by: 20)
    let logits = largestDifference(
      rows.flatMap { exact.logits[$0 * v + columns.lowerBound..<$0 * v + columns.upperBound] },
      try GoldenForms.values(name + ".logits"))
    let goldenExact = try GoldenForms.values(name + ".residual.f32")
    let residual = largestDifference(everyFifth(exact.residual), goldenExact)
    let goldenLosses = try GoldenForms.values(name + ".nll.f32")
    let loss = worst(exact.losses, goldenLosses)
    #expect(logits <= 1e-5 && residual <= 1e-5, "logits differ by \(logits), the residual stream by \(residual)")
    #expect(loss <= 1e-5, "a loss differs by \(loss)")

    let rounded = try TinyForward(checkpoint, ids: ids, layer: entry.layer, .bf16)
    let golden = try GoldenForms.values(name + ".nll.bf16")
    let mean = zip(rounded.losses, golden).reduce(0.0) { $0 + $1.0 - Double($1.1) } / Double(golden.count)
    let single = worst(rounded.losses, golden)
    let goldenResidual = try GoldenForms.values(name + ".residual.bf16")
    let distance = relativeDistance(everyFifth(rounded.residual), goldenResidual)
    let rounding = relativeDistance(goldenResidual, goldenExact)
    let moved = worst(golden.map(Double.init), goldenLosses)
    // Of these few losses the mean moves by 10⁻³ when each moves by 10⁻²; other instructions sum in another order.
    let mostOfMean = try KernelChoice.usual().bf16 == .portable ? 1e-3 : 2.5e-3
    #expect(
      abs(mean) <= mostOfMean && single <= moved, "the mean loss differs by \(mean), one loss by \(single) of \(moved)")
    #expect(distance <= rounding, "the residual stream differs by \(distance), rounding moves it by \(rounding)")
    print(
      "form \(name): f32 logits \(logits) residual \(residual) loss \(loss); bf16 mean \(mean) worst \(single) of \(moved) residual \(distance) of \(rounding)"
    )
  }

  /// max |a − b| ∕ max |b|
  private func largestDifference(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count, !b.isEmpty else { return .infinity }
    let difference = zip(a, b).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
    return difference / Double(b.map(abs).max() ?? 0)
  }

  private func worst(_ a: [Double], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { abs($0 - Double($1)) }.max() ?? .infinity
  }

  /// ‖a − b‖ ∕ ‖b‖
  private func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return (difference / b.reduce(0.0) { $0 + pow(Double($1), 2) }).squareRoot()
  }
}
