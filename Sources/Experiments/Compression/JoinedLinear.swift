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
    let own = workspace.scratch(.joinedOutputs, UInt16.self, count: rows * outputs)
    var first = 0
    for part in parts {
      try part.apply(x, rows: rows, into: own + rows * first, workspace)
      first += part.outputs
    }
    // Of each part [rows, its outputs]; where in a row an output stands.
    let starts = parts.reduce(into: [(start: 0, width: 0)]) { starts, part in
      let last = starts[starts.count - 1]
      starts[starts.count - 1].width = part.outputs
      starts.append((last.start + part.outputs, 0))
    }
    let origins = starts.dropLast().flatMap { part in
      (0..<part.width).map { (offset: rows * part.start + $0, width: part.width) }
    }
    for output in 0..<outputs {
      let origin = origins[places.map { Int($0[output]) } ?? output]
      for row in 0..<rows { out[row * outputs + output] = own[origin.offset + row * origin.width] }
    }
  }
}
