import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

@Suite("Conditions that are made of the baseline's weights")
struct MadeConditionsTests {
  private static let methods = CompressionMethods.all.compactMap { $0 as? any WeightRounding }

  @Test("a study names each, with its options")
  func study() throws {
    let files = try StudyFileTests()
    func conditions(_ text: String) throws -> [Study.Condition] {
      try files.read(StudyFileTests.minimal.replacing("conditions: [bf16]", with: "conditions: \(text)")).study
        .conditions
    }
    let read = try conditions(
      """
      [bf16, rtn, { rtn: { bits: 3, group: 64 } }, { rtn: { symmetric: false } }, hqq, { hqq: { bits: 2, group: 128 } }, \
      { fp4: { double_quantization: true } }, fp8, nvfp4, mxfp4, q8_0, q6_k, q5_k, q4_k, q4_0, q3_k, q2_k, \
      { weight_noise: { of: { rtn: { bits: 2 } } } }]
      """)
    #expect(
      read.map(\.name) == [
        "bf16", "rtn4-g128", "rtn3-g64", "rtn4-g128-asym", "hqq4-g64", "hqq2-g128", "fp4-dq", "fp8", "nvfp4", "mxfp4",
        "q8_0",
        "q6_k", "q5_k", "q4_k", "q4_0", "q3_k", "q2_k", "rtn2-g128-noise",
      ])
    for wrong in [
      "{ rtn: { bits: 9 } }", "{ rtn: { group: 16 } }", "{ hqq: { bits: 7 } }", "{ fp8: { bits: 8 } }", "{ q4_k: { } }",
    ] {
      #expect(throws: (any Error).self, "\(wrong)") { try conditions("[bf16, \(wrong)]") }
    }
  }

  @Test("one run of all of them, again in another order of summation, and what it says of each")
  func run() throws {
    var tiny = try TinyRun()
    tiny.experiments = ["accuracy"]
    tiny.conditions = [.init(Uncompressed(precision: .bf16))] + Self.methods.map { Study.Condition($0) }
    tiny.reruns = .init(tokens: nil, isCapped: false, seed: 1)
    let run = try tiny.measure("run.h5")
    let described = Dictionary(uniqueKeysWithValues: run.description.conditions.map { ($0.name, $0) })
    // Rows are 64, 96 and 128 wide.
    #expect(described["q4_k"]?.label == "GGUF Q4_K (Q5_0 ×14)")
    #expect(described["q4_k"]?.parameters == [.init(key: "types", value: "Q5_0 ×14")])
    #expect(described["q4_k"]?.bitsPerCompressedParameter == 5.5 && described["q4_0"]?.parameters == [])
    #expect(described["mxfp4"]?.bitsPerCompressedParameter == 4.25)
    // Each condition's loss is its rerun's but for the order of summation.
    for condition in run.description.conditions.dropFirst() {
      let rerun = RunDescription.Condition.rerunName(of: condition.name)
      let (own, again) = (try run.mean(of: condition.name), try run.mean(of: rerun))
      #expect(own.isFinite && abs(own - again) < 0.02, "\(condition.name): \(own), \(again)")
      #expect(condition.onGridShare == nil, "\(condition.name)")
    }
  }

  @Test("controls are as large as each method's error, over all matrices of a layer")
  func controls() throws {
    let checkpoint = try TinyStudy.checkpoint()
    let parts = try [Gemma3LayerTensor.qProj, .kProj, .vProj].map { try BF16Weights(checkpoint, .layer(1, $0)) }
    func size(_ values: (Int, Int) -> UInt16) -> Double {
      parts.indices.reduce(0) { sum, part in
        (0..<parts[part].count).reduce(sum) {
          let change = Double(BF16.float(values(part, $1))) - Double(BF16.float(parts[part].pointer[$1]))
          return $0 + change * change
        }
      }.squareRoot()
    }
    for method in Self.methods {
      let made = method.rounded(parts, threads: 1)
      for form in WeightControl.Form.allCases {
        let changed = WeightControl(form: form, original: method).changed(parts, threads: 1)
        let ratio = size { changed[$0].pointer[$1] } / size { made[$0][$1] }
        #expect(abs(ratio - 1) < 0.15, "\(method.name), \(form): \(ratio)")
      }
    }
  }
}

extension RunReader {
  /// Mean loss of a condition.
  fileprivate func mean(of condition: String) throws -> Double {
    let values = try doubles(Column.nll.key(condition)).filter { !$0.isNaN }
    return values.reduce(0, +) / Double(values.count)
  }
}
