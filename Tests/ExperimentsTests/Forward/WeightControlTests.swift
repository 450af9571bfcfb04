import FabricatedRuns
import Foundation
import Kernels
import Testing

@testable import Experiments

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
    #expect(throws: (any Error).self) { try conditions("[bf16, { weight_noise: { of: bf16 } }]") }
    #expect(throws: (any Error).self) { try conditions("[bf16, { weight_noise: { seed: 1 } }]") }
  }
}
