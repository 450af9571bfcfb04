import Testing

@testable import Report

@Suite("Plain text for a terminal")
struct TextWriterTests {
  private func document(_ blocks: [Block]) -> Document {
    Document(
      title: "Title", subtitle: "", dateline: "", abstract: "",
      sections: [
        Section(Section.Key(rawValue: "one"), "First", [.paragraph("It begins.")]),
        Section(Section.Key(rawValue: "two"), "Second", blocks),
      ], facts: [:])
  }

  private let table = TableBlock(
    key: "t", caption: "Two rows.", columns: [.init("name"), .init("value", .right)],
    rows: [["a", "\(.worse, "✗") −1,234.5"], ["longer", "2"]], groups: ["left", "right"], remarks: "A note.")

  @Test("columns are aligned, groups titled, folds open, and the first section begins at once")
  func layout() {
    let text = TextWriter().write(
      document([
        .heading("Part"), .list(["one", "two"]), .table(table), .fold(Fold(title: "More", blocks: [.code("x\n  y")])),
        .note(Note(kind: .warning, title: "Beware", text: "It is so.")),
      ]))
    #expect(
      text == """
        It begins.

        Second
        ======

        Part
        ----

        - one
        - two

        Two rows.
          name         value
        left
          a       ✗ −1,234.5
        right
          longer           2
        A note.

        More:

          x
            y

        Beware. It is so.

        """)
  }

  @Test("colours change no column, and are there only where they are asked for")
  func colours() {
    let (plain, coloured) = (
      TextWriter().write(document([.table(table)])), TextWriter(isColoured: true).write(document([.table(table)]))
    )
    #expect(!plain.contains("\u{1B}") && coloured.contains("\u{1B}[31m✗\u{1B}[0m"))
    #expect(coloured.replacing(/\u{1B}\[\d+m/, with: "") == plain)
  }

  @Test("a name from a file does not move the cursor")
  func control() {
    let text = TextWriter(isColoured: true).write(document([.paragraph("name \u{1B}[2J\u{7}"), .code("\u{1B}[2J")]))
    #expect(!text.contains("\u{1B}") && !text.contains("\u{7}"))
  }
}
