import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("A condition that is compared with another one than the baseline")
struct ReferenceTests {
  @Test("has its changes, divergence and distances against that one, and the report says so first")
  func against() throws {
    let folder = TemporaryFolder()
    let study = """
      title: References
      models:
        - name: gemma-3-270m
          checkpoint: ${CLEARBOX_CACHE}/gemma-3-270m-q4_k_m.gguf
          layer: 9
          sae: \(Command.root.path)/assets/sae/gemma-3-270m-layer9-8192
      corpus: { path: \(Command.root.path)/assets/corpus/study.jsonl, text: text, source: source }
      packing: { style: article, length: 128, batch: 4 }
      experiments: [accuracy, sae, noise_floor]
      conditions: [bf16, int8, { weights: nf4, reference: int8 }, { weights: { int8: { threshold: 6.0, epilogue: cpu } } }]
      tokens: { headline: 512, snapshots: [] }
      """
    try Data(study.utf8).write(to: URL(fileURLWithPath: folder.file("references.yaml")))
    let run = try Command.run(["run", folder.file("references.yaml"), "--out", folder.file("out")])
    try #require(run.status == 0, "\(run.errors)")
    let reader = try RunReader(folder.file("out/gemma-3-270m.h5"))
    let findings = try Findings(of: reader)
    func loss(_ condition: String) throws -> Double {
      try #require(findings.finding(.crossEntropy, condition: condition)).estimate.value
    }
    let change = try #require(findings.finding(.crossEntropy, condition: "nf4")?.change?.value)
    #expect(abs(change - (try loss("nf4") - (try loss("int8")))) < 1e-12)
    let other = try #require(findings.finding(.crossEntropy, condition: "int8-cpu")?.change?.value)
    #expect(abs(other - (try loss("int8-cpu") - (try loss("bf16")))) < 1e-12)

    for id in findings.numberIDs where id.contains("/nf4/") {
      #expect(try Derivation(of: id, in: reader, findings).agrees, "\(id)")
    }
    let named = try Derivation(of: "layer-9:noise_floor@1/nf4~int8/all", in: reader, findings)
    #expect(named.agrees && named.steps.contains { $0.text.contains("/measurements/int8/sae/squared_norm") })
    #expect(throws: DerivationError.self) { try Derivation(of: "kl@1/nf4~bf16/all", in: reader, findings) }
    #expect(throws: DerivationError.self) { try Derivation(of: "layer-8:kl@1/nf4/all", in: reader, findings) }

    let report = try String(contentsOfFile: folder.file("out/report.md"), encoding: .utf8)
    #expect(report.contains("The study compares **nf4** with **int8**"))
  }
}
