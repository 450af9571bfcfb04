import Analysis
import FabricatedRuns
import RunFile
import Testing

@Suite("Runs that lack something")
struct IncompleteRunTests {
  private let folder = TemporaryFolder()

  private func findings(_ change: (inout FabricatedRun) -> Void) throws -> Findings {
    try smallFindings(in: folder, change)
  }

  @Test("Without an SAE only accuracy is found")
  func onlyAccuracy() throws {
    let findings = try findings { $0.experiments = ["accuracy"] }
    #expect(Set(findings.findings.map(\.metric.experiment)) == ["accuracy"])
    #expect(findings.snapshots == [])
    #expect(findings.cells == [])
    #expect(findings.sources.count == 9)
    #expect(findings.verdict(.fvuOrdinaryChange, condition: "int8") == .notMeasured)
    #expect(findings.verdict(.noiseFloor, condition: "int8") == .notMeasured)
    #expect(findings.verdict(.fvuStable, condition: "bf16") == .notMeasured)
    #expect(findings.verdict(.crossEntropyChange, condition: "nf4") == .undecided)
  }

  @Test("Without accuracy there is no cross-entropy and no source")
  func withoutAccuracy() throws {
    let findings = try findings { $0.experiments = ["sae", "noise_floor"] }
    #expect(findings.finding(.crossEntropy, condition: "bf16") == nil)
    #expect(findings.sources == [])
    #expect(findings.snapshots == [])
    #expect(findings.cells.count == 4)
    #expect(findings.verdict(.crossEntropyChange, condition: "int8") == .notMeasured)
    #expect(findings.finding(.noiseFloor, condition: "nf4", stratum: .ordinary) != nil)
  }

  @Test("Without a noise floor experiment there is no perturbation")
  func withoutNoiseFloor() throws {
    let findings = try findings { $0.experiments = ["accuracy", "sae", "stabilization"] }
    #expect(findings.finding(.perturbation, condition: "nf4") == nil)
    #expect(!findings.snapshots.isEmpty)
  }

  @Test("A noise floor without an SAE has nothing to stand on")
  func noiseFloorAlone() throws {
    let findings = try findings { $0.experiments = ["noise_floor"] }
    #expect(findings.findings == [])
    #expect(findings.verdicts.allSatisfy { $0.outcome == .notMeasured })
  }

  @Test("A stratum without tokens, and a metric without variance, are absent")
  func emptyStratum() throws {
    // Chunks of four tokens: all of them are first positions.
    let findings = try findings {
      $0.chunkLength = 4
      $0.massiveEvery = nil
    }
    #expect(findings.finding(.fvu, condition: "bf16", stratum: .ordinary) == nil)
    #expect(findings.finding(.relativeErrorMedian, condition: "bf16", stratum: .ordinary) == nil)
    #expect(findings.finding(.fvu, condition: "bf16", stratum: .withoutMassive) != nil)
    #expect(findings.verdict(.fvuOrdinaryChange, condition: "int8") == .notMeasured)
  }

  @Test("One chunk gives values without intervals, and no conclusion")
  func oneChunk() throws {
    let findings = try findings { $0.chunkCount = 1 }
    let finding = findings.finding(.crossEntropy, condition: "nf4")
    #expect(finding?.estimate.interval == nil)
    #expect(finding?.estimate.clusterCount == 1)
    #expect(finding?.change?.value != nil)
    #expect(findings.verdict(.crossEntropyChange, condition: "nf4") == .undecided)
    #expect(findings.measured.shortBatch == 1)
  }

  @Test("A rare stratum keeps its value where whole resamples miss it")
  func rareStratum() throws {
    // All tokens are massive but those of one chunk: most resamples of "ordinary" have few tokens, many have none.
    func token(_ number: Int, _ flags: StratumFlags) -> HandRun.Token {
      let x = [Double(number % 5), Double(number % 3) + 1]
      return HandRun.Token(x: x, reconstruction: [x[0], x[1] + 0.5], flags: flags)
    }
    let chunks = (0..<6).map { chunk in
      (0..<4).map { token(chunk * 4 + $0, chunk == 2 ? [] : .massive) }
    }
    let findings = try HandRun(conditions: [chunks]).findings()
    let rare = findings.finding(.mse, condition: "bf16", stratum: .ordinary)?.estimate
    #expect(rare?.value == 0.125)
    #expect(rare?.interval == nil)
    #expect(rare?.clusterCount == 1)
    #expect(rare?.tokenCount == 4)
    #expect(findings.finding(.mse, condition: "bf16")?.estimate.interval != nil)
  }

  @Test("A partial run says so, and snapshots beyond its end stand on what there is")
  func partialRun() throws {
    var run = FabricatedRun()
    run.replicates = 200
    try run.writeParts(to: folder.file("parts"), blocks: 3)
    let findings = try Findings(of: RunReader(partsFolder: folder.file("parts")))
    #expect(findings.isPartial)
    #expect(findings.measured.tokens == 3 * 8 * 64)
    #expect(findings.measured.chunks == 24)
    #expect(findings.snapshots.filter { $0.requestedTokens == 3072 }.allSatisfy { $0.tokens == 1536 })
    #expect(findings.finding(.crossEntropy, condition: "bf16")?.estimate.isIndicative == true)
    #expect(findings.verdict(.crossEntropyChange, condition: "nf4") == .undecided)
  }

  @Test("A run without a baseline, or with two, is refused")
  func baselines() throws {
    var run = FabricatedRun()
    run.chunkCount = 4
    let inProgress = try run.writeParts(to: folder.file("parts"))
    var description = run.description
    description.conditions[0].isBaseline = false
    // Without a baseline the comparing columns would be due for every condition; the writer notices first.
    #expect(throws: RunFileError.self) { try inProgress.assemble(to: folder.file("x.h5"), description: description) }
    run.experiments = []
    let other = try RunInProgress(
      folder: folder.file("other"), description: run.description, columns: run.columns, fingerprint: "f")
    for block in run.blocks() { try other.append(block) }
    description = run.description
    description.conditions[1].isBaseline = true
    try other.assemble(to: folder.file("two.h5"), description: description)
    let error = #expect(throws: AnalysisError.self) { try Findings(of: RunReader(folder.file("two.h5"))) }
    #expect(error == .noBaseline(path: folder.file("two.h5"), count: 2))
  }
}
