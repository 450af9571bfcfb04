import Foundation
import FuzzedReaders
import Testing

/// What fuzzing began with and what it found, read again: nothing may end the process, and nothing may take long.
@Suite("The fuzzer's inputs")
struct ReplayTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../corpus").standardizedFileURL

  @Test("Every reader outlives its inputs, in less than five seconds each", arguments: FuzzedReader.allCases)
  func replay(reader: FuzzedReader) throws {
    let folder = Self.corpus.appendingPathComponent(reader.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    try #require(!names.isEmpty)
    let scratch = try Scratch()
    for name in names {
      let bytes = try Array(Data(contentsOf: folder.appendingPathComponent(name)))
      let time = ContinuousClock().measure { bytes.withUnsafeBufferPointer { reader.read($0, in: scratch) } }
      #expect(time < .seconds(5), "\(name)")
    }
  }
}
