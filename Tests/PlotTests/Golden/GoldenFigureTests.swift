import Foundation
import Testing

@testable import Plot

/// Figures as a person last accepted them. `make review-figures` shows what differs, `make accept-figures` accepts it.
@Suite("Golden figures", .serialized)
struct GoldenFigureTests {
  private static let folder = Shipped.root.appendingPathComponent("Tests/PlotTests/Goldens/figures")
  private static let environment = ProcessInfo.processInfo.environment

  @Test("Every figure looks as it did when a person last accepted it")
  func asAccepted() throws {
    let only = Self.environment["CLEARBOX_FIGURES_ONLY"] ?? ""
    var golden = GoldenFolder(Self.folder)
    let review = FigureReview(folder: FigureReview.root, accepted: golden, accept: "make accept-figures")
    let renderer = FigureRenderer(
      fonts: try Shipped.fonts(), date: "2026-03-01T10:11:42Z", creator: "clearbox 1.0.0")
    let isAccepting = Self.environment["CLEARBOX_ACCEPT_FIGURES"] != nil

    var changes: [FigureChange] = []
    var expected: Set<String> = []
    for one in GoldenCase.all {
      expected.insert(one.name)
      let outcome = try one.outcome(renderer)
      let change = try Self.compare(one.name, outcome, golden, review)
      changes.append(change)
      if isAccepting, change.state != .same, one.name.hasPrefix(only) {
        try golden.accept(one.name, outcome)
        if case .drawn(let list, _) = outcome { _ = try review.keep(list, one.name, accepted: list.digest) }
        print("accepted \(one.name): \(change.reasons.joined(separator: " "))")
      }
    }
    for name in golden.names.subtracting(expected).sorted() {
      changes.append(
        FigureChange(
          name: name, state: .gone, reasons: ["No figure has this name any more."], golden: try golden.picture(name)))
      if isAccepting, name.hasPrefix(only) {
        golden.remove(name)
        print("removed \(name)")
      }
    }

    let differing = changes.filter { $0.state != .same }
    if isAccepting {
      try golden.save()
      let taken = differing.filter { $0.name.hasPrefix(only) }.count
      print("\(taken) of \(changes.count) figures accepted\(only.isEmpty ? "" : ", of those that begin with \(only)").")
      return
    }
    guard !differing.isEmpty || Self.environment["CLEARBOX_REVIEW_FIGURES"] != nil else { return }
    let page = try review.write(changes)
    print("figure review: \(page)")
    guard !differing.isEmpty else { return }
    Issue.record(
      """
      \(differing.count) of \(changes.count) figures are not as accepted:
      \(differing.map { "  \($0.name): \($0.reasons.joined(separator: " "))" }.joined(separator: "\n"))
      Look at them: make review-figures (now in \(page))
      Accept them: make accept-figures, or make accept-figures ONLY=\(differing[0].name)
      """)
  }

  private static func compare(
    _ name: String, _ outcome: GoldenCase.Outcome, _ golden: GoldenFolder, _ review: FigureReview
  ) throws -> FigureChange {
    var change = FigureChange(name: name, state: .same)
    change.golden = try golden.picture(name)
    let isKnown = golden.names.contains(name)
    switch outcome {
    case .refused(let text):
      change.words = text
      if golden.refusals[name] != text {
        let before = golden.refusals[name] ?? (change.golden == nil ? "nothing" : "a figure")
        change.reasons.append("It was \(before). It is now no figure, but \(text)")
      }
    case .drawn(let list, let picture):
      change.now = picture
      change.lines = try review.keep(list, name, accepted: golden.digests[name])
      guard isKnown else { break }
      if let words = golden.refusals[name] { change.reasons.append("It was no figure, but \(words)") }
      if let before = change.golden {
        change.difference = PerceptualDifference(before, picture)
        if let difference = change.difference {
          if difference.isVisible {
            change.reasons.append(
              String(
                format: "%.3f%% of the pixels differ visibly, in the worst tile %.1f%%.", difference.share * 100,
                difference.worstShare * 100))
          }
        } else {
          change.reasons.append(
            "It was \(before.width) × \(before.height) pixels and is \(picture.width) × \(picture.height).")
        }
      }
      if golden.digests[name] != list.digest {
        change.reasons.append(
          change.lines.isEmpty ? "The drawing differs." : "The drawing differs in \(change.lines.count) lines.")
      }
    }
    if !isKnown {
      change.reasons = ["It is new."]
      change.state = .new
    } else if !change.reasons.isEmpty {
      change.state = .changed
    }
    return change
  }
}
