import Foundation
import Measures

@testable import Analysis

/// A made-up run of a baseline b and a condition c with their reruns b′ and c′, in which c differs from b by rounding alone, or by a
/// planted rise of cross-entropy besides: sums by document, and what a report would conclude.
///
/// Documents have log-normal lengths; every token has a log-normal scale s of its rounding (mean 1). With z standard normal and
/// independent for b, b′, c, c′:
///
///     loss             3.7·Exp(1) + σ·s·z      σ so that mean |Δ nll| of run and rerun is 0.051 (b) and 0.236 (c), as measured
///     KL               ½(u − u′)², u = τ·s·z   a squared distance
///     first choice     lost where a gap of 1.5·Exp(1) is smaller than ν·s·z   no squared distance
///     squared error    0.2·Gamma of the document, times 1 + 0.03·z; energy likewise, times 1 + 0.005·z
///     massive tokens   one in 140, of energy 60; one in ten of them under b alone, one in ten under c alone
struct SimulatedReport {
  var documents: [Document] = []

  struct Document {
    var tokens = 0.0, ordinary = 0.0
    var lossB = 0.0, lossC = 0.0
    /// Of c and b, of c and c′, of b and b′.
    var divergences = [0.0, 0.0, 0.0], disagreements = [0.0, 0.0, 0.0]
    var errorB = 0.0, errorC = 0.0, energyB = 0.0, energyC = 0.0
    var ordinaryErrorB = 0.0, ordinaryErrorC = 0.0, ordinaryEnergyB = 0.0, ordinaryEnergyC = 0.0
  }

  /// - Parameter rise: of cross-entropy, as a share of it.
  init(tokens: Int, rise: Double, _ chance: inout Chance) {
    var left = tokens
    while left > 0 {
      let length = min(left, Int((40 + 250 * exp(0.9 * chance.normal())).rounded()))
      left -= length
      documents.append(Document(length: length, rise: rise, &chance))
    }
  }

  /// What the rules conclude of the six primary measures.
  func outcomes(replicates: Int, seed: UInt64) -> [String: Verdict.Outcome] {
    let resamples = Resamples(clusterCount: documents.count, replicates: replicates, seed: seed)
    func column(_ value: (Document) -> Double) -> [Double] { documents.map(value) }
    let columns: [[Double]] = [
      column(\.tokens), column(\.ordinary), column(\.lossB), column(\.lossC),
      column { $0.divergences[0] - ($0.divergences[1] + $0.divergences[2]) / 2 },
      column { $0.disagreements[0] - ($0.disagreements[1] + $0.disagreements[2]) / 2 },
      column(\.errorB), column(\.errorC), column(\.energyB), column(\.energyC),
      column(\.ordinaryErrorB), column(\.ordinaryErrorC), column(\.ordinaryEnergyB), column(\.ordinaryEnergyC),
    ]
    let sums = resamples.sums(of: columns)
    func rows(_ formula: ([Double]) -> Double) -> [Double] {
      (0..<resamples.rowCount).map { row in formula(sums.map { $0[row] }) }
    }
    func change(_ c: Double, _ b: Double) -> Double { 100 * (c - b) / b }
    let statistics: [(name: String, rows: [Double], sizes: [Double], margin: Double)] = [
      ("cross-entropy", rows { change($0[3], $0[2]) }, columns[0], Metric.crossEntropy.margin.size),
      ("KL", rows { $0[4] / $0[0] }, columns[0], Metric.klExcess.margin.size),
      ("first choice", rows { $0[5] / $0[0] }, columns[0], Metric.disagreementExcess.margin.size),
      ("FVU, all", rows { change($0[7] / $0[9], $0[6] / $0[8]) }, columns[9], Metric.fvuArticle.margin.size),
      ("FVU, ordinary", rows { change($0[11] / $0[13], $0[10] / $0[12]) }, columns[13], Metric.fvu.margin.size),
      ("squared error", rows { change($0[11], $0[10]) }, columns[1], Metric.mse.margin.size),
    ]
    let studentized = ResampledStatistic.studentized(
      statistics.map { ResampledStatistic($0.rows, resamples, denominators: $0.sizes) }, under: [resamples])
    let reach = SymmetricStudentized.simultaneous(studentized.compactMap(\.self), level: 0.95)
    return Dictionary(
      uniqueKeysWithValues: zip(statistics, studentized).map { statistic, own in
        var estimate = Estimate(
          value: statistic.rows[resamples.pointRow], tokenCount: 0, clusterCount: documents.count)
        estimate.interval = own?.interval(level: 0.95, reach: reach)
        return (statistic.name, VerdictRules.change(estimate, margin: statistic.margin))
      })
  }
}

extension SimulatedReport.Document {
  fileprivate init(length: Int, rise: Double, _ chance: inout Chance) {
    let (loss, size, harm) = (chance.effect(0.25), chance.effect(0.3), chance.effect(0.4))
    // b, b′, c, c′.
    let (losses, logits, gaps) = ([0.0452, 0.0452, 0.209, 0.209], [0.03, 0.03, 0.13, 0.13], [0.05, 0.05, 0.2, 0.2])
    for _ in 0..<length {
      tokens += 1
      let scale = chance.effect(0.8)
      func noises(_ sizes: [Double], _ chance: inout Chance) -> [Double] { sizes.map { $0 * scale * chance.normal() } }
      let true_ = 3.7 * loss * chance.gamma(1)
      let roundings = noises(losses, &chance)
      lossB += true_ + roundings[0]
      lossC += true_ + rise * 3.7 * loss * harm + roundings[2]
      let u = noises(logits, &chance)
      let gap = 1.5 * chance.gamma(1)
      let isFirst = noises(gaps, &chance).map { gap + $0 > 0 }
      for (index, pair) in [(2, 0), (2, 3), (0, 1)].enumerated() {
        let distance = u[pair.0] - u[pair.1]
        divergences[index] += distance * distance / 2
        disagreements[index] += isFirst[pair.0] == isFirst[pair.1] ? 0 : 1
      }
      let (error, energy) = (0.2 * size * chance.gamma(1), size * chance.gamma(1))
      let errors = (0..<2).map { _ in error * (1 + 0.03 * chance.normal()) }
      let energies = (0..<2).map { _ in energy * (1 + 0.005 * chance.normal()) }
      let massive = chance.uniform() < 1.0 / 140 ? chance.uniform() : 2
      let isMassive = (b: massive < 0.9, c: massive < 0.8 || (0.9...1).contains(massive))
      errorB += errors[0]
      errorC += errors[1]
      energyB += energies[0] + (isMassive.b ? 60 : 0)
      energyC += energies[1] + (isMassive.c ? 60 : 0)
      if isMassive.b || isMassive.c { continue }
      ordinary += 1
      ordinaryErrorB += errors[0]
      ordinaryErrorC += errors[1]
      ordinaryEnergyB += energies[0]
      ordinaryEnergyC += energies[1]
    }
  }
}
