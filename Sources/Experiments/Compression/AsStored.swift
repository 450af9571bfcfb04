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

  var linears: LinearMaker {
    .bf16 { parts, order, kernels, _ in try DenseLinear<BF16>(parts, order: order, kernels) }
  }

  func with(_ options: StudyNode) throws -> AsStored {
    throw options.impossible("a checkpoint's weights as its files have them have no options; leave the key out")
  }

  /// What is computed with; what the files take, they tell themselves.
  func bits(rows: Int, columns: Int) -> Double { 16 * Double(rows * columns) }
  func residentBytes(parameters: Int) -> Int { 2 * parameters }
}
