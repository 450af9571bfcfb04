import CCodecs

enum SnappyBlock {
  /// The length that the data state.
  static func plainCount(_ input: UnsafeRawBufferPointer) throws -> Int {
    var count = 0
    guard snappy_uncompressed_length(input.bindMemory(to: CChar.self).baseAddress, input.count, &count) == SNAPPY_OK
    else { throw damaged }
    // At most 64 bytes come from 3: a longer claim is damage, and would ask for memory in vain.
    guard count <= (input.count + 1) * 22 else { throw damaged }
    return count
  }

  static func decompress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
    let count = try plainCount(input)
    guard count == output.count else {
      throw CodecError(codec: "snappy", reason: "the data have \(count) bytes, not the \(output.count) stated")
    }
    var written = count
    let status = snappy_uncompress(
      input.bindMemory(to: CChar.self).baseAddress, input.count, output.bindMemory(to: CChar.self).baseAddress, &written
    )
    guard status == SNAPPY_OK else { throw damaged }
  }

  private static let damaged = CodecError(codec: "snappy", reason: "the data are damaged")
}
