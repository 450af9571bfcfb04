import FabricatedRuns
import Foundation
@testable import RunFile
import Testing

@Suite("Fabricated runs")
struct FabricatedRunTests {
  @Test("No loss of as many tokens as a benchmark reads is below zero")
  func losses() {
    var run = FabricatedRun()
    run.chunkLength = 512
    run.chunkCount = 392
    run.dModel = 2
    let losses = run.blocks().flatMap { block in
      ["bf16", "int8", "nf4"].flatMap { name in
        block.columns[ColumnKey(condition: name, experiment: "accuracy", name: "nll")]?.doubles ?? []
      }
    }
    #expect(losses.count == 3 * 392 * 512 && !losses.contains { $0 < 0 })
  }
}

@Suite("Writing a run")
struct WritingTests {
  private let folder = TemporaryFolder()
  private var parts: String { folder.file("parts") }
  private var run: FabricatedRun {
    var run = FabricatedRun()
    run.chunkCount = 10
    run.chunkLength = 16
    return run
  }

  @Test("What is appended block by block is read back, value for value")
  func readsBackWhatWasWritten() throws {
    try run.write(to: folder.file("run.h5"))
    let reader = try RunReader(folder.file("run.h5"))
    let blocks = run.blocks()
    #expect(reader.description == run.description)
    #expect(!reader.isPartial)
    #expect(try reader.tokens().id == blocks.flatMap(\.tokens.id))
    #expect(try reader.tokens().stratum == blocks.flatMap(\.tokens.stratum))
    #expect(try reader.segments().tokenCount == blocks.flatMap(\.segments.tokenCount))
    #expect(try reader.batches().chunkCount == [4, 4, 2])
    #expect(try reader.chunks().batch == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    #expect(try reader.chunks().firstToken == (0..<10).map { Int32($0 * 16) })
    #expect(reader.columns == blocks[0].columns.keys.sorted())
    for key in reader.columns {
      let expected = blocks.flatMap { $0.columns[key]!.doubles }
      let read = try reader.doubles(key)
      // NaN marks what is not scored, and compares unequal to itself.
      #expect(read.map(\.bitPattern) == expected.map(\.bitPattern), "\(key)")
    }
  }

  @Test("A column that compares with the baseline is absent in the baseline")
  func baselineLacksComparisons() throws {
    try run.write(to: folder.file("run.h5"))
    let reader = try RunReader(folder.file("run.h5"))
    #expect(!reader.has(ColumnKey(condition: "bf16", experiment: "accuracy", name: "kl")))
    #expect(reader.has(ColumnKey(condition: "int8", experiment: "accuracy", name: "kl")))
  }

  @Test("The parts are gone only when they are removed")
  func removesPartsOnRequest() throws {
    let run = run
    let inProgress = try run.writeParts(to: parts)
    try inProgress.assemble(to: folder.file("run.h5"), description: run.description)
    #expect(folder.names("parts").filter { $0.hasPrefix("block-") } == ["block-000000.h5", "block-000001.h5"])
    try inProgress.removeParts()
    #expect(folder.names() == ["run.h5"])
  }

  @Test("A folder that is being written to is refused to a second writer, and free again afterwards")
  func refusesSecondWriter() throws {
    let run = run
    var first: RunInProgress? = try run.writeParts(to: parts, blocks: 1)
    #expect(first?.finishedBlocks == 1)
    #expect(throws: RunFileError.inUse(folder: parts)) { try run.writeParts(to: parts) }
    first = nil
    #expect(try run.writeParts(to: parts).finishedBlocks == 2)
  }

  @Test("A failed assembly leaves the older run file and no half one")
  func failedAssemblyKeepsOldFile() throws {
    let old = Data("an older result".utf8)
    try put(old, at: folder.file("run.h5"))
    let inProgress = try run.writeParts(to: parts)
    // Damage a part behind the writer's back: assembling must notice and give up.
    var part = try bytes(of: parts + "/block-000001.h5")
    part = part.prefix(part.count / 2)
    try put(part, at: parts + "/block-000001.h5")
    #expect(throws: HDF5Error.self) {
      try inProgress.assemble(to: folder.file("run.h5"), description: run.description)
    }
    #expect(try bytes(of: folder.file("run.h5")) == old)
    #expect(folder.names() == ["parts", "run.h5"])
  }

  @Test("Assembling into a folder that does not exist says so")
  func assemblyIntoMissingFolder() throws {
    let inProgress = try run.writeParts(to: parts)
    let error = #expect(throws: HDF5Error.self) {
      try inProgress.assemble(to: folder.file("missing/run.h5"), description: run.description)
    }
    #expect(error?.description.contains("Check that the folder exists") == true)
    #expect(error?.description.contains("missing/run.h5") == true)
  }

  @Test("An empty run cannot be assembled")
  func emptyRunCannotBeAssembled() throws {
    let inProgress = try run.writeParts(to: parts, blocks: 0)
    #expect(throws: RunFileError.nothingMeasured(folder: parts)) {
      try inProgress.assemble(to: folder.file("run.h5"), description: run.description)
    }
  }
}
