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

@Suite("Blocks that do not fit")
struct BlockCheckTests {
  private let folder = TemporaryFolder()
  private var run: FabricatedRun {
    var run = FabricatedRun()
    run.chunkCount = 8
    run.chunkLength = 8
    return run
  }
  private static let nll = ColumnKey(condition: "int8", experiment: "accuracy", name: "nll")

  private func append(_ change: (inout RunBlock) -> Void) throws {
    let inProgress = try run.writeParts(to: folder.file("parts"), blocks: 0)
    var block = run.blocks()[0]
    change(&block)
    do { try inProgress.append(block) } catch {
      #expect(inProgress.finishedBlocks == 0)
      #expect(!folder.names("parts").contains { $0.hasPrefix("block-") }, "a refused block must leave no file")
      throw error
    }
  }

  @Test("A missing column is named")
  func missingColumn() {
    let error = #expect(throws: RunFileError.self) { try append { $0.columns[Self.nll] = nil } }
    #expect(error == .missingColumn(block: 0, key: Self.nll))
    #expect(error?.description.contains("/measurements/int8/accuracy/nll") == true)
  }

  @Test("A column that nobody declared is named")
  func unexpectedColumn() {
    let key = ColumnKey(condition: "bf16", experiment: "accuracy", name: "kl")
    let error = #expect(throws: RunFileError.self) { try append { $0.columns[key] = .float32([]) } }
    #expect(error?.description.contains("/measurements/bf16/accuracy/kl") == true)
  }

  @Test("A wrong type is named with the right one")
  func wrongType() {
    let error = #expect(throws: RunFileError.self) {
      try append { $0.columns[Self.nll] = .float64($0.columns[Self.nll]!.doubles) }
    }
    #expect(error == .wrongType(block: 0, key: Self.nll, type: "float64", expected: "float32"))
  }

  @Test("A wrong number of rows is named with the right one")
  func wrongCount() {
    let error = #expect(throws: RunFileError.self) { try append { $0.columns[Self.nll] = .float32([1, 2]) } }
    #expect(error?.description.contains("has 2 values; 64 rows (one per token) make 64") == true)
    let vectors = ColumnKey(condition: "bf16", experiment: "sae", name: "vector_sum")
    let second = #expect(throws: RunFileError.self) { try append { $0.columns[vectors] = .float64([1, 2, 3]) } }
    #expect(second?.description.contains("of shape [4, 16]") == true)
  }

  @Test("A block out of order is refused")
  func outOfOrder() {
    #expect(throws: RunFileError.wrongBlock(index: 1, expected: 0)) { try append { $0.index = 1 } }
  }

  @Test(
    "Tables with gaps are refused",
    arguments: [
      Fault("has 63 values of 'position'") { block in _ = block.tokens.position.removeLast() },
      Fault("segment 0 starts at token 1") { $0.segments.firstToken[0] = 1 },
      Fault("segments end before token") { block in block.segments.tokenCount[block.segments.tokenCount.count - 1] -= 1
      },
      Fault("batch 1 starts at chunk 5") { $0.batches.firstChunk[1] = 5 },
      Fault("token 8 is in chunk 7") { $0.tokens.chunk[8] = 7 },
      Fault("token 0 is not inside its segment 1") { $0.tokens.segment[0] = 1 },
      Fault("batches have 9 chunks, tokens fill 8") { $0.batches.chunkCount[1] = 5 },
      Fault("it has no tokens") { $0.tokens = .init() },
    ] as [Fault<RunBlock>])
  func tablesWithGaps(fault: Fault<RunBlock>) {
    let error = #expect(throws: RunFileError.self) { try append(fault.change) }
    #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "no error")")
  }

  @Test(
    "Definitions that cannot be stored are refused",
    arguments: [
      Fault("declared twice") { columns in columns.append(columns[0]) },
      Fault("cannot name a data set") { $0[0].name = "a/b" },
      Fault("cannot name a data set") { $0[0].experiment = "" },
      Fault("has an empty axis") { $0[0].rowShape = [0] },
      Fault("1 axis names for a row shape of 2 axes") { columns in
        columns[0].rowShape = [2, 3]
        columns[0].rowAxes = ["a"]
      },
      Fault("a name that the run file uses itself") { columns in
        columns[0].rowShape = [2]
        columns[0].rowAxes = ["token"]
      },
      Fault("has length 16, elsewhere 3") { columns in
        columns[0].rowShape = [3]
        columns[0].rowAxes = ["dimension"]
      },
    ] as [Fault<[ColumnDefinition]>])
  func badDefinitions(fault: Fault<[ColumnDefinition]>) {
    var columns = run.columns
    fault.change(&columns)
    let error = #expect(throws: RunFileError.self) {
      try RunInProgress(folder: folder.file("parts"), description: run.description, columns: columns, fingerprint: "f")
    }
    #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "no error")")
  }
}

