import Kernels
import NumpyRandom

/// Another order of the dimensions that a model sums over: the same model, whose sums round otherwise.
///
/// Each list has, for a place in the new order, the place in the model's own. One order serves all layers and heads: what
/// they sum differs. Rotary pairs (i, i + headDim ∕ 2) stay pairs, because queries and keys are turned pair by pair.
struct Reordering: Sendable {
  /// Of the residual stream, [D].
  let residual: [Int32]
  /// Inside the MLP, [intermediate size].
  let hidden: [Int32]
  /// Of a head's rotary pairs, [headDim ∕ 2].
  let pairs: [Int32]
  /// Of a head's values, [headDim].
  let values: [Int32]

  /// Drawn as `numpy.random.default_rng(seed).permutation` draws them, in the order of the properties.
  init(_ configuration: Gemma3Configuration, seed: UInt64) {
    var generator = PCG64(seed: seed)
    func permutation(_ count: Int) -> [Int32] {
      var order = (0..<Int32(count)).map { $0 }
      generator.shuffle(&order)
      return order
    }
    residual = permutation(configuration.dModel)
    hidden = permutation(configuration.intermediateSize)
    pairs = permutation(configuration.headDim / 2)
    values = permutation(configuration.headDim)
  }

  /// The model's own order, by the same way: what a rerun in it measures has the same bits.
  init(identityOf configuration: Gemma3Configuration) {
    residual = (0..<Int32(configuration.dModel)).map { $0 }
    hidden = (0..<Int32(configuration.intermediateSize)).map { $0 }
    pairs = (0..<Int32(configuration.headDim / 2)).map { $0 }
    values = (0..<Int32(configuration.headDim)).map { $0 }
  }

  /// Of a head's queries and keys, [headDim]: the pairs' order in both halves.
  var rotated: [Int32] { pairs + pairs.map { $0 + Int32(pairs.count) } }

  // MARK: The residual stream

  /// Brings rows of the residual stream, [rows, D], into this order, in place.
  func reorder<Element: BitwiseCopyable>(_ x: UnsafeMutablePointer<Element>, rows: Int) {
    moveEach(x, rows) { own, new, row in
      for i in residual.indices { new[row + i] = own[Int(residual[i])] }
    }
  }

  /// Brings them back into the model's own.
  func restore<Element: BitwiseCopyable>(_ x: UnsafeMutablePointer<Element>, rows: Int) {
    moveEach(x, rows) { new, own, row in
      for i in residual.indices { own[row + Int(residual[i])] = new[i] }
    }
  }

  private func moveEach<Element: BitwiseCopyable>(
    _ x: UnsafeMutablePointer<Element>, _ rows: Int,
    _ move: (_ from: UnsafeMutablePointer<Element>, _ to: UnsafeMutablePointer<Element>, _ row: Int) -> Void
  ) {
    let copy = AlignedBuffer<Element>(count: residual.count)
    for row in 0..<rows {
      copy.pointer.update(from: x + row * residual.count, count: residual.count)
      move(copy.pointer, x, row * residual.count)
    }
  }

  // MARK: A layer's matrices

  func queryKeyValue(heads: Int, groups: Int) -> LinearOrder {
    LinearOrder(
      outputs: Self.repeated(rotated, heads + groups)
        + Self.repeated(values, groups).map { $0 + Int32((heads + groups) * values.count) }, inputs: residual)
  }

  func output(heads: Int) -> LinearOrder { LinearOrder(outputs: residual, inputs: Self.repeated(values, heads)) }
  var gateUp: LinearOrder { LinearOrder(outputs: Self.repeated(hidden, 2), inputs: residual) }
  var down: LinearOrder { LinearOrder(outputs: residual, inputs: hidden) }

  /// The same order in each of so many parts that lie side by side.
  private static func repeated(_ order: [Int32], _ parts: Int) -> [Int32] {
    (0..<Int32(parts)).flatMap { part in order.map { $0 + part * Int32(order.count) } }
  }
}

extension LayerGains {
  func reordered(_ order: Reordering) -> LayerGains {
    func along(_ order: [Int32], _ gain: AlignedBuffer<Float>) -> AlignedBuffer<Float> {
      AlignedBuffer(order.map { gain[Int($0)] })
    }
    return LayerGains(
      input: along(order.residual, input), query: along(order.rotated, query), key: along(order.rotated, key),
      postAttention: along(order.residual, postAttention), preFeedforward: along(order.residual, preFeedforward),
      postFeedforward: along(order.residual, postFeedforward))
  }
}

extension RotaryTable {
  func reordered(_ order: Reordering) -> RotaryTable {
    func along(_ table: AlignedBuffer<Float>) -> AlignedBuffer<Float> {
      let half = order.pairs.count
      return AlignedBuffer((0..<table.count).map { table[$0 / half * half + Int(order.pairs[$0 % half])] })
    }
    return RotaryTable(cosine: along(cosine), sine: along(sine))
  }
}
