import Codecs

/// A PNG file of a drawing, with its resolution and provenance (chunks `pHYs` and `iTXt`; PNG specification, 11.3).
///
/// Drawings are flat colours: rows without filters compress better than libpng's guesses, and in a fraction of the time.
struct PNGFile {
  var width: Int
  var height: Int
  var pixelsPerInch: Int
  /// Keyword and text, UTF-8.
  var texts: [(String, String)]

  /// - Parameter pixels: 0x00RRGGBB in the machine's byte order, rows `stride` bytes apart, as Cairo keeps RGB24.
  func bytes(pixels: UnsafeRawPointer, stride: Int) -> [UInt8] {
    let rowBytes = 1 + 3 * width
    let rows = [UInt8](unsafeUninitializedCapacity: height * rowBytes) { out, count in
      for y in 0..<height {
        let row = pixels + y * stride
        var place = y * rowBytes
        out[place] = 0
        for x in 0..<width {
          let pixel = row.loadUnaligned(fromByteOffset: 4 * x, as: UInt32.self)
          out[place + 1] = UInt8(truncatingIfNeeded: pixel >> 16)
          out[place + 2] = UInt8(truncatingIfNeeded: pixel >> 8)
          out[place + 3] = UInt8(truncatingIfNeeded: pixel)
          place += 3
        }
      }
      count = height * rowBytes
    }
    let perMetre = UInt32((Double(pixelsPerInch) / 0.0254).rounded())
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    // Eight bits a channel, RGB; the one compression, the one set of filters, not interlaced.
    file += chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0])
    file += chunk("pHYs", bigEndian(perMetre) + bigEndian(perMetre) + [1])
    for (keyword, text) in texts {
      // Keyword, no compression, no language, no translated keyword, text.
      file += chunk("iTXt", Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8))
    }
    file += chunk("IDAT", zlibCompressed(rows, level: 3))
    return file + chunk("IEND", [])
  }

  private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(body.withUnsafeBytes { crc32($0) })
  }

  private func bigEndian(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
  }
}
