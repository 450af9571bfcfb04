import CCodecs

enum Zstandard {
  /// Hands out the plain data piece by piece. Frames may follow one another.
  static func stream(_ input: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let context = ZSTD_createDCtx() else { throw CodecError(codec: "zstd", reason: "Zstandard cannot start") }
    defer { ZSTD_freeDCtx(context) }
    // Windows beyond 2²⁷ bytes (zstd --long) are refused by default. Of their memory only what is used becomes resident.
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { scratch.deallocate() }
    guard input.count > 0 else { throw CodecError(codec: "zstd", reason: CodecError.endsEarly) }
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    while true {
      var target = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
      let status = ZSTD_decompressStream(context, &target, &source)
      if ZSTD_isError(status) != 0 {
        if ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation {
          throw CodecError(
            codec: "zstd", reason: "its window of up to 2 GiB does not fit into memory", cause: .memory)
        }
        throw CodecError(codec: "zstd", reason: String(cString: ZSTD_getErrorName(status)))
      }
      if target.pos > 0 { try take(UnsafeRawBufferPointer(rebasing: scratch[..<target.pos])) }
      // 0 says that a frame has ended and is written out, be the scratch full or not.
      if source.pos == source.size, status == 0 { return }
      if source.pos == source.size, target.pos < target.size {
        throw CodecError(codec: "zstd", reason: CodecError.endsEarly)
      }
    }
  }
}
