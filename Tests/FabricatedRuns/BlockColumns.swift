import Measures
import RunFile

/// A made-up token under one condition.
struct FabricatedToken {
  var x: [Double]
  /// Direction of the reconstruction's error, unit variance per dimension.
  var error: [Double]
  /// ‖x̂ − x‖ ∕ ‖x‖, about.
  var amplitude: Double
  var l0: Int
  var loss: Double
  var kl: Double
  var agrees: Bool
  var isMassive: Bool
  /// In the baseline.
  var flags: StratumFlags
  var isScored: Bool
}

/// Collects one block's columns for all conditions, reruns after the others.
struct BlockColumns {
  private let run: FabricatedRun
  private var conditions: [Condition]
  /// Whether reruns measure the tokens that come.
  var isMeasuredAgain = false
  /// Whether branches go on with them.
  var isBranched = false

  struct Condition {
    var nll: [Float] = []
    var kl: [Float] = []
    var agreement: [UInt8] = []
    var squaredError: [Double] = []
    var squaredNorm: [Double] = []
    var sum: [Double] = []
    var dot: [Double] = []
    var l0: [Int32] = []
    var massive: [UInt8] = []
    var vectorSum: [Double] = []
    var pairShift: [Double] = []
    var pairShiftReference: [Double] = []
    var squaredPerturbation: [Double] = []
    /// By column of `Measure.splice`.
    var branches = [[Float]](repeating: [], count: Measure.splice.columns.count)
  }

  init(run: FabricatedRun) {
    self.run = run
    let count = run.effects.count + 1
    conditions = [Condition](repeating: Condition(), count: run.rerunBatches > 0 ? 2 * count : count)
  }

  private func isRerun(_ condition: Int) -> Bool { condition > run.effects.count }

  mutating func startSegment() {
    for index in conditions.indices {
      let isMeasured = !isRerun(index) || isMeasuredAgain
      let row = [Double](repeating: isMeasured ? 0 : .nan, count: StratumFlags.cellCount * run.dModel)
      conditions[index].vectorSum += row
      conditions[index].pairShift += row
      conditions[index].pairShiftReference += row
    }
  }

  /// - Parameter reference: the token under the condition that this one is compared with; nil for the baseline.
  mutating func add(_ token: FabricatedToken, condition: Int, against reference: FabricatedToken?) {
    if isRerun(condition), !isMeasuredAgain {
      conditions[condition].addNothing()
      return
    }
    let x = token.x
    var squaredNorm = 0.0
    for value in x { squaredNorm += value * value }
    let step = token.amplitude * (squaredNorm / Double(run.dModel)).squareRoot()
    var (squaredError, sum, dot, squaredPerturbation) = (0.0, 0.0, 0.0, 0.0)
    let row = conditions[condition].vectorSum.count - StratumFlags.cellCount * run.dModel
    let cell = token.flags.cell
    let isMassive = token.isMassive || reference?.isMassive ?? false
    let pair = cell & 1 + (isMassive ? 2 : 0)
    for dimension in x.indices {
      let reconstructed = x[dimension] + step * token.error[dimension]
      let miss = x[dimension] - reconstructed
      squaredError += miss * miss
      sum += x[dimension]
      dot += x[dimension] * reconstructed
      let other = reference?.x[dimension] ?? x[dimension]
      let moved = x[dimension] - other
      squaredPerturbation += moved * moved
      conditions[condition].vectorSum[row + cell * run.dModel + dimension] += x[dimension]
      if pair != cell {
        for (place, sign) in [(pair, 1.0), (cell, -1.0)] {
          conditions[condition].pairShift[row + place * run.dModel + dimension] += sign * x[dimension]
          conditions[condition].pairShiftReference[row + place * run.dModel + dimension] += sign * other
        }
      }
    }
    conditions[condition].nll.append(token.isScored ? Float(max(token.loss, 0)) : .nan)
    conditions[condition].kl.append(token.isScored ? Float(token.kl) : .nan)
    conditions[condition].agreement.append(token.isScored ? (token.agrees ? 1 : 0) : 255)
    conditions[condition].squaredError.append(squaredError)
    conditions[condition].squaredNorm.append(squaredNorm)
    conditions[condition].sum.append(sum)
    conditions[condition].dot.append(dot)
    conditions[condition].l0.append(Int32(token.l0))
    conditions[condition].massive.append(token.isMassive ? 1 : 0)
    conditions[condition].squaredPerturbation.append(squaredPerturbation)
    let loss = Float(max(token.loss, 0))
    let branched: [Float] = [
      loss * 1.05 + 0.1, 0.1 + loss / 20, loss / 10 + 8, loss / 8 + 3, loss / 2 + 4, loss / 5 + 2,
    ]
    for (column, value) in branched.enumerated() {
      conditions[condition].branches[column].append(token.isScored && isBranched ? value : .nan)
    }
  }

  func finished() -> [ColumnKey: ColumnValues] {
    var columns: [ColumnKey: ColumnValues] = [:]
    let names = ["bf16"] + run.effects.map(\.name)
    for (index, name) in (names + names.map { $0 + "-rerun" }).prefix(conditions.count).enumerated() {
      func put(_ column: Column, _ values: ColumnValues) {
        guard run.experiments.contains(column.experiment), index > 0 || !column.isComparison else { return }
        columns[column.key(name)] = values
      }
      let condition = conditions[index]
      put(.nll, .float32(condition.nll))
      if index == 0 { put(.entropy, .float32(condition.nll.map { 0.25 + 0.75 * $0 })) }
      put(.kl, .float32(condition.kl))
      put(.top1Agreement, .uint8(condition.agreement))
      put(.squaredError, .float64(condition.squaredError))
      put(.squaredNorm, .float64(condition.squaredNorm))
      put(.sum, .float64(condition.sum))
      put(.dot, .float64(condition.dot))
      put(.l0, .int32(condition.l0))
      put(.massive, .uint8(condition.massive))
      put(.vectorSum, .float64(condition.vectorSum))
      put(.pairShift, .float64(condition.pairShift))
      put(.pairShiftReference, .float64(condition.pairShiftReference))
      put(.squaredPerturbation, .float64(condition.squaredPerturbation))
      if isRerun(index) { continue }
      for (column, values) in zip(Measure.splice.columns, condition.branches) { put(column, .float32(values)) }
    }
    return columns
  }
}

extension BlockColumns.Condition {
  fileprivate mutating func addNothing() {
    nll.append(.nan)
    kl.append(.nan)
    agreement.append(255)
    squaredError.append(.nan)
    squaredNorm.append(.nan)
    sum.append(.nan)
    dot.append(.nan)
    l0.append(-1)
    massive.append(255)
    squaredPerturbation.append(.nan)
  }
}
