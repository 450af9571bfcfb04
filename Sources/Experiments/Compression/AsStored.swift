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
    .bf16 { parts, order, kernels, _ in
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
