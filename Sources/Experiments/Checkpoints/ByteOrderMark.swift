/// The mark that programs on Windows put before a text.
enum ByteOrderMark {
  static let utf8: [UInt8] = [0xef, 0xbb, 0xbf]

  static func isUTF16(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
  }
}
