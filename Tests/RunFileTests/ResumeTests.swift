import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("An interrupted run")
struct ResumeTests {
  private let folder = TemporaryFolder()
  private var parts: String { folder.file("parts") }
  private var run: FabricatedRun {
    var run = FabricatedRun()
    run.chunkCount = 24
    run.chunkLength = 16
    return run
  }

  @Test("Interrupted and resumed, it gives the same bytes as in one go")
  func resumedRunIsIdentical() throws {
    try run.write(to: folder.file("one.h5"))
    try run.writeParts(to: parts, blocks: 1)
    let resumed = try run.writeParts(to: parts, blocks: 2)
    #expect(resumed.isResumed)
    #expect(resumed.finishedBlocks == 2)
    #expect(resumed.elapsedSeconds == 2)
    #expect(resumed.discarded == [])
    for block in run.blocks().dropFirst(2) { try resumed.append(block) }
    try resumed.assemble(to: folder.file("two.h5"), description: run.description, text: FabricatedRun.text(of:))
    #expect(try bytes(of: folder.file("one.h5")) == bytes(of: folder.file("two.h5")))
  }

  @Test("Cut into other blocks, it gives the same bytes")
  func blockSizeLeavesNoTrace() throws {
    try run.write(to: folder.file("one.h5"))
    var other = run
    other.batchesPerBlock = 5
    try other.write(to: folder.file("two.h5"))
    #expect(try bytes(of: folder.file("one.h5")) == bytes(of: folder.file("two.h5")))
  }

  @Test("A part that was being written is thrown away and said so")
  func leftoverTemporaryPart() throws {
    try run.writeParts(to: parts, blocks: 1)
    try put(Data("half a block".utf8), at: parts + "/block-000001.h5.partial")
    let resumed = try run.writeParts(to: parts, blocks: 0)
    #expect(resumed.finishedBlocks == 1)
    #expect(resumed.discarded == ["block-000001.h5.partial: was being written when the run stopped."])
    #expect(!folder.names("parts").contains("block-000001.h5.partial"))
  }

  @Test("A truncated last part is thrown away and measured again", arguments: [0, 1, 100, 3000])
  func truncatedPart(kept: Int) throws {
    try run.writeParts(to: parts, blocks: 2)
    let path = parts + "/block-000001.h5"
    try put(try bytes(of: path).prefix(kept), at: path)
    let resumed = try run.writeParts(to: parts, blocks: 0)
    #expect(resumed.finishedBlocks == 1)
    #expect(resumed.discarded.count == 1)
    #expect(resumed.discarded.first?.hasPrefix("block 1: its part cannot be read") == true)
    for block in run.blocks().dropFirst(1) { try resumed.append(block) }
    try resumed.assemble(to: folder.file("two.h5"), description: run.description, text: FabricatedRun.text(of:))
    try run.write(to: folder.file("one.h5"))
    #expect(try bytes(of: folder.file("one.h5")) == bytes(of: folder.file("two.h5")))
  }

  @Test("Damage inside a part is found on resuming, and what follows it is measured again too")
  func damagedFirstPart() throws {
    try run.writeParts(to: parts, blocks: 3)
    let path = parts + "/block-000001.h5"
    var part = try bytes(of: path)
    let offset = try chunkOffset(of: "/measurements/int8/sae/squared_error", in: path)
    part[offset + 20] ^= 0x40
    try put(part, at: path)
    let resumed = try run.writeParts(to: parts, blocks: 0)
    #expect(resumed.finishedBlocks == 1)
    #expect(resumed.discarded.count == 2)
    #expect(resumed.discarded.last == "block 2: follows a block that is missing or unfit.")
    #expect(folder.names("parts").filter { $0.hasSuffix(".h5") } == ["block-000000.h5"])
  }

  @Test("A folder of another study is refused and left alone")
  func otherStudy() throws {
    try run.writeParts(to: parts, blocks: 1)
    let before = folder.names("parts")
    let error = #expect(throws: RunFileError.self) {
      try RunInProgress(folder: parts, description: run.description, columns: run.columns, fingerprint: "another")
    }
    #expect(error == .otherStudy(folder: parts, stored: "fabricated 1", given: "another"))
    #expect(error?.description.contains("measured something else") == true)
    #expect(folder.names("parts") == before)
  }

  @Test("A folder with other measurements is refused, with their names")
  func otherColumns() throws {
    try run.writeParts(to: parts, blocks: 1)
    var fewer = run
    fewer.experiments = ["accuracy"]
    let error = #expect(throws: RunFileError.self) { try fewer.writeParts(to: parts) }
    #expect(error?.description.contains("it also measured noise_floor/squared_perturbation, sae/dot") == true)
  }

  @Test("The description keeps its first start time, and what was added to it")
  func keepsDescription() throws {
    try run.writeParts(to: parts, blocks: 1)
    do {
      let first = try run.writeParts(to: parts, blocks: 1)
      var description = first.description
      description.strata.medianNorm = 12.5
      try first.update(description)
    }
    var later = run.description
    later.provenance.startTime = "2027-01-01T00:00:00Z"
    let resumed = try RunInProgress(
      folder: parts, description: later, columns: run.columns, fingerprint: "fabricated 1")
    #expect(resumed.description.provenance.startTime == "2026-01-02T03:04:05Z")
    #expect(resumed.description.strata.medianNorm == 12.5)
  }

  @Test("The finished blocks can be read before the run ends")
  func partialReading() throws {
    try run.writeParts(to: parts, blocks: 2)
    try put(Data("half a block".utf8), at: parts + "/block-000002.h5.partial")
    let reader = try RunReader(partsFolder: parts)
    #expect(reader.isPartial)
    #expect(reader.tokenCount == 2 * 8 * 16)
    #expect(reader.contentSHA256 == nil)
    let blocks = run.blocks().prefix(2)
    #expect(try reader.tokens().id == blocks.flatMap(\.tokens.id))
    let key = ColumnKey(condition: "nf4", experiment: "sae", name: "vector_sum")
    #expect(try reader.doubles(key) == blocks.flatMap { $0.columns[key]!.doubles })
    #expect(reader.definition(of: key)?.rowShape == [4, 16])
  }

  @Test("A stopped run assembles into a file that says partial")
  func partialFile() throws {
    let inProgress = try run.writeParts(to: parts, blocks: 2)
    try inProgress.assemble(to: folder.file("run.h5"), description: run.description, isComplete: false)
    #expect(try RunReader(folder.file("run.h5")).isPartial)
  }

  @Test("An empty folder is no run in progress")
  func noRunInProgress() {
    #expect(throws: RunFileError.noRunInProgress(folder: folder.path)) { try RunReader(partsFolder: folder.path) }
  }
}

/// Where a data set's first stored chunk lies in its file, as h5py says.
func chunkOffset(of dataset: String, in path: String) throws -> Int {
  let printed = try Python.run(
    "import sys, h5py\nprint(h5py.File(sys.argv[1])[sys.argv[2]].id.get_chunk_info(0).byte_offset)", [path, dataset])
  return Int(printed.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
}
