/// Resolution and provenance for a PNG, which Cairo leaves out: chunks `pHYs` and `iTXt` (PNG specification, 11.3).
struct PNGMetadata {
  var pixelsPerInch: Int
  /// Keyword and text, UTF-8.
  var texts: [(String, String)]

  /// The file with the chunks after its header: 8 bytes of signature, 25 of `IHDR`.
  func inserted(into png: [UInt8]) -> [UInt8] {
    let headerEnd = 8 + 25
    guard png.count > headerEnd else { return png }
    let perMetre = UInt32((Double(pixelsPerInch) / 0.0254).rounded())
    var extra = chunk("pHYs", bigEndian(perMetre) + bigEndian(perMetre) + [1])
    for (keyword, text) in texts {
      // Keyword, no compression, no language, no translated keyword, text.
      extra += chunk("iTXt", Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8))
    }
    return Array(png[..<headerEnd]) + extra + Array(png[headerEnd...])
  }

  private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(Self.crc32(body))
  }

  private func bigEndian(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
  }

  /// CRC-32 as in ISO 3309, bit by bit: a figure has a few hundred bytes of metadata.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
