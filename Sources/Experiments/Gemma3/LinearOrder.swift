import Kernels

/// In which order a linear layer has its outputs and inputs.
///
/// A rerun has another than the model's (`Reordering`). A method quantizes the weights as the model has them, so that codes,
/// scales and blocks are the same, and applies the order to what it has made of them.
struct LinearOrder: Sendable {
  /// The model's rows in the new order, [N], and its columns, [K]; nil for the model's own.
  let places: (outputs: [Int32], inputs: [Int32])?

  /// The model's own order.
  static let own = LinearOrder(places: nil)

  init(outputs: [Int32], inputs: [Int32]) { places = (outputs, inputs) }
  private init(places: (outputs: [Int32], inputs: [Int32])?) { self.places = places }

  /// The same order of inputs, with the model's own of so many outputs.
  func ofInputs(outputs: Int) -> LinearOrder {
    places.map { LinearOrder(outputs: (0..<Int32(outputs)).map(\.self), inputs: $0.inputs) } ?? .own
  }

  /// A matrix [N, K] in this order; itself where the order is the model's own.
  func applied<Element: BitwiseCopyable>(to matrix: AlignedBuffer<Element>) -> AlignedBuffer<Element> {
    places == nil ? matrix : copy(matrix.pointer, count: matrix.count)
  }

  func applied(to matrix: BF16Weights) -> BF16Weights {
    if places == nil { return matrix }
    return withExtendedLifetime(matrix) {
      BF16Weights(copy(matrix.pointer, count: matrix.count), rows: matrix.rows, columns: matrix.columns)
    }
  }

  /// A number per output, [N], in this order.
  func applied<Element: BitwiseCopyable>(toOutputs values: AlignedBuffer<Element>) -> AlignedBuffer<Element> {
    guard let outputs = places?.outputs else { return values }
    return AlignedBuffer(outputs.map { values[Int($0)] })
  }

  private func copy<Element: BitwiseCopyable>(
    _ matrix: UnsafePointer<Element>, count: Int
  ) -> AlignedBuffer<Element> {
    let (outputs, inputs) = places ?? ([], [])
    precondition(count == outputs.count * inputs.count, "a matrix has as many numbers as its order has places")
    let reordered = AlignedBuffer<Element>(count: count)
    inputs.withUnsafeBufferPointer { inputs in
      for (row, place) in outputs.enumerated() {
        let (from, to) = (matrix + Int(place) * inputs.count, reordered.pointer + row * inputs.count)
        for column in 0..<inputs.count { to[column] = from[Int(inputs[column])] }
      }
    }
    return reordered
  }
}
