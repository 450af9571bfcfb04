import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("An experiment that the writer has never heard of")
struct ToyExperimentTests {
  private let folder = TemporaryFolder()

  @Test("Its columns on every axis, type and row shape are stored and found again")
  func storesAnyColumn() throws {
    var run = FabricatedRun()
    run.chunkCount = 10
    run.chunkLength = 16
    run.experiments = ["accuracy"]
    func toy(_ name: String, _ axis: Axis, _ type: ColumnDefinition.ElementType, _ shape: [Int], _ axes: [String] = [])
      -> ColumnDefinition
    {
      ColumnDefinition(
        experiment: "vowels", name: name, axis: axis, type: type, rowShape: shape, rowAxes: axes, unit: "vowels",
        meaning: "Vowels counted in a toy", definition: "vowels@3", appliesToBaseline: name != "change")
    }
    let definitions = [
      toy("per_token", .token, .uint8, []), toy("per_letter", .segment, .int32, [5], ["letter"]),
      toy("per_chunk", .chunk, .float64, [2, 3]), toy("per_batch", .batch, .float32, []),
      toy("change", .token, .float32, []),
    ]
    let inProgress = try RunInProgress(
      folder: folder.file("parts"), description: run.description, columns: run.columns + definitions,
      fingerprint: "toy")
    var expected: [ColumnKey: [Double]] = [:]
    for var block in run.blocks() {
      let rows: [Axis: Int] = [
        .token: block.tokens.id.count, .segment: block.segments.chunk.count,
        .chunk: block.batches.chunkCount.reduce(0) { $0 + Int($1) }, .batch: block.batches.chunkCount.count,
      ]
      for (order, condition) in run.description.conditions.enumerated() {
        for definition in definitions where definition.appliesToBaseline || !condition.isBaseline {
          let key = ColumnKey(condition: condition.name, experiment: "vowels", name: definition.name)
          let count = definition.rowShape.reduce(rows[definition.axis]!, *)
          let numbers = (0..<count).map { ($0 * 7 + order + block.index) % 200 }
          block.columns[key] =
            switch definition.type {
            case .uint8: .uint8(numbers.map { UInt8($0) })
            case .int32: .int32(numbers.map { Int32($0) })
            case .float32: .float32(numbers.map { Float($0) })
            case .float64: .float64(numbers.map { Double($0) })
            }
          expected[key, default: []] += numbers.map { Double($0) }
        }
      }
      try inProgress.append(block)
    }
    try inProgress.assemble(to: folder.file("run.h5"), description: run.description)

    for reader in [try RunReader(folder.file("run.h5")), try RunReader(partsFolder: folder.file("parts"))] {
      #expect(reader.columns.filter { $0.experiment == "vowels" } == expected.keys.sorted())
      for (key, numbers) in expected { #expect(try reader.doubles(key) == numbers, "\(key)") }
      let change = ColumnKey(condition: "nf4", experiment: "vowels", name: "change")
      #expect(reader.definition(of: change) == definitions[4])
      let letters = ColumnKey(condition: "bf16", experiment: "vowels", name: "per_letter")
      #expect(reader.definition(of: letters) == definitions[1])
      // Axes without a name are given one.
      let chunks = ColumnKey(condition: "bf16", experiment: "vowels", name: "per_chunk")
      #expect(reader.definition(of: chunks)?.rowAxes == ["vowels_per_chunk_axis1", "vowels_per_chunk_axis2"])
    }
  }
}
