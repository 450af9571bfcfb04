import Foundation
import NumpyRandom

@testable import Analysis

/// A made-up population of documents whose true values are known, and samples of it.
///
/// Documents have log-normal lengths m (10 + 30·e^z tokens: skewness about 6, sizes unequal by a factor of a hundred). Per
/// document, with u, f, g, h log-normal cluster effects of mean 1 and z, z', ζ standard normal:
///
///     loss of A         3·u·Gamma(m)                               exponential tokens; true mean 3 per token
///     loss of B         loss of A + 0.05·h·Gamma(m) + 0.3·√m·z     true difference 0.05
///     energy v          f·Gamma(m) + 60·Exp(1) for each of Poisson(m∕100) massive tokens      1.6 per token
///     error of A        0.2·g·Gamma(m) + 1.2·Exp(1) for each massive token                  0.212 per token
///     error of B        error of A · (1.03 + 0.1·z')                                    FVU 0.1325, and 3 % more
///     vectors           x = μ + ζ + noise in four dimensions, μ = 2: Σ‖x − x̄‖² is 5 per token; its error is 0.5·g·Gamma(m)
struct SimulatedStudy {
  static let trueLoss = 3.0
  static let trueLossDifference = 0.05
  static let trueFVU = 0.212 / 1.6
  static let trueFVUDifference = 0.03 * 0.212 / 1.6
  static let trueVectorFVU = 0.5 / 5
  static let dimension = 4

  private(set) var tokens: [Double] = []
  private(set) var lossA: [Double] = []
  private(set) var lossB: [Double] = []
  private(set) var energy: [Double] = []
  private(set) var errorA: [Double] = []
  private(set) var errorB: [Double] = []
  private(set) var vectors: [Double] = []
  private(set) var vectorEnergy: [Double] = []
  private(set) var vectorError: [Double] = []

  init(documents: Int, _ chance: inout Chance) {
    for _ in 0..<documents {
      let m = (10 + 30 * exp(chance.normal())).rounded(.up)
      tokens.append(m)
      lossA.append(3 * chance.effect(0.35) * chance.gamma(m))
      lossB.append(
        lossA[lossA.count - 1] + 0.05 * chance.effect(0.8) * chance.gamma(m) + 0.3 * m.squareRoot() * chance.normal())
      var (massiveEnergy, massiveError) = (0.0, 0.0)
      for _ in 0..<chance.poisson(m / 100) {
        massiveEnergy += 60 * chance.gamma(1)
        massiveError += 1.2 * chance.gamma(1)
      }
      energy.append(chance.effect(0.3) * chance.gamma(m) + massiveEnergy)
      errorA.append(0.2 * chance.effect(0.4) * chance.gamma(m) + massiveError)
      errorB.append(errorA[errorA.count - 1] * (1.03 + 0.1 * chance.normal()))
      // ‖x‖² = ‖μ + ζ‖² + 2(μ + ζ)·noise + ‖noise‖², summed over the document's tokens.
      var squares = 2 * chance.gamma(m * Double(Self.dimension) / 2)
      for _ in 0..<Self.dimension {
        let centre = 2 + 0.5 * chance.normal()
        let noise = m.squareRoot() * chance.normal()
        vectors.append(m * centre + noise)
        squares += m * centre * centre + 2 * centre * noise
      }
      vectorEnergy.append(squares)
      vectorError.append(0.5 * chance.effect(0.4) * chance.gamma(m))
    }
  }
}

/// Seeded random numbers of the distributions that a simulation needs.
struct Chance {
  private var generator: PCG64
  private var spare: Double?

  init(seed: UInt64) { generator = PCG64(seed: seed) }

  mutating func uniform() -> Double { 1 - generator.random() }  // never 0

  mutating func normal() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    let (radius, angle) = ((-2 * log(uniform())).squareRoot(), 2 * Double.pi * uniform())
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  /// Log-normal with mean 1.
  mutating func effect(_ sigma: Double) -> Double { exp(sigma * normal() - sigma * sigma / 2) }

  /// Gamma with scale 1 and a shape from 1 up: the sum of so many exponential numbers (G. Marsaglia, W. W. Tsang, 2000).
  mutating func gamma(_ shape: Double) -> Double {
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      if v > 0, log(uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }

  mutating func poisson(_ mean: Double) -> Int {
    var (count, product) = (0, uniform())
    let limit = exp(-mean)
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }
}
