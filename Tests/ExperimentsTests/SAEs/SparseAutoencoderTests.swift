import Kernels
import Testing

@testable import Experiments

@Suite("Autoencoders compute what SAELens computes")
struct SparseAutoencoderTests {
  /// Sums of up to 64 products in another order, in units of the largest: a few units in the last place.
  private static let tolerance = 2e-6

  /// The largest error of a row's activations or reconstruction, relative to the row's largest number.
  private func compare(_ folder: String, with form: String, packingBudget: Int) throws -> Double {
    let autoencoder = try SparseAutoencoder(
      SparseAutoencoderWeights(path: folder), .usual(), packingBudget: packingBudget)
    let x = try SAEForms.floats("x")
    let (d, f) = (autoencoder.dModel, autoencoder.featureCount)
    let rows = x.count / d
    let activations = try SAEForms.floats(form + ".activations")
    let reconstruction = try SAEForms.floats(form + ".reconstruction")
    let workspace = try Workspace(.usual())
    let codes = try autoencoder.encode(x, rows: rows, workspace)
    // At ties any of the equal features may be chosen: the values are compared, not their places.
    let tied = form == "topk-ties"
    var worst = 0.0
    for row in 0..<rows {
      var dense = [Float](repeating: 0, count: f)
      for (index, value) in zip(codes[row].index, codes[row].value) { dense[Int(index)] = value }
      #expect(codes[row].index == codes[row].index.sorted())
      var theirs = Array(activations[row * f..<(row + 1) * f])
      if tied {
        dense.sort()
        theirs.sort()
      }
      #expect(dense.map { $0 != 0 } == theirs.map { $0 != 0 })
      worst = max(worst, error(dense, theirs))
    }
    try x.withUnsafeBufferPointer { x in
      try autoencoder.forEachReconstruction(of: [x.baseAddress!], rows: rows, workspace) { _, row, rebuilt, active in
        #expect(active == codes[row].index.count)
        if tied { return }
        let theirs = Array(reconstruction[row * d..<(row + 1) * d])
        worst = max(worst, error((0..<d).map { rebuilt[$0] }, theirs))
      }
    }
    return worst
  }

  private func error(_ ours: [Float], _ theirs: [Float]) -> Double {
    let largest = theirs.map { abs(Double($0)) }.max() ?? 0
    return zip(ours, theirs).map { abs(Double($0) - Double($1)) }.max()! / largest
  }

  @Test("every architecture, switch and number format, packed and mapped", arguments: SAEForms.all)
  func agreesWithSAELens(form: SAEForms.Form) throws {
    let scratch = try ScratchFolder()
    let folder = try SAEForms.write(form, in: scratch)
    for budget in [EncoderTiles.packingBudget, 0] {
      let worst = try compare(folder, with: form.name, packingBudget: budget)
      #expect(worst < Self.tolerance, "packing budget \(budget): \(worst)")
    }
  }

  @Test func `Gemma Scope 2's layout`() throws {
    for budget in [EncoderTiles.packingBudget, 0] {
      let worst = try compare(Goldens.path("sae/gemma-scope"), with: "gemma-scope", packingBudget: budget)
      #expect(worst < Self.tolerance, "packing budget \(budget): \(worst)")
    }
  }

  @Test func `all forms are there`() {
    #expect(SAEForms.all.count == 54)
    #expect(Set(SAEForms.all.map(\.name)).count == 54)
  }

  @Test func `of equal pre-activations the lower feature is kept`() throws {
    let weights = try SparseAutoencoderWeights(path: Goldens.path("sae/topk-ties"))
    let x = try SAEForms.floats("x")
    for width in [3, 8, 64] {
      let autoencoder = try SparseAutoencoder(weights, .usual(), packingBudget: 0, tileWidth: width)
      for code in try autoencoder.encode(x, rows: 6, Workspace(.usual())) {
        // Seven of pairs (0, 1), (2, 3) …: three pairs and the lower one of a fourth.
        let lone = code.index.filter { !code.index.contains($0 ^ 1) }
        #expect(code.index.count == 7 && lone.count == 1 && lone[0] % 2 == 0)
      }
    }
  }
}