/// A change that makes a good value unfit, and words of the answer it must get.
struct Fault<Value>: Sendable, CustomTestStringConvertible {
  let words: String
  let change: @Sendable (inout Value) -> Void

  init(_ words: String, _ change: @escaping @Sendable (inout Value) -> Void) {
    self.words = words
    self.change = change
  }

  var testDescription: String { words }
}

@Suite("Schema versions")
struct SchemaVersionTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("run.h5") }

  /// A small run, its description changed.
  private func write(_ change: (inout RunDescription) -> Void = { _ in }) throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    run.chunkLength = 16
    var description = run.description
    change(&description)
    let parts = try RunInProgress(
      folder: path + ".parts", description: description, columns: run.columns, fingerprint: "fabricated")
    for block in run.blocks() { try parts.append(block) }
    try parts.assemble(to: path, description: description)
    try parts.removeParts()
  }

  private func attribute(_ name: String, of object: String) throws -> AttributeValue? {
    try HDF5Library.locked { try HDF5File(reading: path).attribute(name, of: object) }
  }

  @Test("A run states the oldest version that describes it")
  func oldest() throws {
    try write()
    #expect(try attribute("schema_version", of: "/") == .integer(1))
    #expect(try attribute("reference", of: "/conditions/nf4") == nil)
    try write { $0.studyKeys = [.init(key: "seed", value: "0")] }
    #expect(try attribute("schema_version", of: "/") == .integer(1))
    #expect(try RunReader(path).description.studyKeys == [.init(key: "seed", value: "0")])
  }

  @Test("A condition that is compared with another than the baseline is beyond readers of version 1")
  func reference() throws {
    try write { $0.conditions[2].reference = "int8" }
    #expect(try attribute("schema_version", of: "/") == .integer(3))
    #expect(try attribute("reference", of: "/conditions/nf4") == .text("int8"))
    let description = try RunReader(path).description
    #expect(description.conditions.map { description.reference(of: $0)?.name } == [nil, "bf16", "int8"])
  }

  @Test("A reference that is not there makes a damaged description")
  func missingReference() throws {
    try write { $0.conditions[2].reference = "int4" }
    #expect {
      try RunReader(path)
    } throws: {
      "\($0)".contains("nf4 is compared with a condition that is not there")
    }
  }

  @Test(
    "What has its place in the schema and cannot be read yet is refused", arguments: ["rerun_of", "branch_of", "cache"])
  func reserved(name: String) throws {
    try write()
    try HDF5Library.locked {
      try HDF5File(extending: path).setAttribute(name, of: "/conditions/int8", to: .text("bf16"))
    }
    #expect(throws: RunFileError.unknownContent(path: path, object: "/conditions/int8@\(name)")) { try RunReader(path) }
  }

  @Test("A newer version is refused with both numbers")
  func newer() {
    let message = RunFileError.newerSchema(path: "run.h5", version: 4).description
    #expect(message.contains("schema 4") && message.contains("up to schema 3"))
  }
}
