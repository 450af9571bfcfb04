import Testing

@testable import Experiments

@Suite struct JSONReaderTests {
  private func parse(_ text: String) throws -> JSONValue {
    try Array(text.utf8).withUnsafeBytes { try JSONValue.parse($0) }
  }

  @Test(
    "values mean what RFC 8259 says",
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("-0", .integer(0)), ("12", .integer(12)),
      ("1e3", .real(1000)),
      ("-1.5E-2", .real(-0.015)), ("1180591620717411303424", .real(0x1p70)), ("\"\"", .text("")),
      ("[]", .list([])), ("[1, [2]]", .list([.integer(1), .list([.integer(2)])])), ("{}", .object([:])),
      ("{\"a\":{\"b\":null}}", .object(["a": .object(["b": .null])])), ("\"\\u00E9\\ud83d\\ude00\"", .text("é😀")),
      ("\r\n\t[ 1 ]\n", .list([.integer(1)])),
    ])
  func values(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
  }

  @Test(
    "what is no JSON is refused where it goes wrong",
    arguments: [
      ("", "line 1, column 1: expected a value, found the end of the text"),
      ("{\"a\": 1,}", "line 1, column 9: expected a key in double quotes, found '}'"),
      ("[1 2]", "line 1, column 4: expected ']', found '2'"),
      ("[1,\n 2\n", "line 3, column 1: expected ']', found the end of the text"),
      ("01", "line 1, column 2: unexpected text after the end of the value, found '1'"),
      ("1.", "line 1, column 1: expected a value, found '1'"),
      ("+1", "line 1, column 1: expected a value, found '+'"),
      ("NaN", "line 1, column 1: expected a value, found 'N'"),
      ("tru", "line 1, column 1: expected true, found 't'"),
      ("\"\\x\"", "line 1, column 3: unknown escape in a string, found 'x'"),
      ("\"\\u12g4\"", "line 1, column 4: a \\u escape needs four hexadecimal digits, found '1'"),
      (
        "\"\\udc00\"",
        "line 1, column 2: a \\u escape names half of a surrogate pair, which is no character, found '\\'"
      ),
      ("\"a\tb\"", "line 1, column 3: a string holds a raw control character; write it as \\u0009, found byte 0x9"),
      ("'a'", "line 1, column 1: expected a value, found '''"),
    ])
  func mistakes(text: String, expected: String) {
    #expect(message { _ = try parse(text) } == expected)
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    let bytes: [UInt8] = [0x22, 0xc0, 0xaf, 0x22]
    #expect(message { _ = try bytes.withUnsafeBytes { try JSONValue.parse($0) } }?.contains("not valid UTF-8") == true)
  }

  @Test func `endless nesting is refused before the stack ends`() {
    #expect(message { _ = try parse(String(repeating: "[", count: 100_000)) }?.contains("more than 200 levels") == true)
    #expect(
      message { _ = try parse(String(repeating: "{\"a\":", count: 100_000)) }?.contains("more than 200 levels") == true)
  }

  @Test func `keys that look alike stay apart as bytes`() throws {
    // é as one scalar and as two: equal Strings, different keys.
    var keys: [[UInt8]] = []
    try Array("{\"\u{e9}\": 1, \"e\u{301}\": 2}".utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      try reader.readObject { reader, key in
        keys.append(key)
        try reader.skipValue()
      }
    }
    #expect(keys == [[0xc3, 0xa9], [0x65, 0xcc, 0x81]])
  }
}
