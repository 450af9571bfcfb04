import Kernels
import NumpyRandom
import Testing

@testable import Experiments

@Suite("Weights that lie on a method's grid already")
struct GridTests {
  /// Gaussian, [32, 640].
  private static let ordinary: BF16Weights = {
    var generator = PCG64(seed: 5)
    let values = (0..<32 * 640).map { _ in
      bf16Bits(Float((0..<12).reduce(-6.0) { sum, _ in sum + Double(generator.next64() >> 11) * 0x1p-53 } * 0.03))
    }
    return BF16Weights(AlignedBuffer(values), rows: 32, columns: 640)
  }()

  /// What a file holds that stores them so, in bf16.
  private static func stored(_ method: any WeightRounding) -> BF16Weights {
    BF16Weights(method.rounded([ordinary], threads: 1)[0], rows: 32, columns: 640)
  }

  @Test("blocks of 32 made again move no weight", arguments: [TensorElement.q4_0, .q4_K, .q5_K, .q8_0])
  func again(type: TensorElement) {
    // Rows of 640 make Q5_0 of Q4_K, and Q5_1 of Q5_K.
    let method = GGUFMethod(type)
    #expect(Grid.holds(Self.stored(method), of: method))
    #expect(!Grid.holds(Self.ordinary, of: method))
  }

  @Test("no other grid is taken for the method's, and no fine one for bf16")
  func others() {
    #expect(!Grid.holds(Self.ordinary, of: RoundToNearest(bits: 8, group: 32)))
    #expect(!Grid.holds(Self.stored(GGUFMethod(.q4_K)), of: GGUFMethod(.q4_0)))
    #expect(!Grid.holds(Self.stored(GGUFMethod(.q8_0)), of: RoundToNearest(bits: 8, group: 32)))
    for method: any WeightRounding in [FP8Method(), NVFP4Method(), HQQMethod(bits: 8, group: 64), LLMInt8Method()] {
      #expect(!Grid.holds(Self.ordinary, of: method), "\(method.name)")
    }
    #expect(Grid.holds(Self.stored(FP8Method()), of: FP8Method()))
    #expect(Grid.holds(Self.stored(FourBitMethod()), of: FourBitMethod()))
  }

  @Test("a checkpoint's file tells how much")
  func checkpoint() throws {
    // Its 14 linear matrices are stored in turn as Q4_0, Q5_0, Q8_0 and so on; all are narrower than 256.
    let file = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf"))
    let q5 = try Grid(of: GGUFMethod(.q4_K), in: file, threads: 2)
    #expect(q5.storedAlikeShare > 0.1 && q5.share >= q5.storedAlikeShare && q5.share < 0.5)
    #expect(try Grid(of: RoundToNearest(bits: 8, group: 32), in: file, threads: 2).share == 0)
    let plain = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    #expect(try Grid(of: GGUFMethod(.q4_K), in: plain, threads: 1).share == 0)
  }
}
