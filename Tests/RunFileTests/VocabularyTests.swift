import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("What the ids of a run's tokens say")
struct VocabularyTests {
  private let folder = TemporaryFolder()

  private func written(_ run: FabricatedRun, _ name: String) throws -> RunReader {
    try run.write(to: folder.file(name))
    return try RunReader(folder.file(name))
  }

  @Test("every id that occurs has its text, and the content hash covers it")
  func written() throws {
    let run = FabricatedRun()
    let reader = try written(run, "run.h5")
    let vocabulary = try #require(try reader.vocabulary())
    #expect(Set(vocabulary.keys) == Set(try reader.tokens().id))
    #expect(vocabulary.allSatisfy { $0.value == FabricatedRun.text(of: $0.key) })
    #expect(Set(vocabulary.values).count > 15)
    try reader.verify()
    var other = run
    other.hasVocabulary = false
    let without = try written(other, "without.h5")
    #expect(try without.vocabulary() == nil)
    #expect(without.contentSHA256 != reader.contentSHA256)
  }

  @Test("a rounded copy keeps it; a run in progress has none")
  func copies() throws {
    let run = FabricatedRun()
    let reader = try written(run, "run.h5")
    let copy = folder.file("copy.h5")
    try RoundedRun(reader, significantBits: 16).write(to: copy)
    #expect(try RunReader(copy).vocabulary() == reader.vocabulary())
    try run.writeParts(to: folder.file("parts"))
    #expect(try RunReader(partsFolder: folder.file("parts")).vocabulary() == nil)
  }

  @Test("texts with a zero byte, empty ones and long ones")
  func oddTexts() throws {
    let run = FabricatedRun()
    let parts = try run.writeParts(to: folder.file("parts"))
    let path = folder.file("run.h5")
    try parts.assemble(to: path, description: run.description) { id in
      switch id % 3 {
      case 0: "a\0b"
      case 1: ""
      default: String(repeating: "é", count: 100)
      }
    }
    let reader = try RunReader(path)
    let vocabulary = try #require(try reader.vocabulary())
    #expect(Set(vocabulary.values) == ["a<0x00>b", "", String(repeating: "é", count: 100)])
    try reader.verify()
  }
}
