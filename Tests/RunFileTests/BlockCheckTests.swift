import FabricatedRuns
import Foundation
@testable import RunFile
import Testing

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
