import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@Suite("Metrics on paper")
struct MetricTests {
  private func value(_ findings: Findings, _ metric: Metric, _ condition: String = "bf16", _ stratum: Stratum = .all)
    -> Double?
  {
    findings.finding(metric, condition: condition, stratum: stratum)?.estimate.value
  }

  /// The example that SAELens' explained variance is argued with: total variance 5 per token, residual 1.
  private static let two = [
    HandRun.Token(x: [2, 0], reconstruction: [2, 1]), HandRun.Token(x: [0, 4], reconstruction: [0, 3]),
  ]

  @Test("x = [[2,0],[0,4]], x̂ = [[2,1],[0,3]]: textbook FVU 0.2, the article's 2/11")
  func twoTokens() throws {
    let findings = try HandRun(conditions: [[Self.two]]).findings()
    // Mean vector (1, 2): deviations (1,−2), (−1,2), sum of squares 10; errors (0,−1), (0,1), sum of squares 2.
    #expect(value(findings, .fvu) == 0.2)
    // Scalar mean 6/4: Σx² − 6²/4 = 20 − 9.
    #expect(abs(value(findings, .fvuArticle)! - 2.0 / 11) < 1e-15)
    #expect(value(findings, .mse) == 0.5)
    #expect(abs(value(findings, .relativeResidual)! - 0.1.squareRoot()) < 1e-15)
    // ‖x − x̂‖²∕‖x‖²: 1/4 and 1/16; the median of two is their mean.
    #expect(value(findings, .relativeErrorMedian) == (0.25 + 0.0625) / 2)
    // cos: 4/(2√5) and 12/(4·3) = 1.
    #expect(abs(value(findings, .cosine)! - (2 / 5.0.squareRoot() + 1) / 2) < 1e-15)
    #expect(value(findings, .l0) == 1.5)
  }

  @Test("Always answering the mean vector has a textbook FVU of one")
  func meanReconstruction() throws {
    let xs: [[Double]] = [[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8], [9, 7, 9], [3, 2, 3]]
    let mean = (0..<3).map { d in xs.reduce(0) { $0 + $1[d] } / 6 }
    let tokens = xs.map { HandRun.Token(x: $0, reconstruction: mean) }
    let findings = try HandRun(conditions: [[Array(tokens[..<3]), Array(tokens[3...])]]).findings()
    #expect(abs(value(findings, .fvu)! - 1) < 1e-14)
    #expect(value(findings, .fvuArticle)! < 1)
  }

