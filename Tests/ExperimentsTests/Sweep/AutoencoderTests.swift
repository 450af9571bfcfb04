import Kernels
import Testing

@testable import Experiments

@Suite("The autoencoder's fast path")
struct AutoencoderTests {
  @Test("codes and reconstruction equal SAELens', with and without the decoder's bias on the input", arguments: ["saelens", "saelens-bf16", "gemma-scope"])
  func agreesWithSAELens(folder: String) throws {
    let autoencoder = try JumpReLUAutoencoder(JumpReLUWeights(path: Goldens.path("sae/" + folder)))
    let x = try SafetensorsGolden.floats("x")
    let activations = try SafetensorsGolden.floats(folder + ".activations")
    let expected = try SafetensorsGolden.floats(folder + ".reconstruction")
    let workspace = try Workspace()
    let rows = x.count / 16
    let codes = try autoencoder.encode(x, rows: rows, workspace)
    for row in 0..<rows {
      var dense = [Float](repeating: 0, count: 64)
      for (index, value) in zip(codes[row].index, codes[row].value) { dense[Int(index)] = value }
      let theirs = activations[row * 64..<(row + 1) * 64]
      #expect(dense.map { $0 != 0 } == theirs.map { $0 != 0 })
      #expect(zip(dense, theirs).allSatisfy { abs($0 - $1) < 2e-5 })
    }
    try autoencoder.forEachReconstruction(of: x, rows: rows, workspace) { row, reconstruction, active in
      #expect(active == codes[row].index.count)
      for i in 0..<16 { #expect(abs(reconstruction[i] - expected[row * 16 + i]) < 2e-5) }
    }
  }
}
