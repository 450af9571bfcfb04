import Measures
import RunFile

extension FindingsComputation {
  /// How tokens, energy, variance and error spread over the four cells, in the baseline.
  func cells() -> [CellShare] {
    guard let vectorSums = sums.baselineVectors[.squaredVectorSum], let counts = sums.baselineCells[.tokens],
      let energies = sums.baselineCells[.squaredNorm], let errors = sums.baselineCells[.squaredError]
    else { return [] }
    let width = sums.dModel
    let tokenTotal = counts.reduce(0, +)
    guard tokenTotal > 0 else { return [] }
    let mean = (0..<width).map { dimension in
      (0..<StratumFlags.cellCount).reduce(0) { $0 + vectorSums[$1 * width + dimension] } / tokenTotal
    }
    let squaredMean = mean.reduce(0) { $0 + $1 * $1 }
    let variances = (0..<StratumFlags.cellCount).map { cell in
      // Σ‖x − x̄‖² = Σ‖x‖² − 2 x̄·Σx + n‖x̄‖²
      var dot = 0.0
      for dimension in 0..<width { dot += mean[dimension] * vectorSums[cell * width + dimension] }
      return energies[cell] - 2 * dot + counts[cell] * squaredMean
    }
    func share(_ values: [Double], _ cell: Int) -> Double {
      let total = values.reduce(0, +)
      return total > 0 ? values[cell] / total : 0
    }
    return CellShare.Cell.allCases.map { cell in
      CellShare(
        cell: cell, tokens: Int(counts[cell.rawValue]), tokenShare: share(counts, cell.rawValue),
        energyShare: share(energies, cell.rawValue), varianceShare: share(variances, cell.rawValue),
        errorShare: share(errors, cell.rawValue))
    }
  }
}
