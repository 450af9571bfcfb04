import FabricatedRuns
import Foundation
import Kernels
import Testing

@testable import Experiments
@testable import Measures
@testable import RunFile

@Suite("Weight controls")
struct WeightControlTests {
  private func weights() throws -> BF16Weights { try BF16Weights(TinyStudy.checkpoint(), .layer(1, .gateProj)) }

  private func errors(_ changed: BF16Weights, _ original: BF16Weights) -> [Double] {
    (0..<original.count).map { Double(BF16.float(changed.pointer[$0])) - Double(BF16.float(original.pointer[$0])) }
  }

  private func error(of method: some WeightRounding, _ part: BF16Weights) -> [Double] {
    errors(BF16Weights(method.rounded([part], threads: 1)[0], rows: part.rows, columns: part.columns), part)
  }

  private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test("as large as the method's error, the same each time, another for each matrix and seed")
  func size() throws {
    let part = try weights()
    for method: any WeightRounding in [
      FourBitMethod(block: 32, doubleQuantization: true, compute: .bf16), LLMInt8Method(),
    ] {
      let error = error(of: method, part)
      for form in WeightControl.Form.allCases {
        let control = WeightControl(form: form, original: method)
        let own = errors(control.changed([part], threads: 2)[0], part)
        // What is added is rounded to bf16 with the weight.
        let tolerance = method is FourBitMethod ? 0.02 : 0.15
        #expect(abs(norm(own) / norm(error) - 1) < tolerance, "\(control.name): \(norm(own)) of \(norm(error))")
        #expect(own != error)
        #expect(own == errors(control.changed([part], threads: 2)[0], part))
        var other = control
        other.seed = 1
        #expect(own != errors(other.changed([part], threads: 1)[0], part) && other.name == control.name + "-s1")
      }
    }
  }

  @Test("permuted errors are the method's own")
  func permuted() throws {
    let part = try weights()
    let method = FourBitMethod(block: 32, doubleQuantization: false, compute: .bf16)
    let own = errors(WeightControl(form: .permuted, original: method).changed([part], threads: 2)[0], part).sorted()
    let error = error(of: method, part).sorted()
    // Adding and rounding to bf16 moves each by half a unit in the last place of the weight at most.
    let largest = (0..<part.count).map { abs(BF16.float(part.pointer[$0])) }.max() ?? 0
    #expect(zip(own, error).allSatisfy { abs($0 - $1) <= Double(largest) / 256 })
  }

  @Test("noise on activations is as long as what 8-bit codes lose, token by token, and spares outlier columns")
  func activations() throws {
    let workspace = try Workspace(.usual())
    var draws = Draws(state: 5)
    let (rows, k) = (40, 64)
    // One column of outliers.
    let x = (0..<rows * k).map { bf16Bits($0 % k == 7 ? 9 : 3 * draws.unit()) }
    // The identity shows what is multiplied.
    let identity = (0..<k * k).map { bf16Bits($0 / k == $0 % k ? 1 : 0) }
    func noisy(firstToken: Int, _ rows: Range<Int>, places: [Int32]? = nil) throws -> [Float] {
      workspace.firstToken = firstToken
      let linear = try NoisyLinear(
        dense: DenseLinear<BF16>(identity, outputs: k, inputs: k, .usual()),
        noise: TokenNoise(seed: 0, name: "m"), threshold: 6, inputPlaces: places)
      var out = [UInt16](repeating: 0, count: rows.count * k)
      let own = Array(x[rows.lowerBound * k..<rows.upperBound * k])
      try linear.apply(own, rows: rows.count, into: &out, workspace)
      return out.map(BF16.float)
    }
    let all = try noisy(firstToken: 100, 0..<rows)
    for row in 0..<rows {
      let own = x[row * k..<(row + 1) * k].map { BF16.float($0) }
      let largest = own.filter { $0 < 6 }.map(abs).max() ?? 0
      let lost = own.filter { $0 < 6 }.map { value in
        Double((value * 127 / largest).rounded(.toNearestOrEven) * largest / 127 - value)
      }
      let noise = (0..<k).map { Double(all[row * k + $0] - own[$0]) }
      #expect(noise[7] == 0)
      // Sums are rounded to bf16 again.
      #expect(abs(norm(noise) / norm(lost) - 1) < 0.3, "\(norm(noise)), lost \(norm(lost))")
    }
    #expect(try noisy(firstToken: 110, 10..<20) == Array(all[10 * k..<20 * k]))
    // In another order of inputs each keeps its noise.
    let reversed = (0..<Int32(k)).reversed().map { $0 }
    workspace.firstToken = 100
    let linear = try NoisyLinear(
      dense: DenseLinear<BF16>(identity, outputs: k, inputs: k, .usual()),
      noise: TokenNoise(seed: 0, name: "m"), threshold: 6, inputPlaces: reversed)
    var out = [UInt16](repeating: 0, count: k)
    try linear.apply(Array(x[..<k].reversed()), rows: 1, into: &out, workspace)
    #expect(out.reversed().map(BF16.float) == Array(all[..<k]))
  }

  @Test("blocks and threads give the same noise")
  func blocks() throws {
    let conditions: [Sweep.Condition] = [
      .init(name: "bf16", method: Uncompressed(precision: .bf16)),
      .init(name: "int8-noise", method: WeightControl(form: .noise, original: LLMInt8Method())),
    ]
    func losses(batchesPerBlock: Int, threads: Int) throws -> [Float] {
      try TinyStudy.blocks(
        TinyStudy.sweep(conditions, chunkLength: 75, batchesPerBlock: batchesPerBlock, threads: threads)
      ).flatMap { $0.columns[Column.nll.key("int8-noise")]?.float32s ?? [] }
    }
    let own = try losses(batchesPerBlock: 1, threads: 1).map(\.bitPattern)
    #expect(own.count == 450)
    #expect(try own == losses(batchesPerBlock: 3, threads: 2).map(\.bitPattern))
  }

  @Test("a study names one by what it stands for")
  func study() throws {
    let files = try StudyFileTests()
    func conditions(_ text: String) throws -> [Study.Condition] {
      try files.read(StudyFileTests.minimal.replacing("conditions: [bf16]", with: "conditions: \(text)")).study
        .conditions
    }
    let read = try conditions(
      "[bf16, nf4, { weight_noise: { of: nf4 } }, { weight_permuted: { of: { nf4: { block: 32 } }, seed: 3 } }]")
    #expect(read.map(\.name) == ["bf16", "nf4", "nf4-noise", "nf4-b32-permuted-s3"])
    let int8 = try conditions(
      "[bf16, { weight_noise: { of: int8 } }, { weight_noise: { of: int8, activations: false } }, { weight_permuted: { of: int8 } }]"
    )
    #expect(int8.map(\.name) == ["bf16", "int8-noise", "int8-noise-weights", "int8-permuted"])
    #expect(int8.dropFirst().map { $0.label.hasSuffix("(weights alone)") } == [false, true, true])
    #expect(throws: (any Error).self) { try conditions("[bf16, { weight_noise: { of: nf4, activations: false } }]") }
    #expect(throws: (any Error).self) { try conditions("[bf16, { weight_noise: { of: bf16 } }]") }
    #expect(throws: (any Error).self) { try conditions("[bf16, { weight_noise: { seed: 1 } }]") }
  }
}
