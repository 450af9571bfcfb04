@testable import Experiments

extension SparseAutoencoder {
  /// Calls `body` with each row's reconstruction x̂ and number of active features, in order of streams and rows.
  func forEachReconstruction(
    of streams: [UnsafePointer<Float>], rows: Int, _ workspace: Workspace,
    _ body: (_ stream: Int, _ row: Int, _ reconstruction: UnsafePointer<Float>, _ active: Int) -> Void
  ) throws {
    for (stream, encoded) in try encoded(streams, rows: rows, workspace).enumerated() {
      for row in 0..<rows {
        body(stream, row, UnsafePointer(encoded.reconstruction.pointer + row * dModel), encoded.active[row])
      }
    }
  }
}
