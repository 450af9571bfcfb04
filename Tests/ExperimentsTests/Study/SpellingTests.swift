import Testing

@testable import Experiments

@Suite struct SpellingTests {
  @Test(
    "distance counts letters to insert, delete, replace or swap",
    arguments: [
      ("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("layer", "layr", 1), ("title", "titel", 1),
      ("ca", "abc", 3),
    ])
  func distance(a: String, b: String, expected: Int) {
    #expect(Spelling.distance(a, b) == expected)
    #expect(Spelling.distance(b, a) == expected)
  }

  @Test(
    "only a near word is offered",
    arguments: [
      ("layr", "layer"), ("Layer", "layer"), ("snapshot", "snapshots"), ("token_snapshots", "snapshots"), ("xyz", nil),
      ("experiment", nil),
    ])
  func nearest(word: String, expected: String?) {
    #expect(Spelling.nearest(to: word, in: ["layer", "snapshots", "path", "title"]) == expected)
  }
}
