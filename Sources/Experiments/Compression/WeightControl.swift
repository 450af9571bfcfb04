import Digests
import Kernels
import NumpyRandom
import RunFile

/// A control of another method: weights that are changed by as much as the method changes them, without its direction.
///
/// A pure function of seed and matrix: blocks, threads and resuming give the same weights. Noise in LLM.int8's place is
/// matched on weights and on activations' codes, unless the study wants weights alone.
struct WeightControl: CompressionMethod {
  enum Form: String, Sendable, CaseIterable {
    /// Gaussian noise whose Frobenius norm is that of the method's error, matrix by matrix, before rounding to bf16.
    case noise
    /// The method's own errors, in a random order within the matrix.
    case permuted
  }

  var form: Form
  /// Nil until a study says.
  var original: (any WeightRounding)?
  var seed = 0
  /// Whether activations have noise too, where the method compresses them.
  var matchesActivations = true

  var kind: String { form == .noise ? "weight_noise" : "weight_permuted" }
  var name: String {
    "\(original?.name ?? kind)-\(form.rawValue)" + (matchesActivations ? "" : "-weights")
      + (seed == 0 ? "" : "-s\(seed)")
  }

  /// Of activations to put noise on; nil where they are left alone.
  private var noisyThreshold: Float? {
    form == .noise && matchesActivations ? original?.activationThreshold : nil
  }

  var couplesBatch: Bool { noisyThreshold != nil }

  var label: String {
    let method = original?.label ?? "a method"
    let weights = original?.activationThreshold != nil && noisyThreshold == nil ? " (weights alone)" : ""
    return (form == .noise ? "noise as large as the error of \(method)" : "the error of \(method), permuted") + weights
  }

  var parameters: [RunDescription.Parameter] {
    (original?.activationThreshold == nil
      ? [] : [.init(key: "activations", value: "\(noisyThreshold != nil)")])
      + [.init(key: "of", value: original?.name ?? ""), .init(key: "seed", value: "\(seed)")]
      + (original?.parameters ?? []).map { .init(key: "of.\($0.key)", value: $0.value) }
  }

  var linears: LinearMaker {
    .bf16 { parts, order, kernels, threads in
      let dense = try DenseLinear<BF16>(changed(parts, threads: threads), order: order, kernels)
      guard let threshold = noisyThreshold else { return dense }
      return NoisyLinear(
        dense: dense, noise: TokenNoise(seed: UInt64(bitPattern: Int64(seed)), name: parts[0].identity),
        threshold: threshold, inputPlaces: order.places?.inputs)
    }
  }

  /// One layer's matrices with the control's change, rounded to bf16.
  func changed(_ parts: [BF16Weights], threads: Int) -> [BF16Weights] {
    guard let original else { return parts }
    return zip(parts, original.rounded(parts, threads: threads)).map(changed)
  }

  private func changed(_ part: BF16Weights, _ kept: AlignedBuffer<UInt16>) -> BF16Weights {
    withExtendedLifetime(part) {
      var errors = (0..<part.count).map { BF16.float(kept[$0]) - BF16.float(part.pointer[$0]) }
      var generator = PCG64(seed: Mixing.fnv1a(part.identity, on: UInt64(bitPattern: Int64(seed))))
      switch form {
      case .permuted: generator.shuffle(&errors)
      case .noise:
        let noise = Self.normals(part.count, &generator)
        func norm(_ values: [Float]) -> Double {
          values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let length = norm(noise)
        let scale = length > 0 ? norm(errors) / length : 0
        errors = noise.map { Float(Double($0) * scale) }
      }
      let out = AlignedBuffer<UInt16>(count: part.count)
      for i in 0..<part.count { out[i] = bf16Bits(BF16.float(part.pointer[i]) + errors[i]) }
      return BF16Weights(out, rows: part.rows, columns: part.columns)
    }
  }

  private static func normals(_ count: Int, _ generator: inout PCG64) -> [Float] {
    var normals: [Float] = []
    normals.reserveCapacity(count + 1)
    while normals.count < count {
      let (x, y) = normalPair(generator.next64(), generator.next64())
      normals.append(Float(x))
      normals.append(Float(y))
    }
    return Array(normals.prefix(count))
  }

  var needsOptions: Bool { original == nil }

  func with(_ options: StudyNode) throws -> WeightControl {
    var method = self
    let keys = try options.keys(["of", "seed", "activations"])
    let of = try StudyReader.method(keys.require("of", example: "of: nf4"))
    guard let of = of as? any WeightRounding else {
      throw options.impossible("'of' names a method that changes weights, such as nf4 or int8, and not \(of.name)")
    }
    method.original = of
    if let activations = keys["activations"] {
      method.matchesActivations = try activations.bool()
      guard form == .noise, of.activationThreshold != nil else {
        throw activations.impossible(
          "noise in the place of a method that compresses activations, int8, has this key alone")
      }
    }
    if let seed = keys["seed"] { method.seed = try seed.integer() }
    return method
  }

  /// Nothing is compressed: bf16 weights.
  func bits(rows: Int, columns: Int) -> Double { 16 * Double(rows * columns) }
  func residentBytes(parameters: Int) -> Int { 2 * parameters }
}
