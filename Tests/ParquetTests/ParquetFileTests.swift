import Digests
import Foundation
import Testing

@testable import Parquet

/// Files of four programs, and what pyarrow reads back from them: tools/golden/parquet.py.
@Suite struct ParquetFileTests {
  @Test("texts are those that pyarrow reads, whatever the codec, page version, encoding, pages and nulls")
  func agreesWithPyarrow() throws {
    let expected = try #require(Golden.expected as? [String: [String: Any]])
    #expect(expected.count == 42)
    for (name, columns) in expected.sorted(by: { $0.key < $1.key }) {
      try Golden.with(name) { file in
        #expect(file.rowCount == columns["rows"] as? Int, "\(name)")
        for (column, digest) in columns where column != "rows" {
          var count = 0
          var hasher = SHA256()
          try file.forEach(try file.texts(column)) { value in
            count += 1
            let length = UInt32(truncatingIfNeeded: value?.count ?? -1)
            withUnsafeBytes(of: length.littleEndian) { hasher.update(bufferPointer: $0) }
            if let value { hasher.update(bufferPointer: value) }
          }
          let hex = hasher.finalize().map { String(format: "%02x", $0) }.joined()
          #expect(count == file.rowCount && hex == digest as? String, "\(name), \(column)")
        }
      }
    }
  }

  @Test("columns are named by their path, and other types said in words")
  func columns() throws {
    try Golden.with("m-snappy-1-dict") { file in
      #expect(file.columns.map(\.name) == ["text", "meta.pile_set_name", "n"])
      #expect(
        Golden.message { _ = try file.texts("meta") }
          == "m-snappy-1-dict: has no column \"meta\"; it has text, meta.pile_set_name, n. Set corpus.text and corpus.source to columns' names."
      )
      #expect(
        Golden.message { _ = try file.texts("n") }
          == "m-snappy-1-dict: the column \"n\" holds whole numbers, not texts. Set corpus.text and corpus.source to columns of texts."
      )
    }
  }

  @Test(
    "what is not read is refused by name",
    arguments: [
      ("refused-brotli", "row group 0, column text: its data are compressed with Brotli, which clearbox does not read"),
      ("refused-lz4", "compressed with LZ4 (raw), which clearbox does not read. Write the file again"),
      ("refused-list", "the column \"text.list.element\" holds lists, not texts"),
      ("refused-encrypted", "is encrypted. Read it with the program that has its keys"),
      ("refused-encrypted-column", "is encrypted."),
    ])
  func refused(name: String, expected: String) throws {
    let message = Golden.message {
      try Golden.with(name) { file in
        let column = file.columns.first { $0.name.hasPrefix("text") }?.name ?? ""
        try file.forEach(try file.texts(column)) { _ in }
      }
    }
    #expect(message?.contains(expected) == true, "\(message ?? "no error")")
  }

  @Test("a changed page does not match its checksum, and the page is named")
  func checksum() throws {
    var bytes = try Golden.bytes("checksums")
    let place = try Golden.place(of: Array("quantized".utf8), in: bytes)
    bytes[place] ^= 1
    let message = Golden.message { try Golden.readAll(bytes) }
    #expect(
      message?.contains("row group 0, column text, page 1: the page's checksum is not that of its data") == true,
      "\(message ?? "no error")")
  }

  @Test("files that are cut off anywhere are errors")
  func truncated() throws {
    for name in ["m-zstd-2-dict", "delta-byte-array-1"] {
      let bytes = try Golden.bytes(name)
      for count in 0..<bytes.count {
        #expect(Golden.message { try Golden.readAll(Array(bytes[..<count])) } != nil)
      }
    }
  }

  @Test("a footer with structures nested without end is an error")
  func nested() throws {
    // Field 9, a structure, whose field 9 is a structure, …
    let footer = [UInt8](repeating: 0x9c, count: 100_000)
    let length = withUnsafeBytes(of: UInt32(footer.count).littleEndian, Array.init)
    let bytes = Array("PAR1".utf8) + footer + length + Array("PAR1".utf8)
    #expect(
      Golden.message { try Golden.readAll(bytes) }
        == "damaged, footer: structures are nested without end. The file is damaged: get it again.")
  }

  @Test("a field number beyond sixteen bits is no crash")
  func fieldNumber() {
    // A field of number 2⁶³ − 1 (a zigzag varint), whose next one is said to be one further.
    let footer: [UInt8] = [0x01] + [0xfe] + [UInt8](repeating: 0xff, count: 8) + [0x01] + [0x11, 0x00]
    let length = withUnsafeBytes(of: UInt32(footer.count).littleEndian, Array.init)
    let bytes = Array("PAR1".utf8) + footer + length + Array("PAR1".utf8)
    #expect(Golden.message { try Golden.readAll(bytes) } != nil)
  }

  @Test("bytes changed at random end in texts or in an error, never in a crash")
  func damaged() throws {
    var generator = Draw(state: 12)
    var errors = 0
    for name in [
      "m-none-1-plain", "m-none-2-dict", "m-snappy-2-dict", "m-gzip-1-plain", "m-zstd-1-dict", "delta-byte-array-2",
      "delta-length-byte-array-1", "dictionary-fallback", "long-runs", "required-2", "all-null", "refused-list",
    ] {
      let bytes = try Golden.bytes(name)
      for round in 0..<700 {
        var copy = bytes
        for _ in 0...Int(generator.next() % 3) {
          // Every other round in the last kilobyte, where the footer is.
          let window = round % 2 == 0 ? bytes.count : min(bytes.count, 1024)
          let place = bytes.count - 1 - Int(generator.next() % UInt64(window))
          copy[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        if Golden.message({ try Golden.readAll(copy) }) != nil { errors += 1 }
      }
    }
    #expect(errors > 3000)
  }

  /// Knuth's linear congruential generator.
  private struct Draw {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
