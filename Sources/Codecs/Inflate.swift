import CCodecs

/// zlib's inflate over gzip and zlib data.
enum Inflate {
  /// Hands out the plain data piece by piece. Members may follow one another; zeros after the last are padding.
  static func stream(_ input: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    var z = z_stream()
    guard ccodecs_inflate_init(&z) == Z_OK else { throw CodecError(codec: "gzip", reason: "zlib cannot start") }
    defer { inflateEnd(&z) }
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { scratch.deallocate() }
    var handedIn = 0
    while true {
      if z.avail_in == 0, handedIn < input.count {
        // zlib counts in 32 bits.
        let piece = UnsafeRawBufferPointer(rebasing: input[handedIn..<min(handedIn + 1 << 30, input.count)])
        z.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: UInt8.self).baseAddress)
        z.avail_in = UInt32(piece.count)
        handedIn += piece.count
      }
      z.next_out = scratch.bindMemory(to: UInt8.self).baseAddress
      z.avail_out = UInt32(scratch.count)
      let status = inflate(&z, Z_NO_FLUSH)
      let produced = scratch.count - Int(z.avail_out)
      if produced > 0 { try take(UnsafeRawBufferPointer(rebasing: scratch[..<produced])) }
      switch status {
      case Z_OK: continue
      case Z_STREAM_END:
        let rest = input[(handedIn - Int(z.avail_in))...]
        if rest.allSatisfy({ $0 == 0 }) { return }
        guard inflateReset(&z) == Z_OK else { throw CodecError(codec: "gzip", reason: "zlib cannot go on") }
      case Z_BUF_ERROR:
        // Nothing left to read, nothing to write: progress is impossible.
        throw CodecError(codec: "gzip", reason: CodecError.endsEarly)
      default:
        throw CodecError(codec: "gzip", reason: z.msg.map { String(cString: $0) } ?? "the data are damaged")
      }
    }
  }
}

/// CRC-32 as gzip and Parquet compute it.
public func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  UInt32(truncatingIfNeeded: crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
}