  @Test("A perfect reconstruction has FVU 0 in both forms, with interval [0, 0]")
  func perfectReconstruction() throws {
    let chunks = [[[1.0, 2], [3, 5]], [[8, 13], [21, 34]]].map { $0.map { HandRun.Token(x: $0, reconstruction: $0) } }
    let findings = try HandRun(conditions: [chunks]).findings()
    for metric in [Metric.fvu, .fvuArticle, .mse, .relativeResidual, .relativeErrorMedian] {
      #expect(findings.finding(metric, condition: "bf16")?.estimate.value == 0)
      #expect(
        findings.finding(metric, condition: "bf16")?.estimate.interval == Interval(low: 0, high: 0, level: 0.95))
    }
    #expect(abs(value(findings, .cosine)! - 1) < 1e-15)
  }

  @Test("The textbook's FVU is never below the article's", arguments: UInt64(1)...8)
  func textbookIsNotBelowArticle(seed: UInt64) throws {
    var run = FabricatedRun()
    run.seed = seed
    run.chunkCount = 12
    run.replicates = 0
    let folder = TemporaryFolder()
    try run.write(to: folder.file("run.h5"))
    let findings = try Findings(of: RunReader(folder.file("run.h5")))
    for condition in ["bf16", "int8", "nf4"] {
      for stratum in Stratum.allCases {
        let (textbook, article) = (
          value(findings, .fvu, condition, stratum)!, value(findings, .fvuArticle, condition, stratum)!
        )
        #expect(textbook >= article, "\(condition), \(stratum)")
      }
    }
  }

  @Test("Strata leave out first positions, massive tokens, or both")
  func strata() throws {
    let tokens = [
      HandRun.Token(x: [1, 0], reconstruction: [0, 0]),
      HandRun.Token(x: [0, 2], reconstruction: [0, 0], flags: .first),
      HandRun.Token(x: [4, 0], reconstruction: [0, 0], flags: .massive),
      HandRun.Token(x: [0, 8], reconstruction: [0, 0], flags: [.first, .massive]),
    ]
    let findings = try HandRun(conditions: [[tokens, tokens]]).findings()
    // MSE is ‖x‖² (1, 4, 16, 64) summed over the stratum's tokens, over N·D.
    #expect(value(findings, .mse, "bf16", .all) == 85.0 / 8)
    #expect(value(findings, .mse, "bf16", .withoutFirst) == 17.0 / 4)
    #expect(value(findings, .mse, "bf16", .withoutMassive) == 5.0 / 4)
    #expect(value(findings, .mse, "bf16", .ordinary) == 0.5)
    #expect(findings.cells.map(\.tokens) == [2, 2, 2, 2])
    let energies: [Double] = [1, 4, 16, 64].map { $0 / 85 }
    #expect(findings.cells.map(\.energyShare) == energies)
    #expect(findings.cells.map(\.errorShare) == findings.cells.map(\.energyShare))
    // x̄ = (5/4, 10/4): squared distances 6.3125, 1.8125, 13.8125, 31.8125, of 53.75.
    let variances: [Double] = [6.3125, 1.8125, 13.8125, 31.8125].map { $0 / 53.75 }
    for (cell, expected) in zip(findings.cells, variances) { #expect(abs(cell.varianceShare - expected) < 1e-15) }
  }

  @Test("Accuracy: NaN and 255 mark what is not scored; perplexity is exp of cross-entropy")
  func accuracy() throws {
    func chunk(_ nll: [Float], _ agreement: [UInt8]) -> [HandRun.Token] {
      zip(nll, agreement).map { HandRun.Token(x: [1, 2], reconstruction: [1, 1], nll: $0, agreement: $1) }
    }
    let findings = try HandRun(conditions: [
      [chunk([1, 2, .nan], [255, 255, 255]), chunk([3, 4, .nan], [255, 255, 255])],
      [chunk([1, 3, .nan], [1, 0, 255]), chunk([3, 4, .nan], [1, 1, 255])],
    ]).findings()
    #expect(value(findings, .crossEntropy) == 2.5)
    #expect(value(findings, .perplexity) == exp(2.5))
    #expect(value(findings, .crossEntropy, "int8") == 2.75)
    #expect(value(findings, .kl, "int8") == 0.5)
    #expect(value(findings, .top1Agreement, "int8") == 0.75)
    let finding = findings.finding(.crossEntropy, condition: "int8")
    #expect(finding?.change?.value == 0.25)
    #expect(finding?.percentChange?.value == 10)
    #expect(finding?.estimate.tokenCount == 4)
    #expect(findings.finding(.kl, condition: "bf16") == nil)
    #expect(findings.finding(.kl, condition: "int8")?.change == nil)
    #expect(findings.measured.predictions == 4)
  }

  @Test("Predictions are counted by what was scored, not by the length of chunks")
  func predictionsScored() throws {
    func chunk(_ nll: [Float]) -> [HandRun.Token] {
      nll.map { HandRun.Token(x: [1, 2], reconstruction: [1, 1], nll: $0) }
    }
    let half = try HandRun(conditions: [[chunk([.nan, .nan, 1, .nan]), chunk([.nan, .nan, 4, .nan])]]).findings()
    #expect(half.measured.predictions == 2 && half.measured.tokens == 8)
    #expect(value(half, .crossEntropy) == 2.5)
    var silent = HandRun(conditions: [[chunk([1, .nan])]])
    silent.experiments = ["sae"]
    #expect(try silent.findings().measured.predictions == 0)
  }

  @Test("The noise floor has two denominators")
  func noiseFloor() throws {
    let base = [HandRun.Token(x: [3, 4], reconstruction: [3, 3]), HandRun.Token(x: [0, 5], reconstruction: [0, 5])]
    let moved = [
      HandRun.Token(x: [3, 5], reconstruction: [3, 5]), HandRun.Token(x: [0, 3], reconstruction: [2, 3]),
    ]
    let findings = try HandRun(conditions: [[base], [moved]]).findings()
    // Moved by 1 and 2: Σ = 5, of 50. Baseline residual: 1 of 50. Condition residual: 4 of 43.
    #expect(abs(value(findings, .perturbation, "int8")! - (5.0 / 50).squareRoot()) < 1e-15)
    #expect(abs(value(findings, .noiseFloor, "int8")! - 5.0.squareRoot()) < 1e-14)
    let article = (5.0 / 50).squareRoot() / (4.0 / 43).squareRoot()
    #expect(abs(value(findings, .noiseFloorArticle, "int8")! - article) < 1e-14)
  }

  @Test("A number that cannot be is an error that names the column and row")
  func impossibleNumbers() throws {
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    var bad = Self.two
    bad[1].x[0] = .infinity
    try HandRun(conditions: [[bad]]).write(to: path)
    let error = #expect(throws: AnalysisError.self) { try Findings(of: RunReader(path)) }
    #expect(error?.description.contains("/measurements/bf16/sae/squared_error: row 1 is inf") == true)

    let second = folder.file("second.h5")
    var infinite = Self.two
    infinite[0].nll = .infinity
    try HandRun(conditions: [[infinite]]).write(to: second)
    let other = #expect(throws: AnalysisError.self) { try Findings(of: RunReader(second)) }
    #expect(other?.description.contains("/measurements/bf16/accuracy/nll: row 0 is inf") == true)

    let third = folder.file("third.h5")
    var odd = Self.two
    odd[0].agreement = 7
    try HandRun(conditions: [[Self.two], [odd]]).write(to: third)
    let last = #expect(throws: AnalysisError.self) { try Findings(of: RunReader(third)) }
    #expect(last?.description.contains("top1_agreement: row 0 is 7, where 0, 1 or 255 is expected") == true)
  }

  @Test("Metric ids are unique and carry a version")
  func ids() {
    let ids = Metric.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z0-9_]+@[0-9]+/) != nil })
    #expect(Metric.all.allSatisfy { !$0.formula.isEmpty && !$0.explanation.isEmpty && !$0.unit.isEmpty })
  }
}
