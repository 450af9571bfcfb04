import Kernels
import RunFile

/// How much of a checkpoint's linear layers lies on a method's grid already: rounding those weights again costs next to nothing,
/// which says nothing of the method.
struct Grid {
  /// Weights whose rounding by the method moves them no farther than rounding to bf16 could.
  var share = 0.0
  /// Weights that the file stores in the very format that the method gives them.
  var storedAlikeShare = 0.0

  /// Rows of each matrix that are looked at, in stretches of neighbours spread evenly: methods may scale blocks across rows.
  private static let rows = 32
  private static let stretch = 8

  init(of method: any WeightRounding, in checkpoint: Gemma3Checkpoint, threads: Int) throws {
    let tensors = Gemma3Tensor.all(layerCount: checkpoint.configuration.layerCount).filter(\.isLinear)
    let found = try mapTasks(tensors.count, threads: threads) { index in
      let stored = try checkpoint.storedTensor(tensors[index])
      let type = (method as? GGUFMethod).map { GGUFMethod.stored($0.type, columns: stored.columns) }
      return (
        count: Double(stored.count), isOn: Self.holds(try Self.sample(checkpoint, tensors[index]), of: method),
        isAlike: stored.element == type
      )
    }
    let all = found.reduce(0) { $0 + $1.count }
    share = found.reduce(0) { $0 + ($1.isOn ? $1.count : 0) } / all
    storedAlikeShare = found.reduce(0) { $0 + ($1.isAlike ? $1.count : 0) } / all
  }

  private static func sample(_ checkpoint: Gemma3Checkpoint, _ tensor: Gemma3Tensor) throws -> BF16Weights {
    let stored = try checkpoint.storedTensor(tensor)
    let (rows, columns) = (min(rows, stored.rows), stored.columns)
    let values = AlignedBuffer<UInt16>(count: rows * columns)
    for start in stride(from: 0, to: rows, by: stretch) {
      let count = min(stretch, rows - start)
      let first = rows == stored.rows ? start : (stored.rows - stretch) * start / max(rows - stretch, 1)
      try checkpoint.readRows(
        first..<first + count, of: tensor,
        into: UnsafeMutableBufferPointer(start: values.pointer + start * columns, count: count * columns))
    }
    return BF16Weights(values, rows: rows, columns: columns)
  }

  /// True when the method's error is, in the Frobenius norm, no larger than half a unit in the last place of every weight.
  static func holds(_ weights: BF16Weights, of method: any WeightRounding) -> Bool {
    let rounded = method.rounded([weights], threads: 1)[0]
    var (error, bound) = (0.0, 0.0)
    for i in 0..<weights.count {
      let w = BF16.float(weights.pointer[i])
      let (change, half) = (Double(BF16.float(rounded[i])) - Double(w), Double(w.binade.magnitude) * 0x1p-8)
      error += change * change
      bound += half * half
    }
    return error <= bound
  }
}

extension ModelRun {
  /// Marks conditions on whose grid weights lie already. Shares are told where there are any.
  func describeGrids(_ inputs: Inputs, in description: inout RunDescription) throws {
    for (index, condition) in plan.conditions.enumerated() {
      guard let method = condition.weights as? any WeightRounding else { continue }
      let other = inputs.others.first { $0.isOf(condition.name) }
      let grid = try Grid(of: method, in: other?.checkpoint ?? inputs.checkpoint, threads: threads)
      if grid.share > 0 { description.conditions[index].onGridShare = grid.share }
      if grid.storedAlikeShare > 0 { description.conditions[index].storedAlikeShare = grid.storedAlikeShare }
    }
  }
}
