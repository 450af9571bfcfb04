import FabricatedRuns
import Foundation
import Kernels
import Measures
import RunFile

@testable import Experiments

/// The tiny checkpoint (two layers, width 64, window 16) over seeded random ids: a sweep that takes milliseconds.
enum TinyStudy {
  static func ids() throws -> [Int32] { try golden().ids }

  struct Golden: Decodable {
    struct Arithmetic: Decodable { var nll: [Double]; var entropy: [Double]; var residual: [Float] }
    var ids: [Int32]
    var f32: Arithmetic
    var bf16: Arithmetic
  }

  static func golden() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(fileURLWithPath: Goldens.path("forward_tiny.json"))))
  }

  static func checkpoint() throws -> Gemma3Checkpoint { try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny")) }

  static let conditions: [Sweep.Condition] = [
    .init(name: "bf16", method: Uncompressed(precision: .bf16)),
    .init(name: "int8", method: LLMInt8Method(threshold: 6, epilogue: .cuda)),
    .init(name: "nf4", method: FourBitMethod(block: 32, doubleQuantization: true, compute: .bf16)),
    .init(name: "nf4-f32", method: FourBitMethod(block: 64, doubleQuantization: false, compute: .f32)),
  ]

  /// - Parameter chunkLength: of the golden ids; 450 tokens in all.
  static func sweep(
    _ conditions: [Sweep.Condition] = conditions, experiments: [any Experiment] = [Accuracy(), NoiseFloor()],
    chunkLength: Int = 150, batchSize: Int = 1, batchesPerBlock: Int = 1, threads: Int = 2, keepsWeights: Bool = true,
    firstScored: Int = 0, reruns: Sweep.Reruns? = nil, branches: BatchShare? = nil, ids: [Int32]? = nil
  ) throws -> Sweep {
    let ids = try ids ?? Self.ids()
    let tokens = ids.count / chunkLength * chunkLength
    return try Sweep(
      [checkpoint()],
      stream: TokenStream(
        ids: Array(ids[..<tokens]), document: (0..<Int32(tokens)).map { $0 / 70 },
        source: (0..<tokens).map { UInt8($0 / 140) },
        chunkLength: chunkLength, batchSize: batchSize, bos: 2, specials: [0, 1], firstPositions: 4,
        firstScored: firstScored), conditions: conditions,
      experiments: experiments,
      plan: .init(
        layer: 0, firstPositions: 4, massiveMultiple: 1.2, batchesPerBlock: batchesPerBlock, threads: threads,
        kernels: .usual(), keepsWeights: keepsWeights, reruns: reruns, branches: branches))
  }

  static func blocks(_ sweep: Sweep, from first: Int = 0, medianNorm: Double? = nil) throws -> [RunBlock] {
    var blocks: [RunBlock] = []
    try sweep.run(from: first, medianNorm: medianNorm) { block, _ in blocks.append(block) }
    return blocks
  }
}

/// Keeps the residual stream as it is: what a toy experiment looks like.
struct ResidualRecorder: Experiment {
  static let x = Column(
    "recorder", "x", .float32, unit: "activation", .finite, of: .residual, row: .vector, meaning: "The residual stream")
  static let largest = Column(
    "recorder", "largest", .float32, unit: "activation", .finite, of: .residual, axis: .chunk,
    meaning: "Largest absolute activation of the chunk")
  let observes: ObservationPoints = .residual
  var measure: Measure {
    var measure = Measure(experiment: "recorder", title: "Recorder", about: "Every token.")
    measure.columns = [Self.x, Self.largest]
    return measure
  }

  func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    (0..<residual.conditionCount).flatMap { condition in
      let x = Array(residual.stream(condition))
      return [
        ColumnSlice(condition: condition, column: Self.x, values: .float32(x)),
        ColumnSlice(condition: condition, column: Self.largest, values: .float32([x.map(abs).max() ?? 0])),
      ]
    }
  }
}
