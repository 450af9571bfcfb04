/// Reads JSON (RFC 8259) from UTF-8 bytes, value by value.
///
/// Why not Foundation's decoder: a tokenizer's vocabulary has keys that Swift's `String` holds to be equal
/// (é as one scalar and as two), so keys must be compared as bytes; and its half a million merges are read
/// without building a tree.
///
/// The reader views memory it does not own: use it inside the closure that lends the bytes.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0
  private var depth = 0
  private let allowsRepeatedKeys: Bool

  /// - Parameters:
  ///   - bytes: a byte order mark before the text is passed over.
  ///   - allowsRepeatedKeys: in trees, the last of several equal keys counts, as in Python.
  init(_ bytes: UnsafeRawBufferPointer, allowsRepeatedKeys: Bool = false) {
    self.bytes = bytes.bindMemory(to: UInt8.self)
    self.allowsRepeatedKeys = allowsRepeatedKeys
    if bytes.starts(with: ByteOrderMark.utf8) { position = ByteOrderMark.utf8.count }
  }

  /// Nesting allowed: far above any real file, far below the stack's end.
  private static let deepest = 200

  // MARK: Structure

  /// Reads an object; `member` must read or skip the value of every key. Keys come unescaped, in file order.
  mutating func readObject(_ member: (inout JSONReader, _ key: [UInt8]) throws -> Void) throws {
    try open("{")
    if accept("}") { return close() }
    var key: [UInt8] = []
    repeat {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      try readString(into: &key)
      try expect(":")
      try member(&self, key)
    } while accept(",")
    try expect("}")
    close()
  }

  /// Reads an array; `element` must read or skip one value.
  mutating func readArray(_ element: (inout JSONReader) throws -> Void) throws {
    try open("[")
    if accept("]") { return close() }
    repeat { try element(&self) } while accept(",")
    try expect("]")
    close()
  }

  /// True when the next value starts with `character`.
  mutating func startsWith(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return peek() == UInt8(ascii: character)
  }

  /// Throws unless only white space is left.
  mutating func finish() throws {
    skipSpace()
    if position < bytes.count { throw error("unexpected text after the end of the value") }
  }

  // MARK: Values

  /// Reads any value as a tree.
  mutating func readValue() throws -> JSONValue {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      var keys: [[UInt8]] = []
      try readObject { reader, key in
        let start = reader.position
        let old = members.updateValue(try reader.readValue(), forKey: String(decoding: key, as: UTF8.self))
        // Swift's texts are equal where their bytes need not be.
        if old != nil, !reader.allowsRepeatedKeys, keys.contains(key) {
          reader.position = start
          throw reader.error("the key \"\(String(decoding: key, as: UTF8.self))\" is given twice")
        }
        keys.append(key)
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try readArray { reader in elements.append(try reader.readValue()) }
      return .list(elements)
    case UInt8(ascii: "\""):
      return .text(try readString())
    case UInt8(ascii: "t"):
      try expect(word: "true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try expect(word: "false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try expect(word: "null")
      return .null
    default:
      return try readNumber()
    }
  }

  /// Reads a value and forgets it, checking its form.
  mutating func skipValue() throws {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): try readObject { reader, _ in try reader.skipValue() }
    case UInt8(ascii: "["): try readArray { reader in try reader.skipValue() }
    default: _ = try readValue()
    }
  }

  mutating func readString() throws -> String {
    var text: [UInt8] = []
    try readString(into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads a string into `text`, replacing what it held; the result is valid UTF-8.
  mutating func readString(into text: inout [UInt8]) throws {
    try expect("\"")
    text.removeAll(keepingCapacity: true)
    let start = position
    var plainStart = position
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        text.append(contentsOf: bytes[plainStart..<position])
        position += 1
        return
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[plainStart..<position])
        position += 1
        try readEscape(into: &text)
        plainStart = position
      case 0..<0x20:
        throw error(
          "a string holds a raw control character; write it as \\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
      case 0..<0x80:
        position += 1
      default:
        guard let length = UTF8Scan.scalarLength(in: bytes, at: position) else {
          throw error("a string is not valid UTF-8")
        }
        position += length
      }
    }
    position = start
    throw error("a string starts here and never ends")
  }

  /// Reads an integer; a number with a fraction or exponent is an error.
  mutating func readInteger() throws -> Int {
    skipSpace()
    let start = position
    guard case .integer(let value) = try readNumber() else {
      position = start
      throw error("expected an integer")
    }
    return value
  }

  // MARK: Pieces

  private mutating func readNumber() throws -> JSONValue {
    skipSpace()
    let start = position
    var isInteger = true
    _ = advance(over: UInt8(ascii: "-"))
    if !advance(over: UInt8(ascii: "0")) { try readDigits(from: start) }
    if advance(over: UInt8(ascii: ".")) {
      isInteger = false
      try readDigits(from: start)
    }
    if advance(over: UInt8(ascii: "e")) || advance(over: UInt8(ascii: "E")) {
      isInteger = false
      if !advance(over: UInt8(ascii: "+")) { _ = advance(over: UInt8(ascii: "-")) }
      try readDigits(from: start)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text) else { throw error("expected a number") }
    return .real(value)
  }

  private mutating func readDigits(from start: Int) throws {
    let first = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    if position == first {
      position = start
      throw error("expected a value")
    }
  }

  private mutating func readEscape(into text: inout [UInt8]) throws {
    guard let byte = peek() else { throw error("the file ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let start = position - 2
      var value = try readHexadecimal()
      if (0xd800..<0xdc00).contains(value), peek() == UInt8(ascii: "\\"),
        position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try readHexadecimal()
        if (0xdc00..<0xe000).contains(low) { value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00) }
      }
      guard let scalar = Unicode.Scalar(value) else {
        position = start
        throw error("a \\u escape names half of a surrogate pair, which is no character")
      }
      text.append(contentsOf: Array(String(scalar).utf8))
    default:
      position -= 1
      throw error("unknown escape in a string")
    }
  }

  private mutating func readHexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      bytes[position] != UInt8(ascii: "+")
    else { throw error("a \\u escape needs four hexadecimal digits") }
    position += 4
    return value
  }

  private func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func advance(over byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return advance(over: UInt8(ascii: character))
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard accept(character) else { throw error("expected '\(character)'") }
  }

  private mutating func expect(word: StaticString) throws {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[position..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw error("expected \(word)") }
    position = end
  }

  private mutating func open(_ character: Unicode.Scalar) throws {
    try expect(character)
    depth += 1
    if depth > Self.deepest { throw error("more than \(Self.deepest) levels of nesting") }
  }

  private mutating func close() {
    depth -= 1
  }

  // MARK: Errors

  /// An error at the present position.
  func error(_ reason: String) -> JSONError {
    let reason = ByteOrderMark.isUTF16(UnsafeRawBufferPointer(bytes)) ? "the text is UTF-16; save it as UTF-8" : reason
    let before = bytes[..<min(position, bytes.count)]
    let line = 1 + before.count { $0 == 0x0a }
    let column = 1 + before.count - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0)
    let found: String =
      switch peek() {
      case nil: "the end of the text"
      case .some(let byte) where byte < 0x20 || byte > 0x7e: "byte 0x" + String(byte, radix: 16)
      case .some(let byte): "'\(Unicode.Scalar(byte))'"
      }
    return JSONError(line: line, column: column, reason: reason, found: found)
  }
}

/// Where JSON text stops being JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Counted from 1; the column counts bytes.
  public let line: Int
  public let column: Int
  public let reason: String
  public let found: String

  public var description: String { "line \(line), column \(column): \(reason), found \(found)" }
}
