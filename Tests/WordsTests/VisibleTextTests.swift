import Testing

@testable import Words

@Suite struct VisibleTextTests {
  @Test(
    "What steers a terminal or turns the direction of reading is shown; everything else stays",
    arguments: [
      ("plain – text “quoted” ▁ é 中文 שלום", "plain – text “quoted” ▁ é 中文 שלום"),
      ("\u{1b}[31mred\u{7}", "\\u{1B}[31mred\\u{7}"), ("a\rb", "a\\u{D}b"), ("\u{9b}2J", "\\u{9B}2J"),
      ("abc\u{202e}fdp.exe", "abc\\u{202E}fdp.exe"),
      ("\u{2066}x\u{2069}\u{200f}\u{61c}", "\\u{2066}x\\u{2069}\\u{200F}\\u{61C}"),
      ("two\nlines\tand a tab", "two\nlines\tand a tab"), ("\u{7f}\u{0}", "\\u{7F}\\u{0}"), ("", ""),
    ])
  func shown(text: String, expected: String) { #expect(VisibleText.of(text) == expected) }
}
