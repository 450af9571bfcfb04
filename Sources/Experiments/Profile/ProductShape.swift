import Kernels

/// The shape of a matrix product x · Wᵀ, x: [rows, depth], W: [columns, depth], and the precision of what is multiplied.
package struct ProductShape: Hashable, Sendable {
  package var precision: ProductPrecision
  package var rows: Int
  package var columns: Int
  package var depth: Int

  package init(_ precision: ProductPrecision, rows: Int, columns: Int, depth: Int) {
    self.precision = precision
    self.rows = rows
    self.columns = columns
    self.depth = depth
  }

  package var multiplyAdds: Double { Double(rows) * Double(columns) * Double(depth) }
}

extension ProductPrecision {
  /// The precision that a multiplier's input type stands for.
  init<In: ProductElement>(of type: In.Type) {
    self = type == Float.self ? .f32 : type == Int8.self ? .int8 : .bf16
  }
}
