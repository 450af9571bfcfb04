extension Fabricated {
  /// Two models with the shapes of the article's, and numbers like those it published.
  package static var article: [Fabricated] {
    var small = Fabricated()
    small.title = "What quantization does to Gemma 3 and its sparse autoencoders"
    small.study = "black-box-part-4"
    small.isDequantized = false
    small.modelName = "gemma-3-4b"
    small.shape = (17, 34, 2560)
    small.parameters = (3_880_263_168, 3_208_642_560)
    small.sae = ("gemma-scope-2-4b-pt-res layer_17_width_16k_l0_medium", 16_384, 61.4)
    small.crossEntropy = 2.2391
    small.tokens = 200_704
    small.chunks = 392
    small.longest = 500_224
    small.headline = 200_000
    small.snapshotCounts = [
      (5_000, 6_144, 0.035), (20_000, 20_480, -0.012), (50_000, 51_200, 0.008), (100_000, 100_352, -0.003),
      (200_000, 200_704, 0.001), (500_000, 500_224, 0),
    ]
    small.baselineFVU = [
      .all: (0.0187, 0.0342), .withoutFirst: (0.0179, 0.0339), .withoutMassive: (0.0141, 0.0917),
      .ordinary: (0.0139, 0.0908),
    ]
    small.conditions = [
      Condition(
        name: "bf16", label: "bfloat16", kind: "bf16", bits: 16, change: 0, half: 0, fvuFactor: 1, perturbation: 0,
        agreement: 1, kl: 0),
      Condition(
        name: "int8", label: "LLM.int8", kind: "int8", bits: 9.41, change: 0.0041, half: 0.0012, fvuFactor: 0.9975,
        perturbation: 0.277, agreement: 0.951, kl: 0.0061),
      Condition(
        name: "nf4", label: "NF4, double quantization", kind: "nf4", bits: 6.18, change: 0.0448, half: 0.0031,
        fvuFactor: 1.0121, perturbation: 0.441, agreement: 0.887, kl: 0.0513),
    ]
    var large = small
    large.modelName = "gemma-3-12b"
    large.hash = "b81c"
    large.shape = (24, 48, 3840)
    large.parameters = (11_765_788_416, 10_759_864_320)
    large.sae = ("gemma-scope-2-12b-pt-res layer_24_width_16k_l0_medium", 16_384, 58.9)
    large.crossEntropy = 2.0472
    large.medianNorm = 655.1
    large.baselineFVU = [
      .all: (0.0161, 0.0297), .withoutFirst: (0.0158, 0.0294), .withoutMassive: (0.0122, 0.0803),
      .ordinary: (0.0120, 0.0798),
    ]
    large.conditions[1].bits = 8.73
    large.conditions[1].change = 0.0021
    large.conditions[1].half = 0.0024
    large.conditions[2].bits = 5.15
    large.conditions[2].change = 0.0553
    large.conditions[2].half = 0.0036
    large.conditions[2].fvuFactor = 1.0163
    large.conditions[1].perturbation = 0.302
    large.conditions[2].perturbation = 0.468
    return [small, large]
  }
}
