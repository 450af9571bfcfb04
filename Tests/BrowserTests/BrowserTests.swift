import Testing

/// Reports opened from disk in Chromium, one file with nothing beside it.
@Suite("The page in a browser", .serialized)
struct BrowserTests {
  /// Checks by name, and of how many things each must have looked at the least.
  private static let checks = [
    ("messages", 1), ("requests", 1), ("policy", 1), ("accessible in light", 1), ("accessible in dark", 1),
    ("accessible at 320 pixels", 1), ("no sideways scrolling", 5), ("found by search", 15), ("links", 15),
    ("keyboard", 60), ("details of numbers", 6), ("marks", 40), ("glossary", 15), ("sorting", 60), ("downloads", 20),
    ("without script", 20),
    ("print", 5), ("size", 1),
  ]

  @Test("Nothing is wrong in", arguments: [Examination.Page.oneModel, .twoModels], checks)
  func page(_ page: Examination.Page, check: (name: String, least: Int)) throws {
    let found = try #require(try Examination.of(page).checks[check.name], "the browser did not check \(check.name)")
    #expect(found.count >= check.least, "\(check.name): looked at \(found.count)")
    #expect(found.problems.isEmpty, "\(check.name):\n\(found.problems.joined(separator: "\n"))")
  }

  @Test(
    "Each check sees what is wrong on a page that was spoiled",
    arguments: [
      "messages", "requests", "policy", "accessible in light", "no sideways scrolling", "links",
      "keyboard", "details of numbers", "sorting", "downloads", "without script",
    ])
  func spoiled(check: String) throws {
    #expect(try Examination.of(.spoiled).checks[check]?.problems.isEmpty == false)
  }
}
