import Analysis
import FabricatedRuns
import Foundation
import HubServer
import RunFile
import Testing

/// studies/gemma-3-qat.yaml from the Hub to the report, on stand-ins that `tools/synthetic/qat.py` makes.
@Suite("The study of training for quantization")
struct QATStudyTests {
  private static let repositories = [
    "models/google/gemma-3-1b-it", "models/google/gemma-3-1b-it-qat-q4_0-unquantized",
    "models/google/gemma-3-1b-it-qat-q4_0-gguf", "models/google/gemma-scope-2-1b-it", "datasets/NeelNanda/pile-10k",
  ]

  @Test("fetch, run and render: three pairs, made and shipped told apart, and equal codes counted")
  func wholeWay() throws {
    let folder = TemporaryFolder()
    let server = try HubServer(
      folders: HubStandIns.make("qat.py", Self.repositories, in: folder))
    let environment = server.environment()
    let study = Command.root.appendingPathComponent("studies/gemma-3-qat.yaml").path

    let listed = try Command.run(["fetch", study, "--dry-run"], environment: environment)
    #expect(listed.output.contains("hf://google/gemma-3-1b-it-qat-q4_0-gguf/gemma-3-1b-it-q4_0.gguf"))
    let missing = try Command.run(
      ["run", study, "--tokens", "2000", "--out", folder.file("o")], environment: environment)
    #expect(missing.status == 2 && missing.errors.contains("clearbox fetch"), "\(missing.errors)")
    let fetched = try Command.run(["fetch", study], environment: environment)
    try #require(fetched.status == 0, "\(fetched.errors)")

    let out = folder.file("out")
    let run = try Command.run(
      ["run", study, "--tokens", "4000", "--out", out], environment: environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
    )
    try #require(run.status == 0, "\(run.errors)")
    let reader = try RunReader(out + "/gemma-3-1b-it.h5")
    let conditions = reader.description.conditions
    #expect(conditions.map(\.name) == ["bf16", "q4_0", "qat", "qat-gguf", "qat-q4_0"])
    #expect(conditions.map(\.origin) == [.made, .made, .shipped, .shipped, .madeOfAnother])
    #expect(conditions.map(\.reference) == [nil, nil, nil, "qat", "qat"])
    let codes = try #require(conditions[3].checkpoint?.equalCodes)
    #expect(codes.map(\.condition) == ["q4_0", "qat-q4_0"])
    // 26 layers of seven matrices, three codes of each changed; every scale is the same.
    #expect(codes[1].codes - codes[1].equal == 26 * 7 * 3 && codes[1].equalScales == codes[1].scales)
    #expect(codes[0].equal < codes[0].codes / 4)
    #expect(conditions[3].checkpoint?.storage == "GGUF: F32 ×157, F16 ×1, Q4_0 ×182")
    #expect(conditions[3].bitsPerCompressedParameter == 4.5 && conditions[4].bitsPerCompressedParameter == 4.5)
    #expect(
      reader.description.fetched?.map(\.role) == [
        "checkpoint", "sae", "checkpoint of qat", "checkpoint of qat-gguf", "checkpoint of qat-q4_0", "corpus",
      ])
    let findings = try Findings(of: reader)
    func divergence(_ condition: String) throws -> Double {
      try #require(findings.finding(.kl, condition: condition)).estimate.value
    }
    // The weights of the stand-in's training are others altogether; its rounding is a little, twice nearly the same.
    #expect(try divergence("qat") > 3 * divergence("qat-gguf"))
    #expect(try abs(divergence("qat-gguf") / divergence("qat-q4_0") - 1) < 0.1)

    let report = try String(contentsOfFile: out + "/report.md", encoding: .utf8)
    #expect(report.contains("qat and qat-gguf are **shipped**"))
    #expect(report.contains("| **qat** (shipped) ") && !report.contains("**bf16** (shipped)"))
    #expect(report.contains("Of the 958,464 codes of **qat-gguf**"), "the count of codes")
    let table = try String(contentsOfFile: out + "/tables/conditions.csv", encoding: .utf8)
    #expect(table.contains("Origin") && table.contains("made of another checkpoint") && table.contains("shipped"))
    let inspected = try Command.run(["inspect", out + "/gemma-3-1b-it.h5"])
    #expect(inspected.output.contains("shipped: gemma-3-1b-it-q4_0.gguf, stored as GGUF: "))
    let verified = try Command.run(["verify", out], environment: environment)
    #expect(verified.status == 0 && verified.output.contains("(condition qat-gguf)"), "\(verified.output)")
  }
}
