import Analysis
import Measures

/// Made-up findings, shaped like a run's, for tests that need a certain outcome. Numbers resemble what Gemma 3 270M
/// shows, but stand for nothing measured.
package struct Fabricated {
  package struct Condition {
    package var name: String
    package var label: String
    package var kind: String
    package var bits: Double
    /// Change of cross-entropy in nats, and half of its paired interval.
    package var change: Double
    package var half: Double
    /// Factor on FVU, perturbation in relative L2.
    package var fvuFactor: Double
    package var perturbation: Double
    package var agreement: Double
    package var kl: Double
    /// Bits per compressed weight; nil for what its kind usually has.
    package var compressedBits: Double?
    package var shareOnGrid: Double?

    package init(
      name: String, label: String, kind: String, bits: Double, change: Double, half: Double, fvuFactor: Double,
      perturbation: Double, agreement: Double, kl: Double
    ) {
      self.name = name
      self.label = label
      self.kind = kind
      self.bits = bits
      self.change = change
      self.half = half
      self.fvuFactor = fvuFactor
      self.perturbation = perturbation
      self.agreement = agreement
      self.kl = kl
    }
  }

  package var conditions: [Condition] = [
    Condition(
      name: "bf16", label: "bfloat16", kind: "bf16", bits: 16, change: 0, half: 0, fvuFactor: 1, perturbation: 0,
      agreement: 1, kl: 0),
    Condition(
      name: "int8", label: "LLM.int8", kind: "int8", bits: 13.03, change: 0.0313, half: 0.0041, fvuFactor: 1.012,
      perturbation: 0.131, agreement: 0.894, kl: 0.0271),
    Condition(
      name: "nf4", label: "NF4, double quantization", kind: "nf4", bits: 11.59, change: 0.4021, half: 0.0187,
      fvuFactor: 1.094, perturbation: 0.338, agreement: 0.713, kl: 0.3862),
  ]
  package var hasIntervals = true
  package var hasReruns = true
  package var hasSplice = false
  package var hasAccuracy = true
  package var hasSAE = true
  package var hasSnapshots = true
  package var isDequantized = true
  package var isPartial = false
  package var tokens = 51_200
  package var chunks = 100
  package var hasFeatures = false
  package var experiments = ["accuracy", "sae", "stabilization", "noise_floor"]
  package var modelName = "gemma-3-270m"
  package var title = "What quantization does to Gemma 3 270M and its sparse autoencoder"
  package var study = "gemma-3-270m"
  /// Layer read, number of layers, width of the residual stream.
  package var shape = (layer: 9, layers: 18, width: 640)
  package var parameters = (all: 268_098_176, compressible: 100_270_080)
  package var sae = (name: "gemma-3-270m layer 9", features: 8192, l0: 48.31)
  /// Stands for everything that hashes to something else.
  package var hash = "3f9a"
  package var tokenStream = "e014"
  /// Tokens asked for by each snapshot, tokens it has, and how far FVU is from its value at the end.
  package var snapshotCounts: [(asked: Int, actual: Int, drift: Double)] = [
    (5_000, 6_144, 0.035), (20_000, 20_480, -0.006), (50_000, 51_200, 0.0),
  ]
  package var headline = 50_000
  /// Tokens measured for snapshots beyond the headline count.
  package var longest: Int?
  package var medianNorm = 412.7
  /// Left out of the findings: as a run imported from elsewhere may lack them.
  package var lacking: Set<Stratum> = []
  package var crossEntropy = 3.2174
  package var outcomes: [Verdict.Question: [String: Verdict.Outcome]] = [:]

  package var sources: [(String, Double)] = [
    ("encyclopedia", 1.04), ("fiction", 1.12), ("python", 0.71), ("manual pages", 0.88), ("law", 0.94),
  ]

  /// FVU of the baseline in both forms, by stratum.
  package var baselineFVU: [Stratum: (article: Double, textbook: Double)] = [
    .all: (0.0702, 0.1497), .withoutFirst: (0.0688, 0.1502), .withoutMassive: (0.0112, 0.1743),
    .ordinary: (0.0108, 0.1731),
  ]

  package init() {}
}
