import Kernels
import RunFile

/// The linear layers of a condition's checkpoint as its files have them: decoded as the library that wrote them decodes
/// them, and computed with as that library computes.
///
/// No method of a study: what a condition has that names a checkpoint and no weights.
struct AsStored: CompressionMethod {
  let kind = "shipped"
  let name = "shipped"
  let label = "as shipped"
  let parameters: [RunDescription.Parameter] = []
  /// True where some layers are LLM.int8's, whose outliers a batch decides together.
  var couplesBatch = false

  var linears: LinearMaker {
    .bf16 { parts, order, kernels in
      if parts.allSatisfy(\.isWeightsAlone) { return try DenseLinear<BF16>(parts, order: order, kernels) }
      return try JoinedLinear(
        parts.map { part in
          let order = order.ofInputs(outputs: part.rows)
          switch part.arithmetic {
          case .int8(let codes, let absmax, let threshold):
            return try LLMInt8Linear(
              LLMInt8Weights(codes: codes, absmax: absmax, order: order), threshold: Float(threshold), epilogue: .cuda,
              kernels)
          case .fp8PerToken: return FP8TokenLinear(try DenseLinear<BF16>([part], order: order, kernels))
          case .weightsAlone, .other: return try DenseLinear<BF16>([part], order: order, kernels)
          }
        }, order: order)
    }
  }

  func with(_ options: StudyNode) throws -> AsStored {
    throw options.impossible("a checkpoint's weights as its files have them have no options; leave the key out")
  }

  /// What is computed with; what the files take, they tell themselves.
  func bits(rows: Int, columns: Int) -> Double { 16 * Double(rows * columns) }
  func residentBytes(parameters: Int) -> Int { 2 * parameters }
}

extension BF16Weights {
  fileprivate var isWeightsAlone: Bool { if case .weightsAlone = arithmetic { true } else { false } }
}

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

/// A layer whose inputs are rounded to FP8 E4M3 first, each token with a scale of its own, and come back as bf16.
///
/// Source: compressed-tensors 0.20, quantization/lifecycle/forward.py (forward_quantize with the strategy token, dynamic,
/// symmetric): scale = max|x| ∕ 448 in bf16, x' = FP8(x ∕ scale)·scale, each step rounded to bf16.
struct FP8TokenLinear: Linear {
  private let layer: any Linear<UInt16>
  var outputs: Int { layer.outputs }
  var inputs: Int { layer.inputs }

  init(_ layer: any Linear<UInt16>) { self.layer = layer }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let rounded = workspace.scratch(.roundedInputs, UInt16.self, count: rows * inputs)
    workspace.timed(part: .quantization) {
      for row in 0..<rows { Self.round(x + row * inputs, count: inputs, into: rounded + row * inputs) }
    }
    try layer.apply(UnsafePointer(rounded), rows: rows, into: out, workspace)
  }

  /// One token, to FP8 and back.
  static func round(_ x: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<UInt16>) {
    let largest = (0..<count).reduce(Float(0)) { max($0, BF16.float(x[$1]).magnitude) }
    var scale = Rounding.bf16(largest / SmallFloat.largestE4M3)
    // PyTorch's epsilon of bf16.
    if scale == 0 { scale = 0x1p-7 }
    for i in 0..<count {
      let code = SmallFloat.roundedToE4M3(Rounding.bf16(BF16.float(x[i]) / scale))
      out[i] = BF16.element(code * scale)
    }
  }
}
