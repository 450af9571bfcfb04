import Kernels

/// Layers of one input whose outputs stand side by side: each in a format of its own.
struct JoinedLinear: Linear {
  private let parts: [any Linear<UInt16>]
  /// Where each output comes from; nil for the parts' own order.
  private let places: [Int32]?
  let outputs: Int
  let inputs: Int

  /// - Parameters:
  ///   - parts: in the new order of inputs, and their own of outputs.
  ///   - order: of the joined layer.
  init(_ parts: [any Linear<UInt16>], order: LinearOrder) throws {
    self.parts = parts
    places = order.places?.outputs
    outputs = parts.reduce(0) { $0 + $1.outputs }
    inputs = parts[0].inputs
  }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    if parts.count == 1, places == nil { return try parts[0].apply(x, rows: rows, into: out, workspace) }
    let own = workspace.scratch(.joinedOutputs, UInt16.self, count: rows * (parts.map(\.outputs).max() ?? 0))
    let joined = places == nil ? out : workspace.scratch(.orderedOutputs, UInt16.self, count: rows * outputs)
    var first = 0
    for part in parts {
      try part.apply(x, rows: rows, into: own, workspace)
      for row in 0..<rows {
        (joined + row * outputs + first).update(from: own + row * part.outputs, count: part.outputs)
      }
      first += part.outputs
    }
    guard let places else { return }
    places.withUnsafeBufferPointer { places in
      for row in 0..<rows {
        let (from, to) = (joined + row * outputs, out + row * outputs)
        for output in 0..<outputs { to[output] = from[Int(places[output])] }
      }
    }
  }
}
